package demo_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/livetopics/live/cmd/live/internal/demo"
)

func get(h http.Handler, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPagePolicyAllowsNothingInlineAndNothingForeign(t *testing.T) {
	w := get(demo.Page(), "/", nil)
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("%q is missing in %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %q", policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestPageHasNeitherInlineScriptNorStyle(t *testing.T) {
	page := get(demo.Page(), "/", nil).Body.String()
	for _, inline := range []string{`<script>`, `<style`, ` style=`, `javascript:`, ` on\w+=`} {
		if found := regexp.MustCompile(inline).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

func TestPageFindsAllItsFiles(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/", demo.Page())
	mux.Handle("/live.js", demo.Script())
	links := regexp.MustCompile(`(?:src|href)="([^"#]+)"|from "([^"]+)"`)
	todo, done := []string{"/"}, map[string]bool{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if done[path] {
			continue
		}
		done[path] = true
		w := get(mux, path, nil)
		if w.Code != 200 || w.Header().Get("Content-Type") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", path, w.Code, w.Header())
		}
		for _, m := range links.FindAllStringSubmatch(w.Body.String(), -1) {
			todo = append(todo, strings.Replace(m[1]+m[2], "./", "/demo/", 1))
		}
	}
	for _, want := range []string{"/live.js", "/demo/chat.js", "/demo/outbox.js", "/demo/style.css", "/demo/icon.svg"} {
		if !done[want] {
			t.Errorf("nothing leads to %s", want)
		}
	}
}

func TestFilesAreAskedForAgainAndSentOnlyWhenChanged(t *testing.T) {
	first := get(demo.Page(), "/demo/chat.js", nil)
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("the headers are %v", first.Header())
	}
	again := get(demo.Page(), "/demo/chat.js", http.Header{"If-None-Match": {tag}})
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes", again.Code, again.Body.Len())
	}
}

func TestPagesOfOtherOriginsMayLoadTheConnectionCode(t *testing.T) {
	w := get(demo.Script(), "/live.js", nil)
	if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the headers are %v", w.Header())
	}
}

func TestNothingForeignIsNamedInTheFiles(t *testing.T) {
	for _, path := range []string{"/", "/demo/style.css", "/demo/feed.css", "/demo/chat.js"} {
		body := get(demo.Page(), path, nil).Body.String()
		if found := regexp.MustCompile(`(?:https?:)?//[a-z]+\.[a-z]+`).FindString(body); found != "" {
			t.Errorf("%s names %q", path, found)
		}
	}
}
