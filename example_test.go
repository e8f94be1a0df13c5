package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/livetopics/live"
)

// The smallest server: whoever sends to the topic join is in the lobby, and what
// anybody sends to the lobby reaches all who are in it.
func Example() {
	var server *live.Server // declared first: the hooks refer to it
	server = live.New(live.Options{
		OnMessage: func(ctx context.Context, s *live.Session, topic string, data []byte) {
			switch topic {
			case "join":
				server.Subscribe(s, "chat:lobby")
			case "chat:lobby":
				server.Publish(topic, data)
			}
		},
	})
	http.Handle("/ws", server.Handler())
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}

// Who may connect is decided before the upgrade; what was found out goes along with
// the session.
func ExampleOptions_onAuth() {
	server := live.New(live.Options{
		OnAuth: func(ctx context.Context, r *http.Request) (any, error) {
			name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if !ok {
				return nil, errors.New("no token") // the client gets a 401
			}
			return name, nil
		},
		OnConnect: func(ctx context.Context, s *live.Session) error {
			return s.Server().Subscribe(s, "user:"+s.Value().(string))
		},
	})
	http.Handle("/ws", server.Handler())
}

// Inside OnClose, Topics still lists what the session was subscribed to.
func ExampleOptions_onClose() {
	var server *live.Server
	server = live.New(live.Options{
		OnClose: func(s *live.Session, err error) {
			for _, topic := range s.Topics() {
				server.Publish(topic, []byte(`{"event":"left"}`))
			}
			var ce *live.CloseError
			if errors.As(err, &ce) {
				log.Printf("session %s ended with code %d", s.ID(), ce.Code)
			}
		},
	})
	http.Handle("/ws", server.Handler())
}

// Anything in a program may publish: here, a handler of plain HTTP.
func ExampleServer_Publish() {
	server := live.New(live.Options{})
	http.HandleFunc("POST /orders/{id}/ship", func(w http.ResponseWriter, r *http.Request) {
		data, err := json.Marshal(map[string]string{"status": "shipped"})
		if err == nil {
			err = server.Publish("order:"+r.PathValue("id"), data)
		}
		if err != nil {
			http.Error(w, "not published", http.StatusInternalServerError)
		}
	})
}

// What is refused is sent to nobody, and logged as well.
func ExampleServer_Publish_refused() {
	server := live.New(live.Options{Logger: (&logBook{}).logger()})
	defer server.Shutdown(context.Background())
	err := server.Publish("chat:room 1", []byte(`{}`))
	fmt.Println(errors.Is(err, live.ErrInvalidTopic)) // its text names the fault and the place
	err = server.Publish("chat:room1", []byte(`{`))
	fmt.Println(errors.Is(err, live.ErrInvalidData))
	// Output:
	// true
	// true
}

// Send reaches one session alone.
func ExampleSession_Send() {
	server := live.New(live.Options{
		OnConnect: func(ctx context.Context, s *live.Session) error {
			return s.Send(live.Message{Topic: "notification", Data: []byte(`{"title":"Hello"}`)})
		},
	})
	http.Handle("/ws", server.Handler())
}

// http.Server.Shutdown knows nothing of WebSocket connections: it has to begin the
// shutdown of this server, and a program waits for both.
func ExampleServer_Shutdown() {
	server := live.New(live.Options{})
	httpServer := &http.Server{Addr: "127.0.0.1:8080", Handler: server.Handler()}
	done := make(chan error, 1)
	httpServer.RegisterOnShutdown(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		done <- server.Shutdown(ctx)
	})

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // ends with the signal
		<-ctx.Done()
		httpServer.Shutdown(context.Background())
	}()
	if err := httpServer.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-done
}
