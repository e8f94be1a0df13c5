package mizu

import (
	"context"
	"encoding/json"
	"net/http"
)

// Ctx is one request and its answer. It belongs to the handler, until the handler returns.
type Ctx struct {
	w      http.ResponseWriter
	r      *http.Request
	status int  // of the answer; 0: not chosen
	sent   bool // JSON or Text has answered
}

// Compat lets a route take any [http.Handler], such as (*live.Server).Handler. Its error is always nil.
func Compat(h http.Handler) func(*Ctx) error {
	return func(c *Ctx) error {
		h.ServeHTTP(c.w, c.r)
		return nil
	}
}

// Request returns the request as net/http gave it.
func (c *Ctx) Request() *http.Request { return c.r }

// Writer returns the writer that net/http gave, to set headers, stream or hijack. A handler that has
// written to it returns nil: the status has gone out already.
func (c *Ctx) Writer() http.ResponseWriter { return c.w }

// Context returns the request's context: it ends when the client goes away or the handler returns.
func (c *Ctx) Context() context.Context { return c.r.Context() }

// Param returns what stands in the path for {name} or {name...} of the pattern; "" for another name.
func (c *Ctx) Param(name string) string { return c.r.PathValue(name) }

// Query returns the first value of name in the URL's query; "" where there is none.
func (c *Ctx) Query(name string) string { return c.r.URL.Query().Get(name) }

// Status chooses the answer's status, 200 unless called, and returns c for JSON or Text to follow. Alone,
// as in c.Status(204), it is an answer without a body, sent when the handler returns nil.
func (c *Ctx) Status(code int) *Ctx {
	c.status = code
	return c
}

// JSON answers with v. An error means that v cannot be encoded and nothing was sent.
func (c *Ctx) JSON(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.send("application/json", append(body, '\n'))
}

// Text answers with s as plain text in UTF-8. Its error is always nil.
func (c *Ctx) Text(s string) error { return c.send("text/plain; charset=utf-8", []byte(s)) }

func (c *Ctx) send(contentType string, body []byte) error {
	c.w.Header().Set("Content-Type", contentType)
	if c.status != 0 {
		c.w.WriteHeader(c.status)
	}
	c.sent = true
	_, _ = c.w.Write(body) // fails where the client has gone: nobody is left to tell
	return nil
}
