//go:build !unix

package cluster

// Pause does nothing on this system.
func (p *Process) Pause() {}

// Continue does nothing on this system.
func (p *Process) Continue() {}
