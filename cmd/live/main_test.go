package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// binary is the program under test, built by TestMain.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "live-test")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "live")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// process is a running `live serve`.
type process struct {
	cmd   *exec.Cmd
	addr  string        // where it listens
	ended chan struct{} // closed when all it wrote was read
	out   bytes.Buffer  // what it wrote: to be read after ended
}

var listening = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

// start runs the program with a port of its own, and returns when it says where it
// listens. It is killed when the test ends, if it still runs.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, append([]string{"serve"}, args...)...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "LIVE_ADDR=127.0.0.1:0")
	p.cmd.Env = append(p.cmd.Env, env...)
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	said := make(chan string, 1)
	go func() { // ends with the process's output
		defer close(p.ended)
		lines := bufio.NewScanner(io.TeeReader(r, &p.out))
		for lines.Scan() {
			if addr := listening.FindString(lines.Text()); addr != "" && len(said) == 0 && p.addr == "" {
				said <- addr
			}
		}
	}()
	go func() { // ends with the process
		p.cmd.Wait()
		w.Close()
	}()
	select {
	case p.addr = <-said:
	case <-p.ended:
		t.Fatalf("live serve %v ended:\n%s", args, &p.out)
	case <-time.After(20 * time.Second):
		t.Fatalf("live serve %v does not say where it listens", args)
	}
	return p
}

// fails runs the program, which must end by itself with that exit code, and returns
// what it wrote.
func fails(t *testing.T, code int, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("live %s ended with %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

// get asks the process over HTTP, for another host if one is given.
func (p *process) get(t *testing.T, path, host string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+p.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}
