// Command rooms is a chat with rooms in one rule: who may enter and speak, what a room remembers, who is in it.
// Clients subscribe and publish by themselves, get an answer to each, and after a lost connection what they
// missed; there is no OnMessage. docs/protocol.md has all that a client can send.
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
	"strings"
	"syscall"
	"time"

	"github.com/livetopics/live"
)

const usage = `rooms: in two terminals
  wscat -c 'ws://%[1]s/ws?name=ann'
  > {"op":"subscribe","id":1,"topic":"room:go","last":10,"presence":true}
  > {"op":"publish","id":2,"topic":"room:go","data":{"text":"hello"}}
`

// said is the data of a publication in a room.
type said struct {
	From string `json:"from"`
	Text string `json:"text"`
}

// options are the server's: who may connect, and who is who.
func options() live.Options {
	return live.Options{
		OnAuth:   authenticate,
		Identify: func(value any) (user string, info any) { return value.(string), nil },
	}
}

// register says what holds in rooms. Staff rooms are for those whose name begins with "staff-": the more specific
// pattern wins.
func register(server *live.Server) {
	room := live.Rule{
		CanSubscribe: live.Anyone,
		CanPublish:   live.Anyone,
		Accept:       accept,
		History:      live.History{Size: 100, Age: 24 * time.Hour},
		Presence:     true,
	}
	server.Topic("room:{name}", room)
	room.CanSubscribe, room.CanPublish = staff, staff
	server.Topic("room:staff", room)
}

// authenticate lets everybody in who gives a name. A real program would look at a cookie or a token here.
func authenticate(_ context.Context, r *http.Request) (any, error) {
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	if name == "" || len(name) > 40 {
		return nil, errors.New("name has 1 to 40 bytes: connect to /ws?name=ann")
	}
	return name, nil
}

// staff is a live.Check.
func staff(_ context.Context, s *live.Session, t live.Match) error {
	if !strings.HasPrefix(s.Value().(string), "staff-") {
		return live.Errorf(live.CodeForbidden, "%s is for staff", t.Topic)
	}
	return nil
}

// accept makes what is published of what a client sent: nobody speaks as somebody else.
func accept(_ context.Context, s *live.Session, _ live.Match, data []byte) ([]byte, error) {
	m := said{From: s.Value().(string)}
	var sent struct{ Text string }
	if err := json.Unmarshal(data, &sent); err != nil || sent.Text == "" || len(sent.Text) > 1000 {
		return nil, live.Errorf(live.CodeBadRequest, `say {"text":…} of 1 to 1000 bytes`)
	}
	m.Text = sent.Text
	return json.Marshal(m)
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
	server := live.New(options())
	register(server)
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }() // owner: this call; ends when Shutdown has closed l
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
