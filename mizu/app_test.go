package mizu_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livetopics/live/mizu"
)

// ask sends one request to app without a network and returns the answer's status and body.
func ask(t *testing.T, app http.Handler, method, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w.Code, strings.TrimSuffix(w.Body.String(), "\n")
}

func say(text string) func(*mizu.Ctx) error {
	return func(c *mizu.Ctx) error { return c.Text(text) }
}

func TestRoutesAnswerTheirMethodOnly(t *testing.T) {
	app := mizu.New()
	app.Get("/x", say("get"))
	app.Post("/x", say("post"))
	app.Put("/x", say("put"))
	app.Patch("/x", say("patch"))
	app.Delete("/x", say("delete"))
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if code, body := ask(t, app, method, "/x", ""); code != 200 || body != strings.ToLower(method) {
			t.Errorf("%s is answered with %d %q", method, code, body)
		}
	}
	if code, _ := ask(t, app, "TRACE", "/x", ""); code != 405 {
		t.Errorf("a method without route is answered with %d, not 405", code)
	}
	if code, _ := ask(t, app, "GET", "/y", ""); code != 404 {
		t.Errorf("a path without route is answered with %d, not 404", code)
	}
}

func TestHandleTakesAnyHandlerForAllMethods(t *testing.T) {
	app := mizu.New()
	app.Handle("/files/", http.StripPrefix("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, r.URL.Path)
	})))
	for _, method := range []string{"GET", "POST"} {
		if _, body := ask(t, app, method, "/files/a", ""); body != method+"/a" {
			t.Errorf("%s reached the handler as %q", method, body)
		}
	}
}

func TestUseWrapsEveryRouteTheFirstOutermost(t *testing.T) {
	app := mizu.New()
	mark := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, name, "(")
				next.ServeHTTP(w, r)
				fmt.Fprint(w, ")")
			})
		}
	}
	app.Get("/before", say("x"))
	app.Use(mark("a"))
	app.Use(mark("b"))
	app.Get("/after", say("x"))
	for _, path := range []string{"/before", "/after"} {
		if _, body := ask(t, app, "GET", path, ""); body != "a(b(x))" {
			t.Errorf("%s is answered with %q, not through both in order", path, body)
		}
	}
}

func TestMistakesOfRegistrationPanic(t *testing.T) {
	for name, mistake := range map[string]func(*mizu.App){
		"Use after the first request": func(app *mizu.App) {
			ask(t, app, "GET", "/", "")
			app.Use(func(next http.Handler) http.Handler { return next })
		},
		"no handler":        func(app *mizu.App) { app.Get("/", nil) },
		"a pattern twice":   func(app *mizu.App) { app.Get("/", say("")); app.Get("/", say("")) },
		"a broken pattern":  func(app *mizu.App) { app.Get("/{", say("")) },
		"a pattern w/o '/'": func(app *mizu.App) { app.Get("ws", say("")) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it went unnoticed")
				}
			}()
			mistake(mizu.New())
		})
	}
}

func TestConnectionCanBeHijackedThroughTheApp(t *testing.T) {
	app := mizu.New()
	app.Use(http.NewCrossOriginProtection().Handler)
	app.Get("/ws", mizu.Compat(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "taken over")
	})))
	web := httptest.NewServer(app)
	defer web.Close()

	conn, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
	if got, err := io.ReadAll(conn); err != nil || !bytes.Equal(got, []byte("taken over")) {
		t.Errorf("the hijacked connection carried %q, error %v", got, err)
	}
}
