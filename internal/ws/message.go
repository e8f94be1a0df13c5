package ws

// minMessageBuffer is the least memory in bytes taken for a message in parts.
const minMessageBuffer = 64

// message is a text or binary message on its way in, from its first fragment to
// the end of its last one. Its zero value is no message.
type message struct {
	op   Opcode      // OpContinuation while no message is open
	text utf8Checker // in the middle of a character that a part ended in
	buf  []byte      // the payload so far, unmasked; nil before it is needed
}

// check looks at the next part of the payload and reports text that can no longer
// become UTF-8.
func (m *message) check(p []byte) error {
	if m.op != OpText || m.text.check(p) < 0 {
		return nil
	}
	return errNotUTF8
}

// checkEnd reports text that ends in the middle of a character.
func (m *message) checkEnd() error {
	if m.text.complete() {
		return nil
	}
	return errTextCut
}

// add keeps a copy of the next part of the payload. most is the greatest length
// that the message can still reach. Memory at least doubles when it grows, which
// keeps the copying linear in the message, and is at most twice what has come
// (or minMessageBuffer), so that an announced length costs nothing by itself.
func (m *message) add(p []byte, most int) {
	if need := len(m.buf) + len(p); need > cap(m.buf) {
		size := min(max(2*need, minMessageBuffer), max(most, need))
		m.buf = append(make([]byte, 0, size), m.buf...)
	}
	m.buf = append(m.buf, p...)
}

// The violations of text: RFC 6455, section 8.1.
var (
	errNotUTF8 = &Error{Code: CloseInvalidPayload, Reason: "text message is not valid UTF-8"}
	errTextCut = &Error{Code: CloseInvalidPayload, Reason: "text message ends in the middle of a UTF-8 character"}
)
