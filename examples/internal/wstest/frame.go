package wstest

import (
	"encoding/binary"
	"io"
	"time"
)

// Opcodes (RFC 6455, section 5.2).
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

// frame sends one masked frame (RFC 6455, section 5.2). The mask is zero, which leaves the payload as it is:
// it protects proxies, and there is none here.
func (c *Conn) frame(op byte, payload []byte) {
	c.t.Helper()
	head := []byte{0x80 | op, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		head[1] = 0x80 | 126
		head = binary.BigEndian.AppendUint16(head, uint16(len(payload)))
	}
	head = append(head, 0, 0, 0, 0)
	c.write(append(head, payload...))
}

// read waits for the next frame that is not a ping; a server's frames have no mask.
func (c *Conn) read() (op byte, payload []byte) {
	c.t.Helper()
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	for op = opPing; op == opPing; {
		head := make([]byte, 4)
		c.fill(head[:2])
		op = head[0] & 0xF
		length := int(head[1])
		if length == 126 {
			c.fill(head[2:])
			length = int(binary.BigEndian.Uint16(head[2:]))
		}
		if head[0]&0xF0 != 0x80 || length > 0xFFFF || head[1] > 126 {
			c.t.Fatalf("a frame that this client does not know, head %x", head)
		}
		payload = make([]byte, length)
		c.fill(payload)
	}
	return op, payload
}

// skipTo drops frames until one with this opcode comes, and returns its payload.
func (c *Conn) skipTo(wanted byte) []byte {
	c.t.Helper()
	for {
		if op, payload := c.read(); op == wanted {
			return payload
		}
	}
}

func (c *Conn) fill(b []byte) {
	c.t.Helper()
	if _, err := io.ReadFull(c.in, b); err != nil {
		c.t.Fatalf("the connection ended or was silent: %v", err)
	}
}

// closeCode returns a close frame's code, 1005 where it has none (RFC 6455, section 7.1.5).
func closeCode(payload []byte) int {
	if len(payload) < 2 {
		return 1005
	}
	return int(binary.BigEndian.Uint16(payload))
}
