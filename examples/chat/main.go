// Command chat is a chat with rooms. A room is the topic "chat:" and its name; a client says
//
//	{"topic":"join","data":{"room":"go"}}          and hears the room from then on
//	{"topic":"chat:go","data":{"text":"hello"}}    to everybody in the room
//	{"topic":"leave","data":{"room":"go"}}
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/page"
)

const usage = `chat: open http://%[1]s/ in two windows, or
  wscat -c 'ws://%[1]s/ws?name=ann'
  > {"topic":"join","data":{"room":"go"}}
  > {"topic":"chat:go","data":{"text":"hello"}}
`

var demo = page.Page{
	Title: "Chat rooms",
	About: "Open this page in two windows, change the name in one of them, join the room in both and speak.",
	Path:  "/ws?name=ann",
	Try: []page.Try{
		{Topic: "join", Data: `{"room":"go"}`},
		{Topic: "chat:go", Data: `{"text":"hello"}`},
		{Topic: "leave", Data: `{"room":"go"}`},
	},
}

// said is the data of a publication in a room.
type said struct {
	From string `json:"from"`
	Text string `json:"text"`
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	var server *live.Server // declared first: the hooks refer to it
	server = live.New(live.Options{
		OnAuth: authenticate,
		OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			var m struct{ Room, Text string }
			_ = json.Unmarshal(data, &m) // what does not fit stays empty, and is refused below
			switch {
			case topic == "join":
				// The session is told after Subscribe has returned: then it misses nothing that is said.
				answer(s, "joined", m.Room, server.Subscribe(s, "chat:"+m.Room))
			case topic == "leave":
				answer(s, "left", m.Room, server.Unsubscribe(s, "chat:"+m.Room))
			case m.Text != "" && slices.Contains(s.Topics(), topic): // who speaks in a room is in it
				// The name is the server's word, not the client's: nobody speaks as somebody else.
				if data, err := json.Marshal(said{From: s.Value().(string), Text: m.Text}); err == nil {
					_ = server.Publish(topic, data)
				}
			default:
				answer(s, "", topic, errors.New("say a text, in a room that you have joined"))
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	return mux, server
}

// authenticate lets everybody in who gives a name. A real program would look at a cookie or a token here.
func authenticate(_ context.Context, r *http.Request) (any, error) {
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	if name == "" || len(name) > 40 {
		return nil, errors.New("name has 1 to 40 bytes: connect to /ws?name=ann")
	}
	return name, nil
}

// answer tells one session what became of its wish. Errors of Send are not looked at: they mean that the
// session is ending, and OnClose is where to notice that.
func answer(s *live.Session, done, room string, err error) {
	if err != nil {
		data, _ := json.Marshal(map[string]string{"code": "bad_request", "message": err.Error()})
		_ = s.Send(live.Message{Topic: "error", Data: data})
		return
	}
	data, _ := json.Marshal(map[string]string{"room": room})
	_ = s.Send(live.Message{Topic: done, Data: data})
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "TCP address to listen on")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf(usage, l.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := serve(ctx, l); err != nil {
		log.Fatal(err)
	}
}

// serve answers on l until ctx ends. Then it takes nobody new, lets requests finish and every session have what
// waits for it, and closes the sessions with 1001 (going away), for 10 seconds at most.
func serve(ctx context.Context, l net.Listener) error {
	handler, server := newHandler()
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// net/http forgets a connection once it is a WebSocket, and does not wait for this function either.
	drained := make(chan error, 1)
	web.RegisterOnShutdown(func() { drained <- server.Shutdown(closing) })
	return errors.Join(web.Shutdown(closing), <-drained)
}
