package main

import (
	"fmt"
	"testing"
)

func TestMessagesOfEveryLengthFormAreEchoed(t *testing.T) {
	for _, n := range []int{0, 1, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("%d bytes, opcode %d", n, op), func(t *testing.T) {
				onEach(t, func(t *testing.T, addr string) {
					c := connect(t, addr)
					payload := []byte(filler(n))
					c.send(frame(fin|op, payload))
					c.expect(op, payload)
					c.closeCleanly()
				})
			})
		}
	}
}

func TestMessagesInChopsOfAnySizeAreEchoed(t *testing.T) {
	for _, c := range []struct{ n, chop int }{{125, 1}, {126, 1}, {2000, 2}, {65536, 997}, {65536, 1460}} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("%d bytes in chops of %d, opcode %d", c.n, c.chop, op), func(t *testing.T) {
				onEach(t, func(t *testing.T, addr string) {
					client := connect(t, addr)
					payload := []byte(filler(c.n))
					client.sendChopped(c.chop, frame(fin|op, payload))
					client.expect(op, payload)
					client.closeCleanly()
				})
			})
		}
	}
}

func TestBinaryIsEchoedWhateverItsBytes(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		c.send(frame(fin|opBinary, all))
		c.expect(opBinary, all)
		c.closeCleanly()
	})
}

func TestUnmaskedFrameFailsTheConnection(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send([]byte("\x81\x05Hello"))
		c.expectFailure(1002)
	})
}

func TestLengthNotInShortestFormFailsTheConnection(t *testing.T) {
	for _, head := range []string{"\x81\xfe\x00\x7d", "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"} {
		onEach(t, func(t *testing.T, addr string) {
			c := connect(t, addr)
			c.send([]byte(head))
			c.expectFailure(1002)
		})
	}
}

func TestLengthWithItsHighestBitFailsTheConnection(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send([]byte("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00"))
		c.expectFailure(1002)
	})
}

func TestMessageOverAnyLimitFailsTheConnectionFromItsHeader(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send([]byte("\x82\xff\x40\x00\x00\x00\x00\x00\x00\x00"))
		c.expectFailure(1009)
	})
}

func TestFailureOfOneConnectionDoesNotTouchAnother(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		good, bad := connect(t, addr), connect(t, addr)
		good.send(begin("Hel"))
		bad.send(text("\xff"))
		bad.expectFailure(1007)
		good.send(last("lo"))
		good.expect(opText, []byte("Hello"))
		good.closeCleanly()
	})
}
