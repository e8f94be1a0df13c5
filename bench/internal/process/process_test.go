package process_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// script writes a shell script that stands in for a server.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// work keeps this thread busy until the process has used some CPU time.
func work(t *testing.T) time.Duration {
	t.Helper()
	start, err := process.CPU(process.Self)
	for err == nil {
		var now time.Duration
		if now, err = process.CPU(process.Self); now-start >= 30*time.Millisecond {
			return now - start
		}
	}
	t.Fatal(err)
	return 0
}

func TestCPUTimeIsReadOfOneselfAndOfOthers(t *testing.T) {
	used := work(t)
	byNumber, err := process.CPU(os.Getpid())
	if err != nil || byNumber < used {
		t.Errorf("the process has used %v of CPU time by its number, %v by itself; error %v", byNumber, used, err)
	}
}

func TestTheMachineUsesAtLeastWhatWeUse(t *testing.T) {
	before, err := process.Machine()
	if err != nil {
		t.Fatal(err)
	}
	used := work(t)
	after, err := process.Machine()
	// Counted in hundredths of a second, one of which may be missing at either end.
	if err != nil || after-before < used-20*time.Millisecond {
		t.Errorf("the machine used %v while this process used %v; error %v", after-before, used, err)
	}
}

func TestResidentMemoryGrowsWithWhatIsWrittenTo(t *testing.T) {
	before, err := process.Resident(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 32 << 20
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	after, err := process.Resident(os.Getpid())
	if err != nil || after-before < size*3/4 {
		t.Errorf("%d bytes more are resident after writing to %d; error %v", after-before, size, err)
	}
	if block[4096] != 1 {
		t.Error("the block is gone")
	}
}

func TestMemoryIsBelievedOnceItSettles(t *testing.T) {
	waits := 0
	got, err := process.Settled(os.Getpid(), func(time.Duration) error { waits++; return nil })
	if err != nil || got <= 0 || waits < 4 {
		t.Errorf("got %d bytes after %d waits, error %v", got, waits, err)
	}
}

func TestAServerIsTiedToItsProcessor(t *testing.T) {
	cpus, err := process.CPUs()
	if err != nil {
		t.Fatal(err)
	}
	last := cpus[len(cpus)-1]
	var inside []int
	err = process.OnCPU(last, func() (err error) {
		inside, err = process.CPUs()
		return err
	})
	if err != nil || !slices.Equal(inside, []int{last}) {
		t.Errorf("inside, the processors are %v, not just %d; error %v", inside, last, err)
	}
	if outside, _ := process.CPUs(); !slices.Equal(outside, cpus) {
		t.Errorf("outside, the processors became %v", outside)
	}
}

func TestATiedProcessHasOneProcessorInEveryThread(t *testing.T) {
	if os.Getenv("TIED") == "" { // once more, in a process of its own: it is for good
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "TIED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	cpus, err := process.CPUs()
	if err == nil {
		err = process.Tie(cpus[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	err = process.OnCPU(cpus[0], func() error { return nil }) // has a new thread started
	now, errNow := process.CPUs()
	if err != nil || errNow != nil || !slices.Equal(now, cpus[:1]) {
		t.Errorf("the processors are %v, not %v; %v, %v", now, cpus[:1], err, errNow)
	}
}

func TestAServerAnnouncesCollectsAndEnds(t *testing.T) {
	s, err := process.Start(script(t, `echo listening 127.0.0.1:7 founding
while read line; do echo collected; done`), process.AnyCPU)
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr != "127.0.0.1:7" || s.Dialect != "founding" || s.PID <= 0 {
		t.Errorf("it announced %q, %q, process %d", s.Addr, s.Dialect, s.PID)
	}
	if err := s.Collect(); err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatFailsSaysWhy(t *testing.T) {
	for name, text := range map[string]string{
		"at once":          "echo no port >&2; exit 1",
		"announcing":       "echo hello; echo no port >&2; exit 1",
		"with no dialect":  "echo listening 127.0.0.1:7; echo no port >&2; exit 1",
		"after announcing": "echo listening 127.0.0.1:7 founding; echo no port >&2; exit 1",
	} {
		s, err := process.Start(script(t, text), process.AnyCPU)
		if err == nil {
			err = s.Stop()
		}
		if err == nil || !strings.Contains(err.Error(), "no port") {
			t.Errorf("%s: got %v, want its standard error", name, err)
		}
	}
	if _, err := process.Start(filepath.Join(t.TempDir(), "nothing"), process.AnyCPU); err == nil {
		t.Error("a server that does not exist was started")
	}
}
