package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
	"github.com/livetopics/live/examples/internal/wstest"
)

// rooms serves one room where everybody may speak, and another for nobody.
func rooms(t *testing.T) string {
	server := live.New(live.Options{OnAuth: func(_ context.Context, r *http.Request) (any, error) {
		return r.URL.Query().Get("name"), nil
	}})
	server.Topic("room:{name}", live.Rule{
		CanSubscribe: live.Anyone, CanPublish: live.Anyone, History: live.History{Size: 10},
		Accept: func(_ context.Context, s *live.Session, _ live.Match, data []byte) ([]byte, error) {
			if string(data) == `{"text":""}` {
				return nil, live.Errorf(live.CodeBadRequest, "say something")
			}
			return []byte(`{"from":"` + s.Value().(string) + `",` + string(data[1:])), nil
		},
	})
	server.Topic("room:closed", live.Rule{})
	return wstest.Serve(t, server.Handler(), server.Shutdown)
}

// person is somebody who chats.
type person struct {
	t     *testing.T
	in    io.Writer
	lines chan string
	stop  func()
	ended chan error
}

func join(t *testing.T, address, name, room string) *person {
	in, typed := io.Pipe()
	seen, out := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	p := &person{t, typed, make(chan string, 100), stop, make(chan error, 1)}
	go func() {
		p.ended <- chat(ctx, address+"?name="+name, room, in, out)
		typed.Close()
		out.Close()
	}()
	go func() {
		for s := bufio.NewScanner(seen); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(stop)
	return p
}

func (p *person) says(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, text+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) sees(want string) {
	p.t.Helper()
	if got := wait(p.t, p.lines); got != want {
		p.t.Errorf("sees %q, want %q", got, want)
	}
}

// wait takes what comes, which must not take too long.
func wait[T any](t *testing.T, ch chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("waited too long")
		panic("not reached")
	}
}

func TestWhatOneTypesAnotherSees(t *testing.T) {
	url := rooms(t)
	ann := join(t, url, "ann", "room:go")
	ann.says("hello")
	ann.sees("ann: hello")
	bob := join(t, url, "bob", "room:go")
	bob.sees("ann: hello") // from before
	bob.says("")           // which is refused
	bob.says("good day")
	ann.sees("bob: good day")
}

func TestItEndsWithItsContext(t *testing.T) {
	ann := join(t, rooms(t), "ann", "room:go")
	ann.says("hello")
	ann.sees("ann: hello")
	ann.stop()
	if err := wait(t, ann.ended); err != nil {
		t.Error(err)
	}
}

func TestARoomThatIsClosedIsAnError(t *testing.T) {
	ann := join(t, rooms(t), "ann", "room:closed")
	var refused *client.Error
	if err := wait(t, ann.ended); !errors.As(err, &refused) || refused.Code != client.CodeForbidden {
		t.Errorf("it ended with %v", err)
	}
}

func TestWhatIsMissingIsShown(t *testing.T) {
	var out lines
	show(&out, &client.Message{Kind: client.KindLost})
	show(&out, &client.Message{Kind: client.KindJoin})
	if len(out) != 1 || out[0] != "(something is missing here)\n" {
		t.Errorf("shown: %q", out)
	}
}

// lines is what was written, each time.
type lines []string

func (l *lines) Write(p []byte) (int, error) {
	*l = append(*l, string(p))
	return len(p), nil
}
