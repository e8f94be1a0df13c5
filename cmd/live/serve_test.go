package main

import (
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/livetopics/live/cmd/live/internal/wstest"
)

func TestSignalEndsItCleanly(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			p := begin(t)
			client := wstest.Dial(t, p.addr)
			p.signal(signal)
			if code, _ := client.ExpectClose(); code != 1001 {
				t.Errorf("the session was closed with %d, want 1001", code)
			}
			client.Hangup()
			if code, errs := p.wait(); code != 0 {
				t.Errorf("exit code %d: %s", code, errs)
			}
		})
	}
}

func TestSecondSignalEndsItAtOnce(t *testing.T) {
	p := begin(t, "--shutdown-timeout=1h")
	client := wstest.Dial(t, p.addr)
	p.signal(syscall.SIGTERM)
	client.ExpectClose() // and leave it unanswered, so that the server goes on waiting
	p.signal(syscall.SIGTERM)
	if code, _ := p.wait(); code != -1 {
		t.Errorf("exit code %d, want an end by the signal", code)
	}
}

func TestShutdownTimeoutCutsOffWhatIsLeft(t *testing.T) {
	p := begin(t, "--shutdown-timeout=20ms")
	client := wstest.Dial(t, p.addr)
	p.signal(syscall.SIGTERM)
	client.ExpectClose() // and leave it unanswered
	code, errs := p.wait()
	if code != exitFailed || !strings.Contains(errs, "not everything was closed within 20ms") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestAddressInUseNamesAnother(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	code, _, errs := output("serve", "--addr="+taken.Addr().String())
	if code != exitFailed || !strings.Contains(errs, "is in use") || !strings.Contains(errs, "live serve --addr=127.0.0.1:") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestProgramServesTheChat(t *testing.T) {
	p := begin(t)
	client := wstest.Dial(t, p.addr)
	client.SendText(`{"op":"call","id":1,"topic":"name","data":{"name":" Ada "}}`)
	var you struct{ Result struct{ Name string } }
	client.NextInto(&you)
	if you.Result.Name != "Ada" {
		t.Errorf("called %q", you.Result.Name)
	}
	client.SendText(`{"op":"subscribe","topic":"chat:lobby"}`)
	client.SendText(`{"op":"publish","topic":"chat:lobby","data":{"text":"hi"}}`)
	var said struct{ From, Text string }
	client.Expect("chat:lobby", &said)
	if said.From != "Ada" || said.Text != "hi" {
		t.Errorf("heard %+v", said)
	}
}

func TestProgramRefusesForeignHostsAndOrigins(t *testing.T) {
	p := begin(t, "--origins=https://app.example")
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"", "", 101},
		{"", "http://" + p.addr, 101},
		{"", "https://app.example", 101},
		{"", "https://evil.example", 403},
		{"evil.example", "http://evil.example", 403}, // a name that was rebound to 127.0.0.1
	} {
		header := http.Header{}
		if c.host != "" {
			header.Set("Host", c.host)
		}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		if _, resp := wstest.Try(t, p.addr, header); resp.StatusCode != c.want {
			t.Errorf("host %q, origin %q: %s, want %d", c.host, c.origin, resp.Status, c.want)
		}
	}
}

func TestReadLimitHolds(t *testing.T) {
	p := begin(t, "--read-limit=100")
	client := wstest.Dial(t, p.addr)
	client.Send("join", `{"name":"`+strings.Repeat("A", 100)+`"}`)
	if code, _ := client.ExpectClose(); code != 1009 {
		t.Errorf("the session was closed with %d, want 1009", code)
	}
}

func TestJSONLogReplacesTheStartUpLines(t *testing.T) {
	p := begin(t, "--log-format=json")
	p.signal(syscall.SIGTERM)
	code, output := p.wait()
	if code != 0 || !strings.Contains(output, `"msg":"serving"`) || strings.Contains(output, "Chat") {
		t.Errorf("exit code %d: %s", code, output)
	}
}
