// Package protocol is the founding envelope: what a text frame between client and
// server holds. One JSON object both ways, {"topic":"chat:room1","data":{…}}, in
// which data is any JSON value, embedded as it is. The package turns bytes into
// spans and spans into bytes, and does nothing else: no input or output, no
// goroutine, no state. docs/protocol.md is the same for who writes a client.
//
//	envelope.go   Split cuts an inbound frame into the raw values of its members
//	object.go     the walk over an object's members that it is made of
//	json.go       Check, and the scanner of values: RFC 8259 without decoding
//	nesting.go    what the scanner has open
//	string.go     strings
//	number.go     numbers
//	utf8.go       characters beyond ASCII
//	unescape.go   decoding a string, for names and topics
//	topic.go      what a topic in an envelope may be
//	message.go    AppendMessage, AppendErrorMessage: the outbound frames
//	escape.go     AppendString
//	code.go       error codes
//	error.go      Error, and the sentences that clients get to read
//
// # Inbound
//
//	var e protocol.Envelope
//	if err := protocol.Split(frame, &e); err != nil {
//		… answer with AppendErrorMessage(nil, CodeBadRequest, err.Error())
//	}
//	… e.TopicString(), e.DataOrNull()
//
// Where RFC 8259 leaves a choice, or a client may get it wrong, this is the answer:
//
//	a frame with                              is
//	escapes in a member's name                taken: "\u0074opic" is topic
//	escapes in the topic                      taken, and decoded
//	half of a surrogate pair in the topic     refused: it stands for no character
//	the same in data, or in another name      taken as it is: the grammar allows it
//	topic, data, op or id given twice         refused: readers differ on which counts
//	another name twice, or names within data  taken
//	members that are not ours                 taken and ignored; Envelope.Unknown has the first
//	a name of ours in other case              not ours
//	values nested more than MaxDepth deep     refused
//	a number of any size                      taken as it is
//	anything but an object, or nothing        refused
//	no topic                                  refused, unless there is an op
//	a topic that is no string, or empty       refused
//	a topic of more than MaxTopic bytes       refused; counted after decoding
//	no data                                   taken: data is null
//	data null                                 taken
//	bytes that are not UTF-8, anywhere        refused
//	a byte order mark                         refused
//	something after the object                refused
//	NUL or another control character, raw     refused, like any syntax error
//	NUL as an escape                          taken, in the topic too
//
// The first fault from the left is the one reported; faults of the topic's value and
// its absence come after all others. testdata/inbound.json has a frame for each, with
// the text that the client gets.
//
// # Outbound
//
// What leaves is UTF-8, one line, and as short as it can be: strings have no escape
// that they do not need. Data that a program publishes passes Check first, which
// refuses what a browser would drop the connection for: unlike encoding/json's Valid,
// it looks at UTF-8 as well. testdata/outbound.json has a frame for each case.
package protocol
