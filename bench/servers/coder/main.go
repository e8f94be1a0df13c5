// Command coder is the job done with github.com/coder/websocket as its chat example says: a goroutine
// that reads, a goroutine that writes from a channel with a deadline per message, and whoever's channel is
// full is cut off. The library has no prepared frames; the channel holds 256 as in the other servers.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/livetopics/live/bench/internal/host"
)

const (
	writeTimeout = 5 * time.Second
	sendBuffer   = 256
)

var rooms host.Rooms[*subscriber]

type subscriber struct {
	conn     *websocket.Conn
	messages chan []byte
}

func (s *subscriber) queue(message []byte) {
	select {
	case s.messages <- message:
	default:
		go s.conn.Close(websocket.StatusPolicyViolation, "too slow")
	}
}

func (s *subscriber) read(ctx context.Context) error {
	for {
		_, message, err := s.conn.Read(ctx)
		if err != nil {
			return err
		}
		err = host.Act(message, func(topic string) {
			rooms.Join(topic, s)
			s.queue(host.Answer)
		}, func(topic string) {
			rooms.Each(topic, func(s *subscriber) { s.queue(message) })
		})
		if err != nil {
			log.Print(err)
		}
	}
}

func (s *subscriber) write(ctx context.Context) {
	for {
		select {
		case message := <-s.messages:
			if err := s.writeOne(ctx, message); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *subscriber) writeOne(ctx context.Context, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, message)
}

// serve runs one connection until it ends, in the handler, as the library's examples do.
func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		log.Print(err)
		return
	}
	defer conn.CloseNow()
	// Not the request's context, which the library warns of after a hijack.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &subscriber{conn: conn, messages: make(chan []byte, sendBuffer)}
	defer rooms.Leave(s)
	go s.write(ctx)
	_ = s.read(ctx)
}

func main() {
	host.Serve(host.Founding, http.HandlerFunc(serve))
}
