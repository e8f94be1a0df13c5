package main

import (
	"bytes"
	"fmt"
	"testing"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// exchange sends writes while it reads the echo, which must be this message.
func exchange(t *testing.T, addr string, op byte, message []byte, writes [][]byte) {
	t.Helper()
	c := connect(t, addr)
	sent := make(chan error, 1)
	go func() { // owner: this test; ends when all is written or the connection closed
		for _, b := range writes {
			if _, err := c.conn.Write(b); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	c.expect(op, message)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	c.closeCleanly()
}

func TestLargeMessagesAreEchoed(t *testing.T) {
	for _, size := range []int{64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("%d KiB, opcode %d", size/kib, op), func(t *testing.T) {
				message := []byte(filler(size))
				onEach(t, func(t *testing.T, addr string) {
					exchange(t, addr, op, message, [][]byte{frame(fin|op, message)})
				})
			})
		}
	}
}

func TestLargeMessagesInFragmentsOfAnySizeAreEchoed(t *testing.T) {
	const size = 4 * mib
	message := filler(size)
	for _, part := range []int{64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, mib, size} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("fragments of %d, opcode %d", part, op), func(t *testing.T) {
				all := bytes.Join(fragments(op, cut(message, part)...), nil)
				onEach(t, func(t *testing.T, addr string) {
					exchange(t, addr, op, []byte(message), [][]byte{all})
				})
			})
		}
	}
}

func TestLargestMessageInFragmentsIsEchoed(t *testing.T) {
	message := filler(16 * mib)
	all := bytes.Join(fragments(opText, cut(message, 16*kib)...), nil)
	onEach(t, func(t *testing.T, addr string) {
		exchange(t, addr, opText, []byte(message), [][]byte{all})
	})
}

func TestLargeMessagesInChopsAreEchoed(t *testing.T) {
	const size = 256 * kib
	message := []byte(filler(size))
	for _, chop := range []int{64, 128, 256, 512, kib, 2 * kib} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("chops of %d, opcode %d", chop, op), func(t *testing.T) {
				var chops [][]byte
				for all := frame(fin|op, message); len(all) > 0; all = all[len(chops[len(chops)-1]):] {
					chops = append(chops, all[:min(chop, len(all))])
				}
				onEach(t, func(t *testing.T, addr string) { exchange(t, addr, op, message, chops) })
			})
		}
	}
}

func TestFragmentsCutAutomaticallyAreEchoed(t *testing.T) {
	message := filler(64 * kib)
	onEach(t, func(t *testing.T, addr string) {
		exchange(t, addr, opText, []byte(message), fragments(opText, cut(message, 1300)...))
	})
}

func TestAThousandMessagesOneByOneAreEchoed(t *testing.T) {
	for _, size := range []int{0, 16, 64, 256, kib, 4 * kib} {
		for _, op := range []byte{opText, opBinary} {
			t.Run(fmt.Sprintf("%d bytes, opcode %d", size, op), func(t *testing.T) {
				message := []byte(filler(size))
				one := frame(fin|op, message)
				onEach(t, func(t *testing.T, addr string) {
					c := connect(t, addr)
					for range 1000 {
						c.send(one)
						c.expect(op, message)
					}
					c.closeCleanly()
				})
			})
		}
	}
}

func TestManyMessagesAtOnceAreEchoedInOrder(t *testing.T) {
	const rounds, batch = 100, 50
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		for round := range rounds {
			var all []byte
			for i := range batch {
				all = append(all, text(fmt.Sprint(round, " ", i))...)
			}
			c.send(all)
			for i := range batch {
				c.expect(opText, []byte(fmt.Sprint(round, " ", i)))
			}
		}
		c.closeCleanly()
	})
}
