// Package page is the page that the examples serve at /: it opens their WebSocket, shows what arrives, and
// sends what one types or one of the program's own suggestions. The programs would do without it.
package page

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed page.html page.css page.js
var files embed.FS

var index = template.Must(template.ParseFS(files, "page.html"))

// policy lets a page load and run its own files and nothing else; a script that somebody smuggled into a
// message has nothing to run it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page says what is special about one program's page.
type Page struct {
	Title string // of the page, such as "Chat rooms"
	About string // one sentence: what to do and what will be seen
	Path  string // of the WebSocket, with an example's query: "/ws?name=ann"
	Try   []Try  // messages to send at a click
}

// Try is a message that the page offers to send.
type Try struct {
	Topic string
	Data  string // a JSON value
}

// Handler serves the page at /, its script at /page.js, its style at /page.css, and 404 elsewhere.
func (p Page) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_ = index.Execute(w, p) // fails where the client has gone
	})
	mux.Handle("GET /page.js", http.FileServerFS(files))
	mux.Handle("GET /page.css", http.FileServerFS(files))
	return mux
}
