package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

// get asks the routes for a path.
func get(t *testing.T, withDemo bool, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	server := live.New(live.Options{})
	t.Cleanup(func() {
		if err := server.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	w := httptest.NewRecorder()
	routes(server, withDemo).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestHealthIsAnswered(t *testing.T) {
	w := get(t, false, http.MethodGet, "/healthz")
	if w.Code != 200 || w.Body.String() != "ok\n" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q, %v", w.Code, w.Body, w.Header())
	}
}

func TestDemoHasAPage(t *testing.T) {
	w := get(t, true, http.MethodGet, "/")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
}

func TestWithoutDemoThePageSaysHowToHaveIt(t *testing.T) {
	w := get(t, false, http.MethodGet, "/")
	if w.Code != 404 || !strings.Contains(w.Body.String(), "--demo") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if w := get(t, false, http.MethodGet, "/demo/chat.js"); w.Code != 404 {
		t.Errorf("/demo/chat.js: %d", w.Code)
	}
}

func TestConnectionCodeIsThereWithAndWithoutDemo(t *testing.T) {
	for _, withDemo := range []bool{true, false} {
		w := get(t, withDemo, http.MethodGet, "/live.js")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
			t.Errorf("demo %v: %d, %v", withDemo, w.Code, w.Header())
		}
	}
}

func TestOtherPathsAndMethodsAreRefused(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/nothing", 404},
		{http.MethodGet, "/demo/", 404},
		{http.MethodGet, "/demo/index.html", 404},
		{http.MethodPost, "/", 405},
		{http.MethodGet, "/ws", 426},
		{http.MethodPost, "/ws", 405},
	} {
		if got := get(t, true, c.method, c.path).Code; got != c.want {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, got, c.want)
		}
	}
}
