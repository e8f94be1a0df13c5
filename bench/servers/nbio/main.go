// Command nbio is the job done with github.com/lesismal/nbio as its examples for many connections say:
// its own HTTP engine on epoll, no goroutine per connection, buffers given back after each message.
package main

import (
	"log"
	"net"
	"net/http"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"

	"github.com/livetopics/live/bench/internal/host"
)

// patience is how long a silent peer is kept, as in the other servers.
const patience = time.Minute

func main() {
	logging.SetLevel(logging.LevelError)
	var rooms host.Rooms[*websocket.Conn]
	upgrader := websocket.NewUpgrader()
	upgrader.KeepaliveTime = patience
	upgrader.OnClose(func(c *websocket.Conn, _ error) { rooms.Leave(c) })
	upgrader.OnMessage(func(c *websocket.Conn, _ websocket.MessageType, message []byte) {
		err := host.Act(message, func(topic string) {
			rooms.Join(topic, c)
			_ = c.WriteMessage(websocket.TextMessage, host.Answer)
		}, func(topic string) {
			rooms.Each(topic, func(c *websocket.Conn) {
				_ = c.WriteMessage(websocket.TextMessage, message)
			})
		})
		if err != nil {
			log.Print(err)
		}
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if _, err := upgrader.Upgrade(w, r, nil); err != nil {
			log.Print(err)
		}
	})

	// The engine makes its own listener; it is handed the one of the flags.
	ln := host.Listen()
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network:                 "tcp",
		Addrs:                   []string{ln.Addr().String()},
		Listen:                  func(string, string) (net.Listener, error) { return ln, nil },
		MaxLoad:                 20_000,
		ReleaseWebsocketPayload: true,
		ReadBufferSize:          4 << 10,
		IOMod:                   nbhttp.IOModNonBlocking,
		Handler:                 mux,
	})
	if err := engine.Start(); err != nil {
		log.Fatal(err)
	}
	host.Run(ln.Addr(), host.Founding)
}
