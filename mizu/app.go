package mizu

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// App is a web application and an [http.Handler]; New makes it. It is set up in one goroutine (routes, Use,
// OnShutdown) before it serves; from then on any number of goroutines may use it.
type App struct {
	mux        *http.ServeMux
	middleware []func(http.Handler) http.Handler
	onShutdown []func(context.Context) error
	server     http.Server
	chain      func() http.Handler // mux within the middleware, built at the first request
	serving    atomic.Bool         // chain is built

	shutdown    sync.Once
	shutdownErr error         // written within the Once
	ended       chan struct{} // closed when Shutdown has done its work
}

// New returns an application without routes. Under Listen a peer has 10 s to send a request's headers and
// may be idle between requests for 2 minutes; a whole request has no limit, since streams last.
func New() *App {
	a := &App{mux: http.NewServeMux(), ended: make(chan struct{})}
	a.server = http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	a.chain = sync.OnceValue(a.build)
	return a
}

// Get has h answer GET and HEAD requests for pattern. Like Post, Put, Patch and Delete it panics if the
// pattern is malformed or conflicts with one that is already there.
func (a *App) Get(pattern string, h func(c *Ctx) error) { a.route("GET ", pattern, h) }

// Post has h answer POST requests for pattern.
func (a *App) Post(pattern string, h func(c *Ctx) error) { a.route("POST ", pattern, h) }

// Put has h answer PUT requests for pattern.
func (a *App) Put(pattern string, h func(c *Ctx) error) { a.route("PUT ", pattern, h) }

// Patch has h answer PATCH requests for pattern.
func (a *App) Patch(pattern string, h func(c *Ctx) error) { a.route("PATCH ", pattern, h) }

// Delete has h answer DELETE requests for pattern.
func (a *App) Delete(pattern string, h func(c *Ctx) error) { a.route("DELETE ", pattern, h) }

// Handle has any [http.Handler] answer requests for a pattern of [http.ServeMux], with a method or for all.
func (a *App) Handle(pattern string, h http.Handler) { a.mux.Handle(pattern, h) }

// Use puts middleware around every route, those added earlier included. What was added first is outermost.
// It panics once the application serves: a route must not have run without its guard.
func (a *App) Use(middleware func(http.Handler) http.Handler) {
	if a.serving.Load() {
		panic("mizu: Use after the first request: add middleware before the application serves")
	}
	a.middleware = append(a.middleware, middleware)
}

// ServeHTTP answers a request, so that an App can be mounted or tested like any handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.chain().ServeHTTP(w, r) }

func (a *App) route(method, pattern string, h func(*Ctx) error) {
	if h == nil {
		panic("mizu: the handler of " + method + pattern + " is nil")
	}
	a.mux.HandleFunc(method+pattern, func(w http.ResponseWriter, r *http.Request) {
		c := &Ctx{w: w, r: r}
		c.finish(h(c))
	})
}

func (a *App) build() http.Handler {
	a.serving.Store(true)
	var h http.Handler = a.mux
	for _, around := range slices.Backward(a.middleware) {
		h = around(h)
	}
	return h
}
