package demo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"path"
	"time"
)

//go:embed web
var web embed.FS

// policy lets the page run its own files and talk to its own server: neither
// inline script or style, nor anything from elsewhere, nor a frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page serves the demo: its page at / and its files under /demo/. Everything
// comes from memory, with a content security policy, and with an ETag so that
// nothing stale survives a new version of the program.
func Page() http.Handler {
	mux := http.NewServeMux()
	entries, err := web.ReadDir("web")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, entry := range entries {
		switch name := entry.Name(); name {
		case "index.html":
			mux.Handle("GET /{$}", private(file(name)))
		case "live.js":
		default:
			mux.Handle("GET /demo/"+name, private(file(name)))
		}
	}
	return mux
}

// Script serves live.js, the connection code that any page may use: also pages
// of other origins, which the server's allowed origins then let connect or not.
func Script() http.Handler {
	serve := file("live.js")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		serve.ServeHTTP(w, r)
	})
}

// private adds the headers that keep a page to itself.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// file serves one embedded file.
func file(name string) http.Handler {
	content, err := web.ReadFile(path.Join("web", name))
	if err != nil {
		panic(err) // the files are part of the program
	}
	sum := sha256.Sum256(content)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	kind := contentTypes[path.Ext(name)]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	})
}

// contentTypes by the file's extension. A machine's own table could call a script
// something that browsers refuse to run.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}
