// Command limit is not a library but the floor under all of them: a program that does nothing but a loop
// of plain write(2) calls, one per subscriber and message, of the same bytes over the same kind of
// sockets. One thread, one epoll descriptor, no queues, no deadlines, no order to keep between writers:
// what it pays per delivery at a pace that allows no batching is the kernel's own price.
package main

import (
	"log"
	"net"

	"github.com/livetopics/live/bench/internal/host"
)

func main() {
	ln := host.Listen()
	file, err := ln.(*net.TCPListener).File()
	if err != nil {
		log.Fatal(err)
	}
	l, err := newLoop(file)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(l.run()) }()
	host.Run(ln.Addr(), host.Founding)
}
