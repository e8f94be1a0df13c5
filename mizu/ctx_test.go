package mizu_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/livetopics/live/mizu"
)

func TestParamAndQueryReadTheURL(t *testing.T) {
	app := mizu.New()
	app.Get("/rooms/{room}/files/{path...}", func(c *mizu.Ctx) error {
		return c.Text(c.Param("room") + "|" + c.Param("path") + "|" + c.Param("none") + "|" + c.Query("q") + "|" + c.Query("none"))
	})
	_, body := ask(t, app, "GET", "/rooms/go%2Flang/files/a/b?q=1%202&q=3", "")
	if want := "go/lang|a/b||1 2|"; body != want {
		t.Errorf("got %q, want %q", body, want)
	}
}

func TestAnswersCarryStatusTypeAndBody(t *testing.T) {
	for name, c := range map[string]struct {
		handler     func(*mizu.Ctx) error
		code        int
		contentType string
		body        string
	}{
		"JSON":             {func(c *mizu.Ctx) error { return c.JSON(map[string]int{"a": 1}) }, 200, "application/json", "{\"a\":1}\n"},
		"JSON with status": {func(c *mizu.Ctx) error { return c.Status(201).JSON("x") }, 201, "application/json", "\"x\"\n"},
		"text":             {func(c *mizu.Ctx) error { return c.Text("é") }, 200, "text/plain; charset=utf-8", "é"},
		"text with status": {func(c *mizu.Ctx) error { return c.Status(202).Text("x") }, 202, "text/plain; charset=utf-8", "x"},
		"status alone":     {func(c *mizu.Ctx) error { c.Status(204); return nil }, 204, "", ""},
		"nothing":          {func(*mizu.Ctx) error { return nil }, 200, "", ""},
		"the writer":       {func(c *mizu.Ctx) error { _, err := c.Writer().Write([]byte("x")); return err }, 200, "text/plain; charset=utf-8", "x"},
	} {
		app := mizu.New()
		app.Get("/", c.handler)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		got := w.Result().Header.Get("Content-Type")
		if w.Code != c.code || got != c.contentType || w.Body.String() != c.body {
			t.Errorf("%s: got %d %q %q, want %d %q %q", name, w.Code, got, w.Body, c.code, c.contentType, c.body)
		}
	}
}

func TestContextIsTheRequests(t *testing.T) {
	type key struct{}
	app := mizu.New()
	app.Get("/", func(c *mizu.Ctx) error { return c.Text(c.Context().Value(key{}).(string) + c.Request().URL.Path) })
	w := httptest.NewRecorder()
	ctx := context.WithValue(t.Context(), key{}, "here")
	app.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if w.Body.String() != "here/" {
		t.Errorf("got %q", w.Body)
	}
}
