package mizu

import (
	"errors"
	"log/slog"
)

// StatusError is an error that the client may see: handlers return it, bare or wrapped.
type StatusError struct {
	Status int    // 400 to 599; another is answered as 500
	Text   string // one sentence for the client
}

// Error returns a *StatusError, for a handler to return.
func Error(status int, text string) error { return &StatusError{Status: status, Text: text} }

// Error returns the text for the client.
func (e *StatusError) Error() string { return e.Text }

// finish ends the answer of a handler that has returned err.
func (c *Ctx) finish(err error) {
	if err == nil {
		if c.status != 0 && !c.sent {
			c.w.WriteHeader(c.status)
		}
		return
	}
	known := new(StatusError)
	if !errors.As(err, &known) || known.Status < 400 || known.Status > 599 {
		slog.ErrorContext(c.Context(), "mizu: a handler failed", "route", c.r.Pattern, "error", err)
		known = &StatusError{Status: 500, Text: "something failed here: the server's log says what"}
	}
	if !c.sent {
		c.status = known.Status
		_ = c.JSON(map[string]any{"error": map[string]any{"status": known.Status, "message": known.Text}})
	}
}
