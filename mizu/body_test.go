package mizu_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/mizu"
)

type item struct {
	Name  string    `json:"name"`
	Count int       `json:"count"`
	Until time.Time `json:"until"`
}

// post sends body to a handler that reads an item and answers with its name.
func post(body io.Reader, contentType string) *httptest.ResponseRecorder {
	app := mizu.New()
	app.Post("/", func(c *mizu.Ctx) error {
		var v item
		if err := c.BodyJSON(&v); err != nil {
			return err
		}
		return c.Text(v.Name)
	})
	r := httptest.NewRequest("POST", "/", body)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func TestBodyJSONReadsUpToOneMiB(t *testing.T) {
	name := strings.Repeat("x", 1<<20-len(`{"name":""}`))
	for body, want := range map[string]string{
		`{"name":"a","more":true}`: "a",
		` {"name":"é\u00e9"} `:     "éé",
		`{"name":"` + name + `"}`:  name,
	} {
		w := post(strings.NewReader(body), "application/json; charset=utf-8")
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("a body of %d bytes is answered with %d %.80s", len(body), w.Code, w.Body)
		}
	}
}

func TestBodyJSONRefusesWithAReason(t *testing.T) {
	const typed = "application/json"
	for name, c := range map[string]struct {
		body, contentType string
		code              int
		reason            string
	}{
		"a form":            {`name=x`, "application/x-www-form-urlencoded", 415, "send application/json"},
		"text":              {`{}`, "text/plain", 415, "send application/json"},
		"no type":           {`{}`, "", 415, "send application/json"},
		"a byte too many":   {`"` + strings.Repeat("x", 1<<20-1) + `"`, typed, 413, "1 MiB"},
		"nothing":           {``, typed, 400, "empty"},
		"half a value":      {`{"name":`, typed, 400, "unexpected end"},
		"two values":        {`{} {}`, typed, 400, "after top-level value"},
		"not JSON":          {`hello`, typed, 400, "invalid character 'h'"},
		"the wrong field":   {`{"count":"three"}`, typed, 400, "body.count is a JSON string where int is wanted"},
		"the wrong whole":   {`[]`, typed, 400, "body is a JSON array"},
		"a decoder's error": {`{"until":"tomorrow"}`, typed, 400, "tomorrow"},
	} {
		w := post(strings.NewReader(c.body), c.contentType)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.reason) {
			t.Errorf("%s: got %d %s, want %d with %q", name, w.Code, w.Body, c.code, c.reason)
		}
	}
}

func TestBodyJSONTakesTypesBuiltOnJSON(t *testing.T) {
	if w := post(strings.NewReader(`{"name":"x"}`), "application/merge-patch+json"); w.Code != 200 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// cut is a body whose sender goes away.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, errors.New("connection reset by 192.0.2.1") }

func TestBodyJSONCallsABrokenBodyTheClientsFault(t *testing.T) {
	w := post(cut{}, "application/json")
	if w.Code != 400 || strings.Contains(w.Body.String(), "192.0.2.1") {
		t.Errorf("got %d %s, want 400 without the network's words", w.Code, w.Body)
	}
}

func TestBodyJSONIntoNoPointerIsTheProgramsFault(t *testing.T) {
	app := mizu.New()
	app.Post("/", func(c *mizu.Ctx) error { return c.BodyJSON(item{}) })
	if code, body := ask(t, app, "POST", "/", `{}`); code != 500 {
		t.Errorf("got %d %s, want 500", code, body)
	}
}
