package main

import (
	"io"
	"net/http"

	"github.com/livetopics/live"
	"github.com/livetopics/live/cmd/live/internal/demo"
)

// routes is everything that the program answers, by path.
func routes(server *live.Server, withDemo bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("GET /live.js", demo.Script())
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { ready(w, server) })
	if withDemo {
		mux.Handle("/", demo.Page())
	} else {
		mux.HandleFunc("GET /{$}", noDemo)
	}
	return mux
}

// healthy answers those who watch over the process.
func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	plain(w, http.StatusOK, "ok\n")
}

// ready answers load balancers: no when new clients are better sent elsewhere.
func ready(w http.ResponseWriter, server *live.Server) {
	w.Header().Set("Cache-Control", "no-store")
	if err := server.Ready(); err != nil {
		plain(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	line := "ok\n"
	if err := server.BrokerErr(); err != nil {
		line = "ok, but the broker cannot be reached: " + err.Error() + "\n"
	}
	plain(w, http.StatusOK, line)
}

// noDemo tells whoever looks for the page how to have it.
func noDemo(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusNotFound, "The chat is switched off here: live serve --demo serves it. The WebSocket is at /ws.\n")
}

// plain answers with a line of text.
func plain(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, line) // whoever asked may have gone
}
