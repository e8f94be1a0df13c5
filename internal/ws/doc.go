// Package ws is the server's side of RFC 6455, the WebSocket protocol, without
// any input or output of its own: bytes go in, events and ready frames come out.
// Whoever owns the socket reads, writes and waits.
//
// A connection's life, and the file that has each part of it:
//
//	handshake.go   Check an upgrade request; the 101 answer
//	token.go       the lists that HTTP headers are
//	refusal.go     or the HTTP answer that refuses it
//	reader.go      Reader: bytes in at any split, whole messages and control frames out
//	header.go      the header of a frame from a client, and what is wrong with it
//	message.go     the memory of a message that arrives in parts
//	mask.go        Mask takes the client's mask off
//	utf8.go        the check of text, which reports the first impossible byte
//	opcode.go      what a frame carries
//	frame.go       frames to the client
//	close.go       close codes, the close frame both ways
//	error.go       Error: what the peer did wrong and the close code that answers it
//
// # Reading
//
// One Reader serves all connections that are between two messages; only a
// connection in the middle of one needs a Reader of its own:
//
//	for len(in) > 0 {
//		ev, ok, rest, err := r.Next(in, limit)
//		if err != nil { … answer with AppendClose(nil, e.Code, e.Reason), then close }
//		if !ok { break }
//		… ev.Op, ev.Payload
//		in = rest
//	}
//	if r.Idle() { … the Reader may go to another connection }
//
// A message that lies whole and in one frame within the input is unmasked where
// it is and costs no allocation. Parts of a longer one are collected in memory
// that grows with the bytes that really came, never with those announced.
//
// # What is refused
//
// The Reader is strict: frames without a mask, reserved bits and opcodes,
// lengths not in their shortest form, long or fragmented control frames and
// fragments out of sequence end with 1002, text that is not UTF-8 with 1007, a
// message over the limit with 1009. Each is reported with the first byte that
// shows it, whatever the split: the header is not waited for to complain about
// its first byte, nor the end of a message about a byte of text in its middle.
//
// No extension is negotiated, so none is answered in the handshake and all
// reserved bits stay forbidden.
package ws
