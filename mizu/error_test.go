package mizu_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/livetopics/live/mizu"
)

// captureLog has the log go to the returned buffer for the length of the test.
func captureLog(t *testing.T) *bytes.Buffer {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func failing(err error) *mizu.App {
	app := mizu.New()
	app.Get("/{id}", func(*mizu.Ctx) error { return err })
	return app
}

func TestStatusErrorIsAnsweredAsJSON(t *testing.T) {
	log := captureLog(t)
	for name, err := range map[string]error{
		"bare":    mizu.Error(404, `no "x" here`),
		"wrapped": fmt.Errorf("reading the secret table: %w", mizu.Error(404, `no "x" here`)),
	} {
		code, body := ask(t, failing(err), "GET", "/x", "")
		if want := `{"error":{"message":"no \"x\" here","status":404}}`; code != 404 || body != want {
			t.Errorf("%s: got %d %s, want 404 %s", name, code, body, want)
		}
	}
	if log.Len() > 0 {
		t.Errorf("a refusal is not a fault, but was logged: %s", log)
	}
}

func TestUnknownErrorIsLoggedAndAnsweredWithoutItsText(t *testing.T) {
	for name, err := range map[string]error{
		"another error":        errors.New("password is hunter2"),
		"a status that is off": mizu.Error(200, "password is hunter2"),
	} {
		log := captureLog(t)
		code, body := ask(t, failing(err), "GET", "/x", "")
		if code != 500 || strings.Contains(body, "hunter2") || !strings.Contains(body, `"status":500`) {
			t.Errorf("%s: got %d %s, want 500 without the error's text", name, code, body)
		}
		if got := log.String(); !strings.Contains(got, "hunter2") || !strings.Contains(got, "GET /{id}") {
			t.Errorf("%s: the log has not the error and its route: %q", name, got)
		}
	}
}

func TestValueThatCannotBeEncodedSendsNothingOfIt(t *testing.T) {
	captureLog(t)
	app := mizu.New()
	app.Get("/", func(c *mizu.Ctx) error { return c.Status(201).JSON(make(chan int)) })
	if code, body := ask(t, app, "GET", "/", ""); code != 500 || !strings.Contains(body, `"error"`) {
		t.Errorf("got %d %s, want an error answer with 500", code, body)
	}
}

func TestErrorAfterTheAnswerOnlyReachesTheLog(t *testing.T) {
	log := captureLog(t)
	app := mizu.New()
	app.Get("/", func(c *mizu.Ctx) error {
		return errors.Join(c.Text("done"), errors.New("clean-up failed"))
	})
	if code, body := ask(t, app, "GET", "/", ""); code != 200 || body != "done" {
		t.Errorf("got %d %q, want the answer alone", code, body)
	}
	if !strings.Contains(log.String(), "clean-up failed") {
		t.Errorf("the log has not the error: %q", log)
	}
}
