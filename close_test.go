package live_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

func TestCloseDeliversWhatWasSentBefore(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		for _, d := range numbers(400) {
			r.publish(t, "n", d)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if !s.IsClosed() {
			t.Error("IsClosed is false after Close")
		}
		c.want(t, "n", numbers(400)...)
		if reason := c.wantClose(t, 1000); reason != "" {
			t.Errorf("reason %q", reason)
		}
		if end := within(t, "OnClose", r.left); end.err != nil || end.session.CloseError() != nil {
			t.Errorf("OnClose had %v, CloseError is %v, want nil", end.err, end.session.CloseError())
		}
	})
}

func TestCloseWithGivesClientAndHookTheCode(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		for _, code := range []int{1001, 1008, 1013, 3000, 4000, 4999} {
			c, s := r.pair(t)
			if err := s.CloseWith(code, "enough for today"); err != nil {
				t.Fatalf("CloseWith(%d): %v", code, err)
			}
			if reason := c.wantClose(t, code); reason != "enough for today" {
				t.Errorf("reason %q", reason)
			}
			end := within(t, "OnClose", r.left)
			if code == 1001 {
				if end.err != nil {
					t.Errorf("OnClose had %v after 1001, want nil", end.err)
				}
				continue
			}
			wantCode(t, end.err, code)
			wantCode(t, s.CloseError(), code)
		}
	})
}

func TestCloseWithRefusesCodesThatMayNotBeSent(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		for _, code := range []int{-1, 0, 999, 1004, 1005, 1006, 1015, 2999, 5000} {
			if err := s.CloseWith(code, ""); !errors.Is(err, live.ErrInvalidCloseCode) {
				t.Errorf("CloseWith(%d): %v, want ErrInvalidCloseCode", code, err)
			}
		}
		s.Send(live.Message{Topic: "still", Data: []byte("true")})
		c.want(t, "still", "true")
	})
}

func TestALongReasonIsCutAtACharacter(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		s.CloseWith(4000, strings.Repeat("é", 100))
		if reason := c.wantClose(t, 4000); reason != strings.Repeat("é", 61) {
			t.Errorf("reason %q", reason)
		}
	})
}

func TestTheFirstCloseHolds(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		s.CloseWith(4001, "first")
		s.CloseWith(4002, "second")
		s.Close()
		if reason := c.wantClose(t, 4001); reason != "first" {
			t.Errorf("reason %q", reason)
		}
		wantCode(t, within(t, "OnClose", r.left).err, 4001)
	})
}

func TestAClosedSessionRefusesEverything(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		_, s := r.pair(t)
		s.Close()
		for when := range 2 {
			if err := s.Send(live.Message{Topic: "x"}); !errors.Is(err, live.ErrSessionClosed) {
				t.Errorf("Send: %v, want ErrSessionClosed", err)
			}
			if err := r.server.Subscribe(s, "x"); !errors.Is(err, live.ErrSessionClosed) {
				t.Errorf("Subscribe: %v, want ErrSessionClosed", err)
			}
			if err := r.server.Unsubscribe(s, "x"); !errors.Is(err, live.ErrSessionClosed) {
				t.Errorf("Unsubscribe: %v, want ErrSessionClosed", err)
			}
			if when == 0 {
				within(t, "OnClose", r.left)
			}
		}
	})
}

func TestMessagesNotSeenYetAreDroppedByClose(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, s *live.Session, topic string, _ []byte) {
			if topic != "first" {
				t.Errorf("OnMessage was called with %s after Close", topic)
			}
			s.Close()
		}})
		c := r.dial(t)
		c.raw(t, append(frame(true, opText, envelope("first", "1")), frame(true, opText, envelope("second", "2"))...))
		c.wantClose(t, 1000)
		within(t, "OnClose", r.left)
	})
}

func TestThePeersCloseIsAnsweredAfterItsMessages(t *testing.T) {
	for _, c := range []struct {
		name         string
		frame        []byte
		answer, hook int // 0 in hook: nil
	}{
		{"no code", frame(true, opClose, ""), 1005, 0},
		{"1000", closeFrame(1000, "done"), 1000, 0},
		{"1001", closeFrame(1001, ""), 1001, 0},
		{"1008", closeFrame(1008, "no"), 1008, 1008},
		{"4000", closeFrame(4000, "own"), 4000, 4000},
		{"not to be sent", closeFrame(1005, ""), 1002, 1002},
		{"one byte", frame(true, opClose, "x"), 1002, 1002},
		{"reason not UTF-8", closeFrame(1000, "\xff"), 1007, 1007},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
					s.Send(live.Message{Topic: topic, Data: data})
				}})
				peer := r.dial(t)
				peer.raw(t, append(frame(true, opText, envelope("last", "1")), c.frame...))
				peer.want(t, "last", "1")
				peer.wantClose(t, c.answer)
				end := within(t, "OnClose", r.left)
				if c.hook == 0 && end.err != nil {
					t.Errorf("OnClose had %v after a clean close", end.err)
				} else if c.hook != 0 {
					wantCode(t, end.err, c.hook)
				}
			})
		})
	}
}

func TestABrokenConnectionIs1006(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		c.nc.Close()
		wantCode(t, within(t, "OnClose", r.left).err, 1006)
		wantCode(t, s.CloseError(), 1006)
		if !s.IsClosed() {
			t.Error("IsClosed is false")
		}
	})
}

func TestAClientThatDoesNotAnswerTheCloseFrameIsCutOff(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Timeouts: live.Timeouts{Close: 1}})
		c, s := r.pair(t)
		c.silent = true
		s.Close()
		c.wantClose(t, 1000)
	})
}
