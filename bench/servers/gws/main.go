// Command gws is the job done with github.com/lxzan/gws as its README says: an event handler, a
// Broadcaster per publication that builds the frame once, and a read loop in a goroutine of its own so
// that the request can be collected. Parallel handling stays off, or a publisher's order would be lost.
package main

import (
	"bytes"
	"log"
	"net/http"
	"time"

	"github.com/lxzan/gws"

	"github.com/livetopics/live/bench/internal/host"
)

// patience is how long a silent peer is kept, as in the other servers; the README's own handler sets it
// the same way.
const patience = time.Minute

type handler struct {
	gws.BuiltinEventHandler
	rooms host.Rooms[*gws.Conn]
}

func (h *handler) OnOpen(c *gws.Conn) { _ = c.SetDeadline(time.Now().Add(patience)) }

func (h *handler) OnPing(c *gws.Conn, _ []byte) {
	_ = c.SetDeadline(time.Now().Add(patience))
	_ = c.WritePong(nil)
}

func (h *handler) OnClose(c *gws.Conn, _ error) { h.rooms.Leave(c) }

func (h *handler) OnMessage(c *gws.Conn, message *gws.Message) {
	defer message.Close()
	err := host.Act(message.Bytes(), func(topic string) {
		h.rooms.Join(topic, c)
		_ = c.WriteMessage(gws.OpcodeText, host.Answer)
	}, func(topic string) {
		// A broadcast goes on after this handler, whose message is then used again.
		b := gws.NewBroadcaster(gws.OpcodeText, bytes.Clone(message.Bytes()))
		defer b.Close()
		h.rooms.Each(topic, func(c *gws.Conn) { _ = b.Broadcast(c) })
	})
	if err != nil {
		log.Print(err)
	}
}

func main() {
	upgrader := gws.NewUpgrader(&handler{}, &gws.ServerOption{Recovery: gws.Recovery})
	host.Serve(host.Founding, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r)
		if err != nil {
			log.Print(err)
			return
		}
		go c.ReadLoop()
	}))
}
