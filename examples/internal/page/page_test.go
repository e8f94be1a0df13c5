package page_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livetopics/live/examples/internal/page"
)

func get(path string) *httptest.ResponseRecorder {
	p := page.Page{Title: "<Chat>", Path: "/ws?name=ann", Try: []page.Try{{Topic: "join", Data: `{"room":"\"go\""}`}}}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestPageEscapesWhatItIsGiven(t *testing.T) {
	body := get("/").Body.String()
	for _, want := range []string{"&lt;Chat&gt;", `value="/ws?name=ann"`, `data-message="{&#34;room&#34;:&#34;\&#34;go\&#34;&#34;}"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s:\n%s", want, body)
		}
	}
}

func TestPageAllowsNoInlineScript(t *testing.T) {
	w := get("/")
	if csp := w.Result().Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %q", csp)
	}
	if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "onclick") {
		t.Error("the page has inline script, which its own policy forbids")
	}
}

func TestPageServesItsFilesAndNothingElse(t *testing.T) {
	for path, code := range map[string]int{"/": 200, "/page.js": 200, "/page.css": 200, "/page.html": 404, "/page.go": 404, "/x": 404} {
		if got := get(path).Code; got != code {
			t.Errorf("%s is answered with %d, not %d", path, got, code)
		}
	}
}
