package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/wire"
)

// patience is how long anything may take.
const patience = time.Minute

// client is one WebSocket connection. It is for one goroutine.
type client struct {
	nc  net.Conn
	buf []byte // received, and not taken yet
}

// dial connects.
func dial(addr string) (*client, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	nc.SetDeadline(time.Now().Add(10 * patience))
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	if _, err := nc.Write(wire.Request(addr, "/ws", key)); err != nil {
		return nil, err
	}
	br := bufio.NewReader(nc)
	answer, err := http.ReadResponse(br, nil)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("answered with %s", answer.Status)
	}
	c := &client{nc: nc}
	if n := br.Buffered(); n > 0 {
		c.buf = make([]byte, n)
		_, err = io.ReadFull(br, c.buf)
	}
	return c, err
}

// dialAll connects n clients, a few at a time.
func dialAll(addr string, n int) ([]*client, error) {
	list := make([]*client, n)
	err := together(n, 64, func(i int) (err error) { list[i], err = dial(addr); return err })
	return list, err
}

// together calls f for 0 to n-1, at most limit of them at once, and returns the first error.
func together(n, limit int, f func(i int) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	gate := make(chan struct{}, limit)
	for i := range n {
		gate <- struct{}{}
		wg.Go(func() { // owner: this call; ends with f
			defer func() { <-gate }()
			if err := f(i); err != nil {
				once.Do(func() { first = fmt.Errorf("client %d: %w", i, err) })
			}
		})
	}
	wg.Wait()
	return first
}

func (c *client) send(text string) error {
	_, err := c.nc.Write(wire.AppendMasked(nil, 1, []byte(text), 0x12345678))
	return err
}

// next returns the payload of the next text frame, until the one after is asked for. Pings are answered.
func (c *client) next() ([]byte, error) {
	for {
		f, n, err := wire.Next(c.buf)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if err := c.fill(); err != nil {
				return nil, err
			}
			continue
		}
		c.buf = c.buf[n:]
		switch f.Op {
		case 1:
			return f.Payload, nil
		case 8:
			return nil, fmt.Errorf("closed by the server: %q", f.Payload)
		case 9:
			if _, err := c.nc.Write(wire.AppendMasked(nil, 10, f.Payload, 1)); err != nil {
				return nil, err
			}
		}
	}
}

// fill reads more.
func (c *client) fill() error {
	if cap(c.buf)-len(c.buf) < 4<<10 {
		c.buf = append(make([]byte, 0, max(2*len(c.buf), 32<<10)), c.buf...)
	}
	n, err := c.nc.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	return err
}

// until skips frames up to one that contains text, and returns it.
func (c *client) until(text string) (string, error) {
	for {
		b, err := c.next()
		if err != nil {
			return "", fmt.Errorf("waiting for %s: %w", text, err)
		}
		if strings.Contains(string(b), text) {
			return string(b), nil
		}
	}
}

func closeAll(list []*client) {
	for _, c := range list {
		if c != nil {
			c.nc.Close()
		}
	}
}

// publish has the server publish, and returns the position of the last publication.
func publish(s *process.Server, query url.Values) (epoch string, seq uint64, err error) {
	answer, err := (&http.Client{Timeout: patience}).Post("http://"+s.Addr+"/publish?"+query.Encode(), "", nil)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("publish: %s %s %w", answer.Status, body, err)
	}
	epoch, number, _ := strings.Cut(string(body), " ")
	seq, err = strconv.ParseUint(number, 10, 64)
	return epoch, seq, err
}

// query makes a query of names and values.
func query(pairs ...any) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i].(string), fmt.Sprint(pairs[i+1]))
	}
	return v
}
