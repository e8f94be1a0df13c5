package main

import (
	"strconv"
	"testing"
)

func TestPingIsAnsweredWithItsPayload(t *testing.T) {
	for _, payload := range []string{"", "Hello, world!", "\x00\xff\xfe\xfd\xfc\xfb\x00\xff", filler(125)} {
		onEach(t, func(t *testing.T, addr string) {
			c := connect(t, addr)
			c.send(ping(payload))
			c.expect(opPong, []byte(payload))
			c.closeCleanly()
		})
	}
}

func TestPingOfOneByteAWriteIsAnswered(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.sendChopped(1, ping(filler(125)))
		c.expect(opPong, []byte(filler(125)))
		c.closeCleanly()
	})
}

func TestPingOf126BytesFailsTheConnection(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(ping(filler(126)))
		c.expectFailure(1002)
	})
}

func TestPongsThatNobodyAskedForAreIgnored(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(pong(""), pong("unasked for"), ping("asked for"), pong("again"))
		c.expect(opPong, []byte("asked for"))
		c.closeCleanly()
	})
}

func TestManyPingsAreAnsweredInOrder(t *testing.T) {
	for _, chop := range []int{1, 1 << 16} {
		onEach(t, func(t *testing.T, addr string) {
			c := connect(t, addr)
			var all []byte
			for i := range 10 {
				all = append(all, ping("payload-"+strconv.Itoa(i))...)
			}
			c.sendChopped(chop, all)
			for i := range 10 {
				c.expect(opPong, []byte("payload-"+strconv.Itoa(i)))
			}
			c.closeCleanly()
		})
	}
}
