//go:build !linux || 386 || s390x

package engine

import "net"

func newPoller(*loop) (poller, error) { return newBell(), nil }

func (l *loop) newSocket(c *Conn, nc net.Conn) socket { return newNetSocket(c, nc) }
