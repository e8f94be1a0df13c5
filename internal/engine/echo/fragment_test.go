package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestFragmentedMessageIsEchoedWhole(t *testing.T) {
	for _, c := range []struct {
		name  string
		op    byte
		parts []string
	}{
		{"text in two", opText, []string{"fragment1", "fragment2"}},
		{"binary in two", opBinary, []string{"\x00\xff", "\xfe"}},
		{"text in five", opText, []string{"a", "b", "c", "d", "e"}},
		{"with empty ones", opText, []string{"", "middle", ""}},
		{"empty ones alone", opText, []string{"", "", ""}},
		{"many of one byte", opBinary, cut(filler(1000), 1)},
	} {
		for name, chop := range map[string]int{"whole": 1 << 16, "byte by byte": 1} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				onEach(t, func(t *testing.T, addr string) {
					client := connect(t, addr)
					client.sendChopped(chop, bytes.Join(fragments(c.op, c.parts...), nil))
					client.expect(c.op, []byte(strings.Join(c.parts, "")))
					client.closeCleanly()
				})
			})
		}
	}
}

func TestPingBetweenFragmentsIsAnsweredBeforeTheMessage(t *testing.T) {
	for _, chop := range []int{1 << 16, 1} {
		onEach(t, func(t *testing.T, addr string) {
			c := connect(t, addr)
			c.sendChopped(chop, bytes.Join([][]byte{
				begin("fragment1"), ping("1"), more("fragment2"), more(""), ping("2"), pong("x"), last("fragment3"),
			}, nil))
			c.expect(opPong, []byte("1"))
			c.expect(opPong, []byte("2"))
			c.expect(opText, []byte("fragment1fragment2fragment3"))
			c.closeCleanly()
		})
	}
}

func TestPingBetweenFragmentsIsAnsweredAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(begin("fragment1"), ping("now"))
		c.expect(opPong, []byte("now"))
		c.send(last("fragment2"))
		c.expect(opText, []byte("fragment1fragment2"))
		c.closeCleanly()
	})
}

func TestFragmentedControlFrameFailsTheConnection(t *testing.T) {
	for _, op := range []byte{opPing, opPong, opClose} {
		onEach(t, func(t *testing.T, addr string) {
			c := connect(t, addr)
			c.send(append(frame(op, []byte("fragment1")), last("fragment2")...))
			c.expectFailure(1002)
		})
	}
}

func TestContinuationOfNothingFailsTheConnection(t *testing.T) {
	whole := bytes.Join(fragments(opText, "fragment1", "fragment2"), nil)
	for name, bad := range map[string][]byte{"a last fragment": last("x"), "another fragment": more("x"), "an empty one": last("")} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				for _, chop := range []int{1 << 16, 1} {
					c := connect(t, addr)
					c.sendChopped(chop, bad[:1])
					c.expectFailure(1002)
				}
				c := connect(t, addr)
				c.send(append(bytes.Clone(bad), text("unheard")...))
				c.expectFailure(1002)

				c = connect(t, addr)
				c.send(bytes.Join([][]byte{whole, bad, text("unheard")}, nil))
				c.expect(opText, []byte("fragment1fragment2"))
				c.expectFailure(1002)
			})
		})
	}
}

func TestNewMessageInsideAFragmentedOneFailsTheConnection(t *testing.T) {
	for name, bad := range map[string][]byte{"a text": text("x"), "a binary": bin("x"), "the first fragment of a text": begin("x")} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(begin("fragment1"), append(bytes.Clone(bad), ping("unheard")...))
				c.expectFailure(1002)
			})
		})
	}
}
