package engine

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/livetopics/live/internal/ws"
)

// peer is the client's end of a connection.
type peer struct {
	rig  *rig
	nc   net.Conn
	in   *bufio.Reader
	conn Conn // the engine's end
	h    *recorder
}

func newPeer(r *rig, nc net.Conn, h *recorder) *peer {
	return &peer{rig: r, nc: nc, in: bufio.NewReader(nc), h: h}
}

// masked is a frame as a client sends it (RFC 6455, section 5.3).
func masked(op ws.Opcode, payload string) []byte {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b := ws.AppendHeader(nil, op, len(payload))
	b[1] |= 0x80
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	ws.Mask(b[start:], key, 0)
	return b
}

func closePayload(code int, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(code))) + reason
}

func (p *peer) write(b []byte) {
	p.rig.Helper()
	if _, err := p.nc.Write(b); err != nil {
		p.rig.Fatalf("write to the engine: %v", err)
	}
}

func (p *peer) send(op ws.Opcode, payload string) {
	p.rig.Helper()
	p.write(masked(op, payload))
}

// next reads a frame. Servers' frames here are whole and unmasked.
func (p *peer) next() (op ws.Opcode, payload string, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(p.in, head); err != nil {
		return 0, "", err
	}
	if head[0]&0xf0 != 0x80 || head[1]&0x80 != 0 {
		return 0, "", fmt.Errorf("frame header % x: want FIN alone and no mask", head)
	}
	size := uint64(head[1])
	if more := map[uint64]int{126: 2, 127: 8}[size]; more > 0 {
		long := make([]byte, 8)
		if _, err := io.ReadFull(p.in, long[8-more:]); err != nil {
			return 0, "", err
		}
		size = binary.BigEndian.Uint64(long)
	}
	body := make([]byte, size)
	_, err = io.ReadFull(p.in, body)
	return ws.Opcode(head[0] & 0x0f), string(body), err
}

// want reads a frame, which must be this one.
func (p *peer) want(op ws.Opcode, payload string) {
	p.rig.Helper()
	gotOp, got, err := p.next()
	if err != nil || gotOp != op || got != payload {
		p.rig.Fatalf("got %v %.80q, error %v; want %v %.80q", gotOp, got, err, op, payload)
	}
}

// wantText reads text frames, which must be these.
func (p *peer) wantText(payloads ...string) {
	p.rig.Helper()
	for _, s := range payloads {
		p.want(ws.OpText, s)
	}
}

// wantClose reads a close frame with this code, and answers it.
func (p *peer) wantClose(code int) {
	p.rig.Helper()
	op, payload, err := p.next()
	if err != nil || op != ws.OpClose || len(payload) < 2 || int(binary.BigEndian.Uint16([]byte(payload))) != code {
		p.rig.Fatalf("got %v %q, error %v; want a close frame with code %d", op, payload, err, code)
	}
	p.send(ws.OpClose, payload)
}

// wantEnd reads the end of the connection.
func (p *peer) wantEnd() {
	p.rig.Helper()
	if op, payload, err := p.next(); !errors.Is(err, io.EOF) {
		p.rig.Fatalf("got %v %.80q, error %v; want the end", op, payload, err)
	}
}

// recorder is a Handler that remembers, and does what the test wants besides.
type recorder struct {
	onMessage func(c *Conn, op ws.Opcode, payload []byte) // may be nil
	onClosed  func(c *Conn)                               // may be nil

	conn     *Conn
	opened   chan struct{} // closed by Opened
	onBehind func(held Held, after uint64)
	closed   chan struct{} // closed by Closed, after onClosed
	err      error         // Closed's, to be read once closed is

	mu       sync.Mutex // guards the fields below
	messages []string
	changed  chan struct{} // closed and made anew with every message
}

func (h *recorder) init(c *Conn) {
	h.conn, h.opened, h.closed, h.changed = c, make(chan struct{}), make(chan struct{}), make(chan struct{})
}

func (h *recorder) Opened() { close(h.opened) }

func (h *recorder) Message(op ws.Opcode, payload []byte) {
	h.mu.Lock()
	h.messages = append(h.messages, string(payload))
	close(h.changed)
	h.changed = make(chan struct{})
	h.mu.Unlock()
	if h.onMessage != nil {
		h.onMessage(h.conn, op, payload)
	}
}

func (h *recorder) Closed(err error) {
	if h.onClosed != nil {
		h.onClosed(h.conn)
	}
	h.err = err
	close(h.closed) // panics if there is a second call
}

func (h *recorder) Behind(held Held, after uint64) {
	if h.onBehind != nil {
		h.onBehind(held, after)
	}
}

// seen returns the messages once there are n.
func (p *peer) seen(n int) []string {
	p.rig.Helper()
	for {
		p.h.mu.Lock()
		got, changed := p.h.messages, p.h.changed
		p.h.mu.Unlock()
		if len(got) >= n {
			return got
		}
		await(p.rig, changed, fmt.Sprintf("message %d of %d", len(got)+1, n))
	}
}

// ended returns Closed's error once it was called.
func (p *peer) ended() error {
	p.rig.Helper()
	await(p.rig, p.h.closed, "Closed")
	return p.h.err
}
