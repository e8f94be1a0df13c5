package main

import (
	"bytes"
	"fmt"
	"testing"
)

func TestCloseIsAnsweredAndTheConnectionEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload []byte
		answer  []byte
	}{
		{"without a code", nil, nil},
		{"with a code", code(1000), code(1000)},
		{"with a reason", reason(1000, "bye"), code(1000)},
		{"with a reason of 123 bytes", reason(1000, filler(123)), code(1000)},
		{"with a reason beyond ASCII", reason(1001, kosme), code(1001)},
	} {
		for _, chop := range []int{1 << 16, 1} {
			t.Run(fmt.Sprintf("%s, in chops of %d", c.name, chop), func(t *testing.T) {
				onEach(t, func(t *testing.T, addr string) {
					client := connect(t, addr)
					client.sendChopped(chop, frame(fin|opClose, c.payload))
					client.expectClose(c.answer)
				})
			})
		}
	}
}

func TestEveryCodeThatMayBeSentIsAnsweredInKind(t *testing.T) {
	for _, n := range []int{
		1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
		3000, 3001, 3999, 4000, 4001, 4999,
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(frame(fin|opClose, code(n)))
				c.expectClose(code(n))
			})
		})
	}
}

func TestEveryCodeThatMustNotBeSentFailsTheConnection(t *testing.T) {
	for _, n := range []int{
		0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32768, 65535,
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(frame(fin|opClose, reason(n, "why")))
				c.expectFailure(1002)
			})
		})
	}
}

func TestInvalidClosePayloadFailsTheConnection(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload []byte
		code    int
	}{
		{"half a code", []byte{3}, 1002},
		{"a reason of 124 bytes", reason(1000, filler(124)), 1002},
		{"a reason that is not UTF-8", reason(1000, kosme+"\xed\xa0\x80edited"), 1007},
		{"a reason that ends inside a character", reason(1000, "\xe2\x82"), 1007},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				client := connect(t, addr)
				client.send(frame(fin|opClose, c.payload))
				client.expectFailure(c.code)
			})
		})
	}
}

func TestMessagesBeforeACloseAreEchoedBeforeItsAnswer(t *testing.T) {
	for name, message := range map[string]string{"short": "Hello", "of 256 KiB": filler(256 << 10)} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(bytes.Join([][]byte{text(message), bin(message), frame(fin|opClose, code(1000))}, nil))
				c.expect(opText, []byte(message))
				c.expect(opBinary, []byte(message))
				c.expectClose(code(1000))
			})
		})
	}
}

func TestNothingBehindACloseIsAnswered(t *testing.T) {
	for name, behind := range map[string][]byte{
		"another close": frame(fin|opClose, code(1001)),
		"a ping":        ping("unheard"),
		"a text":        text("unheard"),
		"a violation":   frame(fin|0x70|opText, nil),
		"a flood":       bytes.Repeat(text(filler(1000)), 100),
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(append(frame(fin|opClose, code(1000)), behind...))
				c.expectClose(code(1000))
			})
		})
	}
}

func TestCloseInsideAFragmentedMessageDropsIt(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(bytes.Join([][]byte{begin("fragment1"), frame(fin|opClose, code(1000)), last("fragment2")}, nil))
		c.expectClose(code(1000))
	})
}

func TestClientThatAnswersAFailureIsNotFailedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(frame(fin|0x40|opText, []byte("x")), frame(fin|opClose, code(1002)))
		c.expectFailure(1002)
	})
}

func TestConnectionThatEndsWithoutACloseIsDropped(t *testing.T) {
	for name, before := range map[string][]byte{"between messages": nil, "inside a frame": text("Hello")[:7], "inside a message": begin("Hel")} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(before)
				c.conn.CloseWrite()
				c.expectDropped()
			})
		})
	}
}
