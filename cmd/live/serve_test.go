package main

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestHealthzAnswersOK(t *testing.T) {
	p := start(t, nil)
	if r, body := p.get(t, "/healthz", ""); r.StatusCode != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %s %q", r.Status, body)
	}
}

func TestTheStartUpLinesSayWhatToDoNext(t *testing.T) {
	p := start(t, nil)
	p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.ended
	said := p.out.String()
	for _, want := range []string{"http://" + p.addr, "ws://" + p.addr + "/ws", "/healthz", "two windows", "Ctrl+C"} {
		if !strings.Contains(said, want) {
			t.Errorf("the start-up lines lack %q:\n%s", want, said)
		}
	}
}

func TestThePageHasAPolicyThatAllowsNothingFromElsewhere(t *testing.T) {
	p := start(t, nil)
	for _, path := range []string{"/", "/demo/chat.js", "/demo/style.css"} {
		r, body := p.get(t, path, "")
		policy := r.Header.Get("Content-Security-Policy")
		if r.StatusCode != http.StatusOK || body == "" || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s, policy %q, %d bytes", path, r.Status, policy, len(body))
		}
	}
	if r, body := p.get(t, "/live.js", ""); r.StatusCode != http.StatusOK || !strings.Contains(body, "WebSocket") {
		t.Errorf("/live.js: %s", r.Status)
	}
}

func TestTheDemoCanBeSwitchedOff(t *testing.T) {
	for name, p := range map[string]*process{
		"by flag": start(t, nil, "--no-demo"), "by environment": start(t, []string{"LIVE_DEMO=false"}),
	} {
		if r, body := p.get(t, "/", ""); r.StatusCode != http.StatusNotFound || !strings.Contains(body, "--demo") {
			t.Errorf("%s: %s %q", name, r.Status, body)
		}
	}
}

func TestTheDemoIsOffBeyondLoopback(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1": true, "::1": true, "0.0.0.0": false, "192.0.2.7": false} {
		if got := new(serve).withDemo(&net.TCPAddr{IP: net.ParseIP(host)}); got != want {
			t.Errorf("on %s the demo is on: %v, want %v", host, got, want)
		}
	}
}

func TestOnLoopbackOnlyItsOwnNamesAreAnswered(t *testing.T) {
	p := start(t, nil, "--host=chat.example.com")
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200, "chat.example.com": 200,
		"evil.example": 403, "127.0.0.1.evil.example": 403, "localhost.evil.example:8080": 403,
	} {
		if r, body := p.get(t, "/healthz", host); r.StatusCode != want {
			t.Errorf("host %s: %s, want %d", host, r.Status, want)
		} else if want == 403 && !strings.Contains(body, "--host=") {
			t.Errorf("host %s: the refusal does not say what to do: %q", host, body)
		}
	}
}

func TestBadValuesGetASentence(t *testing.T) {
	for _, c := range []struct{ arg, env, want string }{
		{"--addr=8080", "", "HOST:PORT"},
		{"--addr=127.0.0.1:99999", "", "0 to 65535"},
		{"--origins=example.com", "", "https://app.example.com"},
		{"--host=https://x", "", "without scheme"},
		{"--queue-size=0", "", "at least 1"},
		{"", "LIVE_READ_LIMIT=-1", "at least 1"},
		{"", "LIVE_SHUTDOWN_TIMEOUT=soon", "LIVE_SHUTDOWN_TIMEOUT"},
		{"--no-such-flag", "", "unknown flag"},
	} {
		args := []string{"serve"}
		if c.arg != "" {
			args = append(args, c.arg)
		}
		said := fails(t, exitUsage, []string{c.env}, args...)
		if !strings.Contains(strings.ReplaceAll(said, "shutdown-timeout", "LIVE_SHUTDOWN_TIMEOUT"), c.want) {
			t.Errorf("%s%s: said %q, which lacks %q", c.arg, c.env, said, c.want)
		}
	}
}

func TestAnAddressInUseIsExplained(t *testing.T) {
	p := start(t, nil)
	said := fails(t, exitFailed, nil, "serve", "--addr="+p.addr)
	if !strings.Contains(said, "is in use") || !strings.Contains(said, "--addr=127.0.0.1:") {
		t.Errorf("said %q", said)
	}
}

func TestSignalsCloseSessionsCleanlyAndEndTheProcess(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil)
			nc, in := connect(t, p.addr)
			p.cmd.Process.Signal(signal)
			if code := closeCode(t, in); code != 1001 {
				t.Errorf("the session was closed with %d, want 1001", code)
			}
			nc.Close()
			<-p.ended
			if code := p.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("it ended with %d:\n%s", code, &p.out)
			}
		})
	}
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	p := start(t, nil, "--shutdown-timeout=1h")
	_, in := connect(t, p.addr) // and does not answer the close frame
	p.cmd.Process.Signal(syscall.SIGTERM)
	closeCode(t, in)
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("it still runs")
	}
}

// connect opens a WebSocket.
func connect(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	nc.Write([]byte("GET /ws HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	in := bufio.NewReader(nc)
	r, err := http.ReadResponse(in, nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("upgrade: %v, %v", r, err)
	}
	return nc, in
}

// closeCode reads up to the close frame, whose code it returns.
func closeCode(t *testing.T, in *bufio.Reader) int {
	t.Helper()
	for {
		head, err := in.Peek(2)
		if err != nil {
			t.Fatalf("no close frame: %v", err)
		}
		op, size := head[0]&0xF, int(head[1])
		in.Discard(2)
		if size == 126 {
			long, _ := in.Peek(2)
			size = int(long[0])<<8 | int(long[1])
			in.Discard(2)
		}
		payload, err := in.Peek(size)
		if err != nil {
			t.Fatal(err)
		}
		if op == 8 && size >= 2 {
			return int(payload[0])<<8 | int(payload[1])
		}
		in.Discard(size)
	}
}
