package live_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestAFloodOnABlockedHookPausesReadingAndNobodyElse(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 1), make(chan struct{})
		got := make(chan int, 1<<12)
		r := serve(t, kind, live.Options{
			Timeouts: live.Timeouts{Idle: -1},
			OnMessage: func(ctx context.Context, s *live.Session, topic string, data []byte) {
				if topic != "flood" {
					echo(ctx, s, topic, data)
					return
				}
				select {
				case entered <- true:
				default:
				}
				<-release
				got <- len(data)
			},
		})
		c := r.dial(t)
		before := heap()
		one := frame(true, opText, envelope("flood", `"`+strings.Repeat("x", 32<<10)+`"`))
		sent, rest := flood(t, c, one)
		within(t, "OnMessage", entered)
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("the heap has grown by %d bytes", grown)
		}
		if in := r.server.Stats().BytesIn; in > 4<<20 {
			t.Errorf("%d bytes were read while the hook was blocked", in)
		}
		for range 8 {
			other := r.dial(t)
			other.send(t, "echo", "1")
			other.want(t, "echo", "1")
		}
		close(release)
		c.raw(t, rest)
		for range sent {
			within(t, "what was sent meanwhile", got)
		}
	})
}

// flood sends a frame again and again until nothing is taken any more. It returns how
// many were begun, and what is left of the last one.
func flood(t *testing.T, c *client, frame []byte) (begun int, rest []byte) {
	t.Helper()
	for begun = 1; begun < 2000; begun++ { // 64 MiB
		c.nc.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		n, err := c.nc.Write(frame)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return begun, frame[n:]
		}
		if err != nil {
			t.Fatalf("flood: %v", err)
		}
	}
	t.Fatal("64 MiB were taken while the hook was blocked")
	return 0, nil
}

// counted sends bytes, and waits until the server has read them, as one piece or more.
func counted(t *testing.T, r *rig, c *client, sum *uint64, b []byte) {
	t.Helper()
	if len(b) == 0 {
		return
	}
	c.raw(t, b)
	*sum += uint64(len(b))
	eventually(t, "it is read", func() bool { return r.server.Stats().BytesIn == *sum })
}

func TestFramesMayComeByteByByte(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		c := r.dial(t)
		var sum uint64
		for _, b := range frame(true, opText, envelope("slowly", `"é"`)) {
			counted(t, r, c, &sum, []byte{b})
		}
		c.want(t, "slowly", `"é"`)
	})
}

func TestFramesMayBeCutAtEveryByte(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		text := envelope("cut", `"é😀"`)
		b := frame(false, opText, text[:20])
		b = append(b, frame(true, opPing, "in between")...)
		b = append(b, frame(false, opContinuation, "")...)
		b = append(b, frame(true, opContinuation, text[20:])...)
		b = append(b, frame(true, opText, envelope("whole", "1"))...)
		c := r.dial(t)
		var sum uint64
		for cut := range b {
			counted(t, r, c, &sum, b[:cut])
			counted(t, r, c, &sum, b[cut:])
			c.want(t, "cut", `"é😀"`)
			c.want(t, "whole", "1")
		}
	})
}

func TestAnEndAtEveryByteLeavesNothingBehind(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		b := frame(true, opText, envelope("cut", `"é"`))
		for cut := range b {
			c := r.dial(t)
			c.raw(t, b[:cut])
			c.nc.Close()
			wantCode(t, within(t, "OnClose", r.left).err, 1006)
		}
	})
}

func TestWhatRFC6455ForbidsClosesWithItsCode(t *testing.T) {
	big := strings.Repeat("x", 1001)
	for name, c := range map[string]struct {
		bytes []byte
		code  int
	}{
		"not masked":                  {[]byte{0x81, 0x01, 'x'}, 1002},
		"reserved bit":                {[]byte{0xc1, 0x80, 0, 0, 0, 0}, 1002},
		"reserved opcode":             {frame(true, 3, "x"), 1002},
		"reserved control":            {frame(true, 11, "x"), 1002},
		"fragmented ping":             {frame(false, opPing, "x"), 1002},
		"long ping":                   {frame(true, opPing, big[:126]), 1002},
		"continuation of nothing":     {frame(true, opContinuation, "x"), 1002},
		"message within message":      {append(frame(false, opText, "x"), frame(true, opText, "y")...), 1002},
		"oversize":                    {frame(true, opText, big), 1009},
		"oversize, header only":       {frame(true, opText, big)[:8], 1009},
		"oversize in sum":             {append(frame(false, opText, big[:600]), frame(true, opContinuation, big[:401])...), 1009},
		"size of 2^63-1":              {[]byte{0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255}, 1009},
		"invalid UTF-8":               {frame(true, opText, "{\"topic\":\"a\xff\"}"), 1007},
		"invalid UTF-8, not complete": {frame(false, opText, "{\"a\xff"), 1007},
		"UTF-8 cut off":               {frame(true, opText, "é"[:1]), 1007},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{ReadLimit: 1000, OnMessage: echo})
				peer := r.dial(t)
				peer.raw(t, append(frame(true, opText, envelope("before", "1")), c.bytes...))
				peer.want(t, "before", "1")
				if reason := peer.wantClose(t, c.code); reason == "" {
					t.Error("the close frame gives no reason")
				}
				wantCode(t, within(t, "OnClose", r.left).err, c.code)
			})
		})
	}
}

func TestAMessageOfExactlyReadLimitIsTaken(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{ReadLimit: 1000, OnMessage: echo})
		c := r.dial(t)
		data := `"` + strings.Repeat("x", 1000-len(envelope("a", `""`))) + `"`
		c.send(t, "a", data)
		c.want(t, "a", data)
	})
}
