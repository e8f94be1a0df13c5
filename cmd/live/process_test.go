package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is the program, running as one of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	addr   string // where it listens
	reader sync.WaitGroup
	output strings.Builder // all it wrote; to be read after wait
}

var listens = regexp.MustCompile(`ws://(\S+)/ws|"addr":"([^"]+)"`)

// begin starts `live serve` on a free port and waits until it listens. The process
// ends with the test, if it has not before.
func begin(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], append([]string{"serve", "--addr=127.0.0.1:0"}, args...)...)}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Env = append(os.Environ(), asProgram+"=yes")
	p.cmd.Stdout, p.cmd.Stderr = w, w
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	found := make(chan string, 1)
	p.reader.Go(func() { p.read(r, found) })
	p.addr = <-found
	if p.addr == "" {
		t.Fatal("it ended without listening")
	}
	return p
}

// read keeps what the process writes, and says where it listens, "" if it does not.
func (p *process) read(r *os.File, found chan<- string) {
	defer r.Close()
	defer close(found)
	said := false
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.output.WriteString(lines.Text() + "\n")
		if m := listens.FindStringSubmatch(lines.Text()); m != nil && !said {
			found <- m[1] + m[2]
			said = true
		}
	}
}

// signal sends one.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns the exit code, -1 if a signal ended it, and all it wrote. It fails
// the test if the process does not end.
func (p *process) wait() (code int, output string) {
	p.t.Helper()
	late := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	p.reader.Wait()
	_ = p.cmd.Wait() // its exit code says the same
	if !late.Stop() {
		p.t.Fatal("it did not end within 20 s")
	}
	return p.cmd.ProcessState.ExitCode(), p.output.String()
}
