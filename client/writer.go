package client

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"
)

// outgoing is a frame that is to be written.
type outgoing struct {
	frame   []byte
	pending *pending      // of an operation
	written chan struct{} // closed when it is written, if somebody waits for that
}

// enqueue has an operation written, and p told of its answer. body are the members after
// the id. c.mu is held, and n has not ended.
func (n *connection) enqueue(op string, body []byte, p *pending) (id uint64) {
	n.client.lastID++
	id = n.client.lastID
	if len(n.pending) == 0 {
		n.asked = time.Since(n.opened)
	}
	n.pending[id] = p
	n.queue = append(n.queue, outgoing{frame: append(operation(op, id), body...), pending: p})
	n.stir()
	return id
}

// stir wakes the writer.
func (n *connection) stir() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// write writes what is queued until the connection ends, and asks a silent server for a
// sign of life.
func (n *connection) write() {
	timer := time.NewTimer(n.client.o.Timeouts.Silence)
	defer timer.Stop()
	for n.ctx.Err() == nil {
		frames, idle := n.take()
		if len(frames) > 0 {
			if err := n.sendAll(frames); err != nil {
				n.fail(fmt.Errorf("writing: %w", err))
				return
			}
			continue
		}
		if idle <= 0 {
			if err := n.ping(); err != nil {
				n.fail(errSilent)
				return
			}
			continue
		}
		timer.Reset(idle)
		select {
		case <-n.wake:
		case <-timer.C:
		case <-n.ctx.Done():
		}
	}
}

// take returns what is to be written, and for how long nothing needs to be done if that
// is nothing.
func (n *connection) take() (frames []outgoing, idle time.Duration) {
	n.client.mu.Lock()
	defer n.client.mu.Unlock()
	now := time.Now()
	idle = n.patience(now.Sub(n.opened))
	if next, some := n.client.askLater(n, now); some {
		idle = min(idle, max(next, time.Millisecond))
	}
	frames, n.queue = n.queue, nil
	for _, o := range frames {
		if o.pending != nil {
			o.pending.sent = true
		}
	}
	return frames, idle
}

func (n *connection) sendAll(frames []outgoing) error {
	for _, o := range frames {
		if err := n.send(o.frame); err != nil {
			return err
		}
		if o.written != nil {
			close(o.written)
		}
	}
	return nil
}

// patience is for how long more the server may be silent.
func (n *connection) patience(now time.Duration) time.Duration {
	heard := time.Duration(n.heard.Load())
	if len(n.pending) == 0 {
		return heard + n.client.o.Timeouts.Silence - now
	}
	return max(heard, n.asked) + min(n.client.o.Timeouts.Answer, n.client.o.Timeouts.Silence) - now
}

// send writes one message, for as long as even a slow connection should need.
func (n *connection) send(frame []byte) error {
	patience := n.client.o.Timeouts.Answer + time.Duration(len(frame)>>16)*time.Second
	if n.socket != nil {
		n.socket.SetWriteDeadline(time.Now().Add(patience)) // that it is closed, Write says
		defer n.socket.SetWriteDeadline(time.Time{})        // the library writes too: pongs
		return n.ws.Write(n.within, websocket.MessageText, frame)
	}
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	return n.ws.Write(ctx, websocket.MessageText, frame)
}

// ping asks for a sign of life. It is a WebSocket's ping, and no operation: that would
// have to wait until the program behind the server has answered those before it.
func (n *connection) ping() error {
	ctx, cancel := context.WithTimeout(n.ctx, n.client.o.Timeouts.Answer)
	defer cancel()
	if err := n.ws.Ping(ctx); err != nil {
		return err
	}
	n.hears()
	return nil
}
