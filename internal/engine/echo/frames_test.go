package main

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"strings"
)

// mask is the masking key of the clients' frames.
var mask = []byte{0x37, 0xfa, 0x21, 0x3d}

// manyMasks is the key over and over, to mask a lot of payload at once.
var manyMasks = bytes.Repeat(mask, 4096)

// frame is a masked frame. first is the whole first byte: fin, reserved bits, opcode.
func frame(first byte, payload []byte) []byte {
	n := len(payload)
	out := make([]byte, 0, n+14)
	switch {
	case n < 126:
		out = append(out, first, 0x80|byte(n))
	case n < 65536:
		out = binary.BigEndian.AppendUint16(append(out, first, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, first, 0x80|127), uint64(n))
	}
	out = append(out, mask...)
	head := len(out)
	out = out[:head+n]
	for body := out[head:]; len(payload) > 0; {
		done := subtle.XORBytes(body, payload, manyMasks)
		body, payload = body[done:], payload[done:]
	}
	return out
}

func text(s string) []byte  { return frame(fin|opText, []byte(s)) }
func bin(s string) []byte   { return frame(fin|opBinary, []byte(s)) }
func ping(s string) []byte  { return frame(fin|opPing, []byte(s)) }
func pong(s string) []byte  { return frame(fin|opPong, []byte(s)) }
func begin(s string) []byte { return frame(opText, []byte(s)) }
func more(s string) []byte  { return frame(opContinuation, []byte(s)) }
func last(s string) []byte  { return frame(fin|opContinuation, []byte(s)) }

// fragments is a message of opcode op as the frames of its parts.
func fragments(op byte, parts ...string) (frames [][]byte) {
	for i, part := range parts {
		first := byte(opContinuation)
		if i == 0 {
			first = op
		}
		if i == len(parts)-1 {
			first |= fin
		}
		frames = append(frames, frame(first, []byte(part)))
	}
	return frames
}

// cut divides s into parts of n bytes, the last perhaps shorter.
func cut(s string, n int) (parts []string) {
	for len(s) > n {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return append(parts, s)
}

// code is the payload of a close frame with a code alone.
func code(code int) []byte { return reason(code, "") }

// reason is the payload of a close frame with a code and a reason.
func reason(code int, reason string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

// filler is n bytes of text.
func filler(n int) string {
	const s = "0123456789 abcdefghijklmnopqrstuvwxyz, "
	return strings.Repeat(s, n/len(s)+1)[:n]
}
