package load

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many ready sockets one system call reports: few enough that the clock is looked at about
// every tenth of a millisecond.
const batch = 64

// poller is one epoll descriptor. Level-triggered: one read per report is enough, the rest is reported
// again.
type poller struct {
	fd     int
	events [batch]unix.EpollEvent
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("load: epoll_create1: %w", err)
	}
	return &poller{fd: fd}, nil
}

// watch reports fd when it is readable, or, with write, when it is writable too.
func (p *poller) watch(op, fd int, write bool) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if write {
		e.Events |= unix.EPOLLOUT
	}
	if err := unix.EpollCtl(p.fd, op, fd, &e); err != nil {
		return fmt.Errorf("load: epoll_ctl: %w", err)
	}
	return nil
}

// wait blocks until a socket is ready or for timeout, to the microsecond, and returns the ready ones.
// The slice holds until the next wait.
func (p *poller) wait(timeout time.Duration) ([]unix.EpollEvent, error) {
	n, errno := p.pwait(syscall.RawSyscall6, 0)
	if n == 0 && errno == 0 && timeout > 0 {
		n, errno = p.pwait(syscall.Syscall6, timeout)
	}
	if errno == unix.EINTR {
		return nil, nil
	}
	if errno != 0 {
		return nil, fmt.Errorf("load: epoll_pwait2: %w", errno)
	}
	return p.events[:n], nil
}

// pwait is epoll_pwait2(2) made by call: the raw one, which does not tell the scheduler, where the call
// cannot block. epoll_wait would round the timeout to milliseconds.
func (p *poller) pwait(call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno),
	timeout time.Duration,
) (int, syscall.Errno) {
	ts := unix.NsecToTimespec(int64(timeout))
	n, _, errno := call(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), batch,
		uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno != 0 {
		n = 0
	}
	return int(n), errno
}

// read reads what fd has into b without telling the scheduler: the socket does not block, and the call
// is made a million times. It returns 0 bytes and no error at the end of the stream.
func read(fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func (p *poller) close() { unix.Close(p.fd) }
