package wstest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Serve starts h on loopback for the length of the test and returns its URL. At the end shutdown is called,
// usually (*live.Server).Shutdown, and must succeed.
func Serve(t testing.TB, h http.Handler, shutdown func(context.Context) error) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			t.Errorf("the shutdown: %v", err)
		}
		web.Close()
	})
	return web.URL
}

// LeavesCleanly checks what every one of these programs owes its clients: when it is told to end, it closes a
// session at path with 1001 (going away) and serve returns nil.
func LeavesCleanly(t *testing.T, path string, serve func(context.Context, net.Listener) error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l) }()
	c := Dial(t, "http://"+l.Addr().String()+path)
	c.frame(opPing, nil) // its answer shows that the session has begun
	c.skipTo(opPong)
	stop()
	if payload := c.skipTo(opClose); closeCode(payload) != 1001 {
		t.Errorf("the session was closed with %d, not 1001", closeCode(payload))
	}
	c.Cut()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(2 * patience):
		t.Error("it was told to end and did not")
	}
}

// Request makes a plain HTTP request with a JSON body and returns the answer's status and body.
func Request(t testing.TB, method, address, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(answer))
}
