// Package main_test is the conformance suite of RFC 6455: a raw client over TCP
// says to the echo server what a good and a bad peer could say, and is strict about
// the answers: every frame, its order, the close code, the end of the connection.
// Every test runs over both kinds of socket.
package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
)

// kinds are the echo server's sockets, and the flags that choose them.
var kinds = []struct {
	name  string
	flags []string
}{
	{"epoll", nil},
	{"net", []string{"--net"}},
}

// buildFlags are those of go build for the servers.
var buildFlags []string

// servers are the addresses of the running echo servers, by kind. Set by TestMain.
var servers = map[string]string{}

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// runAll builds the echo server, starts one of each kind, runs the tests and stops
// the servers, which must end well: without a data race and without a panic.
func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "echo")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "echo")
	args := append([]string{"build", "-o", binary}, buildFlags...)
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building the echo server: %w\n%s", err, out)
	}
	for _, kind := range kinds {
		addr, stop, err := start(binary, kind.flags...)
		if err != nil {
			return 1, fmt.Errorf("echo server over %s: %w", kind.name, err)
		}
		defer func() {
			if e := stop(); e != nil {
				code, err = 1, fmt.Errorf("echo server over %s: %w", kind.name, e)
			}
		}()
		servers[kind.name] = addr
	}
	return m.Run(), nil
}

// address is where a server says that it listens, in any of its lines.
var address = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

// start runs an echo server on a free port of loopback, and returns its address
// and what stops it.
func start(binary string, flags ...string) (addr string, stop func() error, err error) {
	cmd := exec.Command(binary, append([]string{"--addr", "127.0.0.1:0"}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	var said bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(out, &said))
	for addr == "" && lines.Scan() {
		addr = address.FindString(lines.Text())
	}
	read := make(chan struct{})
	go func() { // owner: stop, which waits for it; ends with the server
		io.Copy(&said, out)
		close(read)
	}()
	stop = func() error {
		cmd.Process.Signal(syscall.SIGTERM)
		<-read
		return verdict(cmd.Wait(), said.Bytes())
	}
	if addr == "" {
		return "", nil, fmt.Errorf("it does not say where it listens: %w", stop())
	}
	return addr, stop, nil
}

// verdict is nil for a server that ran well until it was told to end.
func verdict(err error, said []byte) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		err = nil
	}
	if err == nil && (bytes.Contains(said, []byte("DATA RACE")) || bytes.Contains(said, []byte("panic"))) {
		err = errors.New("it has something to report")
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w, having said:\n%s", err, said)
}

// onEach runs a test against the server of each kind.
func onEach(t *testing.T, test func(t *testing.T, addr string)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) { test(t, servers[kind.name]) })
	}
}
