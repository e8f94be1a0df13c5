// Package protocol is what a text frame between client and server holds. The
// founding envelope is one JSON object both ways, {"topic":"chat:room1","data":{…}},
// in which data is any JSON value, embedded as it is. A client's frame with a member
// op is an operation, which is answered. The package turns bytes into values and
// values into bytes, and does nothing else: no input or output, no goroutine, no
// state. docs/protocol.md is the same for who writes a client.
//
//	envelope.go   Split cuts an inbound frame into the raw values of its members
//	operation.go  ParseOperation decodes and checks a frame with op
//	kind.go       which operations there are, and which members each takes: a table
//	member.go     the members' names, and the range of what they hold: a table
//	request.go    an operation's frame cut into members
//	read.go       decoding one value by the rule of its member
//	position.go   Position, in and out
//	topics.go     decoding an operation on many topics
//
//	object.go     the walk over an object's members that these are made of
//	array.go      the same over an array's elements
//	json.go       Check, and the scanner of values: RFC 8259 without decoding
//	nesting.go    what the scanner has open
//	string.go     strings
//	number.go     numbers
//	utf8.go       characters beyond ASCII
//	text.go       decoding a string of limited length
//	unescape.go   decoding its escapes
//	topic.go      CheckTopic: what a topic in a frame may be
//
//	message.go      AppendMessage, AppendErrorMessage: the founding envelope's frames
//	publication.go  AppendPublication: a message with its number and key
//	event.go        AppendEvent, AppendGap
//	reply.go        AppendResult, AppendRefusal: the answers to operations
//	subscribed.go   AppendSubscribed: the result of a subscribe
//	history.go      AppendHistory: that of a history
//	presence.go     AppendMember: who is on a topic
//	escape.go       AppendString
//
//	code.go       error codes
//	error.go      Error, and the sentences that clients get to read
//
// # Inbound
//
//	var e protocol.Envelope
//	if err := protocol.Split(frame, &e); err != nil {
//		… answer with AppendErrorMessage(nil, CodeBadRequest, err.Error())
//	}
//	if e.Op != nil {
//		… ParseOperation
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
//	an op                                     taken, if it is JSON: the rest is ParseOperation's
//	a name of ours in other case              not ours
//	values nested more than MaxDepth deep     refused
//	a number of any size                      taken as it is
//	anything but an object, or nothing        refused
//	no topic                                  refused
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
// An operation is strict where the envelope is not: a member that it does not know is
// refused, so that a mistake is never taken for something else, and numbers are plain
// digits. testdata/operations.json has a frame for each of its rules and refusals. Of
// several faults that of the JSON or a repeated member comes first, then id, op, which
// members there are, and at last what they hold.
//
// # Outbound
//
// What leaves is UTF-8, one line, and as short as it can be: strings have no escape
// that they do not need. Data that a program publishes passes Check first, which
// refuses what a browser would drop the connection for: unlike encoding/json's Valid,
// it looks at UTF-8 as well. testdata/outbound.json has a frame for each case of the
// envelope, testdata/replies.json those that operations bring.
package protocol
