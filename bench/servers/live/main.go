// Command live is the job done with this project's library, through its public API alone.
package main

import (
	"context"
	"log"

	"github.com/livetopics/live"
	"github.com/livetopics/live/bench/internal/host"
)

func main() {
	var server *live.Server
	server = live.New(live.Options{
		OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			if topic != "subscribe" {
				check(server.Publish(topic, data))
				return
			}
			room, err := host.Room(data)
			check(err)
			check(server.Subscribe(s, room))
			check(s.Send(live.Message{Topic: "subscribed", Data: []byte(`{}`)}))
		},
	})
	host.Serve(host.Founding, server.Handler())
}

// check logs what goes wrong: the generator, which misses the delivery, then shows why.
func check(err error) {
	if err != nil {
		log.Print(err)
	}
}
