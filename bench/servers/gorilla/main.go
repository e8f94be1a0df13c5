// Command gorilla is the job done with github.com/gorilla/websocket as its chat example says: a read and
// a write goroutine per connection, a channel of 256 between the room and the writer, a ticker for
// pings, and prepared messages, which frame a publication once for all.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/livetopics/live/bench/internal/host"
)

// The chat example's own limits.
const (
	writeWait  = 10 * time.Second
	pongWait   = 60 * time.Second
	pingPeriod = pongWait * 9 / 10
	maxMessage = 512
	sendBuffer = 256
)

var (
	upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
	rooms    host.Rooms[*client]
)

type client struct {
	conn *websocket.Conn
	send chan *websocket.PreparedMessage
	done chan struct{} // closed when the read pump ends
}

// queue hands m to the write pump; a client that is 256 behind is cut off.
func (c *client) queue(m *websocket.PreparedMessage) {
	select {
	case c.send <- m:
	default:
		c.conn.Close()
	}
}

func (c *client) readPump() {
	defer func() {
		rooms.Leave(c)
		close(c.done)
		c.conn.Close()
	}()
	c.conn.SetReadLimit(maxMessage)
	_ = c.conn.SetReadDeadline(time.Now().Add(pongWait))
	c.conn.SetPongHandler(func(string) error { return c.conn.SetReadDeadline(time.Now().Add(pongWait)) })
	for {
		_, message, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		err = host.Act(message, func(topic string) {
			rooms.Join(topic, c)
			c.queue(prepare(host.Answer))
		}, func(topic string) {
			m := prepare(message)
			rooms.Each(topic, func(c *client) { c.queue(m) })
		})
		if err != nil {
			log.Print(err)
		}
	}
}

func (c *client) writePump() {
	ticker := time.NewTicker(pingPeriod)
	defer func() {
		ticker.Stop()
		c.conn.Close()
	}()
	for {
		var err error
		select {
		case m := <-c.send:
			_ = c.conn.SetWriteDeadline(time.Now().Add(writeWait))
			err = c.conn.WritePreparedMessage(m)
		case <-ticker.C:
			_ = c.conn.SetWriteDeadline(time.Now().Add(writeWait))
			err = c.conn.WriteMessage(websocket.PingMessage, nil)
		case <-c.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func prepare(message []byte) *websocket.PreparedMessage {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, message)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func main() {
	host.Serve(host.Founding, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			log.Print(err)
			return
		}
		c := &client{conn: conn, send: make(chan *websocket.PreparedMessage, sendBuffer), done: make(chan struct{})}
		go c.writePump()
		go c.readPump()
	}))
}
