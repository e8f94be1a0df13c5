package external

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// patience is how long a broker may take to start, to answer or to end.
const patience = 10 * time.Second

// Broker is one that runs. Its methods are for one goroutine.
type Broker struct {
	URL  string // as clients want it: redis://…, nats://…
	Addr string // host:port that clients connect to
	PID  int

	requests func() (int64, error) // see Requests

	dir   string // its files, which go when it stops
	cmd   *exec.Cmd
	ended chan struct{} // closed once the process has ended and errs is whole
	said  bytes.Buffer  // its output; read only after ended
	stop  sync.Once
}

// start runs a command with its files in dir. The kernel kills it when this program is gone, whatever end it had.
func start(dir, path string, args ...string) (*Broker, error) {
	b := &Broker{dir: dir, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	b.cmd.Dir = dir
	b.cmd.Stdout, b.cmd.Stderr = &b.said, &b.said
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	// Owned by b; ends when the process does.
	go b.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("external: starting %s: %w", path, err)
	}
	b.PID = b.cmd.Process.Pid
	return b, nil
}

// run starts the process and waits for its end. It keeps the thread to itself meanwhile: that one's end would
// count as this program's, and kill the process (prctl(2), PR_SET_PDEATHSIG).
func (b *Broker) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := b.cmd.Start()
	started <- err
	if err == nil {
		_ = b.cmd.Wait() // Stop kills it: how it ended says nothing
	}
	close(b.ended)
}

// until calls ready until it returns nil. It fails when the process ends, and when ready fails for too long.
func (b *Broker) until(ready func() error) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-b.ended:
			return fmt.Errorf("external: %s ended: %s", b.cmd.Path, b.said.Bytes())
		case <-tick.C:
			if err = ready(); err == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("external: %s was not ready within %v: %w", b.cmd.Path, patience, err)
}

// Requests returns how many commands, or messages, clients have sent to the broker since it started.
func (b *Broker) Requests() (int64, error) { return b.requests() }

// Stop kills the broker, waits until it has ended, and removes its files. A second call does nothing. It fails
// where the broker had ended by itself, with what it said.
func (b *Broker) Stop() (err error) {
	b.stop.Do(func() {
		select {
		case <-b.ended:
			err = fmt.Errorf("external: %s had died: %s", b.cmd.Path, b.said.Bytes())
		default:
			_ = b.cmd.Process.Kill()
			<-b.ended
		}
		err = errors.Join(err, os.RemoveAll(b.dir))
	})
	return err
}

// freePort returns a port of loopback that was free a moment ago, for programs that cannot choose one themselves.
func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("external: %w", err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}
