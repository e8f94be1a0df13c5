//go:build linux

package live_test

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/livetopics/live"
)

// fileConn is a client's connection made without the help of package net, which would
// want a descriptor more.
type fileConn struct{ *os.File }

func (fileConn) LocalAddr() net.Addr  { return nil }
func (fileConn) RemoteAddr() net.Addr { return nil }

// exhaust takes all descriptors that the process may have. free gives some back, and
// restore all, together with the limit.
func exhaust(t *testing.T) (free func(n int), restore func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	low := limit
	low.Cur = uint64(descriptors() + 64)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	var held []int
	free = func(n int) {
		for range n {
			syscall.Close(held[len(held)-1])
			held = held[:len(held)-1]
		}
	}
	restore = func() {
		free(len(held))
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	for {
		fd, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err == syscall.EMFILE {
			return free, restore
		}
		if err != nil {
			restore()
			t.Fatal(err)
		}
		held = append(held, fd)
	}
}

// sockets are clients that have their descriptors before there are no more.
func sockets(t *testing.T, n int) []int {
	t.Helper()
	list := make([]int, n)
	for i := range list {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = fd
	}
	return list
}

// join connects a socket to the server, which need not accept it at once.
func (r *rig) join(t *testing.T, fd int) net.Conn {
	t.Helper()
	addr := r.http.Listener.Addr().(*net.TCPAddr)
	to := &syscall.SockaddrInet4{Port: addr.Port, Addr: [4]byte(addr.IP.To4())}
	if err := syscall.Connect(fd, to); err != nil {
		t.Fatalf("connect: %v", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	nc := fileConn{os.NewFile(uintptr(fd), "client")}
	t.Cleanup(func() { nc.Close() })
	return nc
}

func TestWithoutDescriptorsThoseWhoAreThereAreServedAndOthersLater(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		var there []*client
		for range 4 {
			c, s := r.pair(t)
			r.subscribe(t, s, "n")
			there = append(there, c)
		}
		late := sockets(t, 2)
		free, restore := exhaust(t)
		defer restore()
		joining := []net.Conn{r.join(t, late[0]), r.join(t, late[1])}
		eventually(t, "accepting fails", func() bool { return r.log.has("Accept error", "too many open files") })

		for _, c := range there {
			c.send(t, "echo", "1")
			c.want(t, "echo", "1")
		}
		r.publish(t, "n", "2")
		for _, c := range there {
			c.want(t, "n", "2")
		}

		for _, nc := range joining { // one descriptor each: enough to be accepted, not for a second one
			free(1)
			c, answer, err := r.askOver(nc)
			if err != nil || c == nil {
				t.Fatalf("the one who waited was answered %v, %v", answer, err)
			}
			r.subscribe(t, within(t, "its session", r.joined), "n")
			c.send(t, "echo", "3")
			c.want(t, "echo", "3")
			there = append(there, c)
		}
		restore()
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		r.publish(t, "n", "4")
		for _, c := range append(there, c) {
			c.want(t, "n", "4")
		}
	})
}

func TestAServerCanBeMadeWithoutDescriptors(t *testing.T) {
	_, restore := exhaust(t)
	defer restore()
	book := &logBook{}
	r := newRig(tcpSocket, live.Options{OnMessage: echo, Logger: book.logger()})
	restore()
	if !book.has("level=WARN", "too many open files") {
		t.Error("it was not logged")
	}
	r.start(t, r.server.Handler(), 0)
	c := r.dial(t)
	c.send(t, "echo", "1")
	c.want(t, "echo", "1")
}

func TestAnIdleSessionHasNoGoroutineAndOneDescriptor(t *testing.T) {
	const n = 300
	r := serve(t, tcpSocket, live.Options{})
	r.pair(t)
	goroutines, files := runtime.NumGoroutine(), descriptors()
	for range n {
		_, s := r.pair(t)
		r.subscribe(t, s, "n")
	}
	// Theirs is one descriptor, the client's end another one in this process.
	eventually(t, "only the descriptors are more", func() bool {
		return runtime.NumGoroutine() <= goroutines+2 && descriptors() <= files+2*n
	})
}
