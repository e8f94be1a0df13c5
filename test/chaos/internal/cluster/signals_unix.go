//go:build unix

package cluster

import "syscall"

// Pause stops the program where it is.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP, false) }

// Continue lets it go on.
func (p *Process) Continue() { p.signal(syscall.SIGCONT, false) }
