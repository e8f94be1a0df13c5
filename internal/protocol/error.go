package protocol

import "strconv"

// Error says why a frame, a value or a topic was refused, in a sentence that may
// be shown to the client which sent it: it holds nothing of the server and none of
// the client's bytes. It is what every error of this package is.
type Error struct {
	// Offset is the index, from 0, of the byte at which the fault was seen: 0 where
	// it concerns the whole. Only faults of JSON, UTF-8, nesting and repeated
	// members have a place, and name it in the text.
	Offset int

	fault fault
}

// Error is the sentence for the client. The texts are listed in docs/protocol.md.
func (e *Error) Error() string {
	t := faultTexts[e.fault]
	if !t.placed {
		return t.what
	}
	return t.what + " at byte " + strconv.Itoa(e.Offset) + t.more
}

// newError is the one place where a fault becomes an error, so that the scanner
// itself passes only two integers around.
func newError(f fault, offset int) error {
	if !faultTexts[f].placed {
		offset = 0
	}
	return &Error{Offset: offset, fault: f}
}

// fault is a reason to refuse; 0 is none.
type fault uint8

const (
	// The whole input.
	emptyValue fault = iota + 1
	emptyFrame
	notObject
	byteOrderMark

	// The grammar of RFC 8259, sections 2 to 7.
	endsEarly
	wantValue
	wantName
	wantColon
	wantCommaOrBrace
	wantCommaOrBracket
	badNumber
	badEscape
	rawControl
	openString
	trailing

	// What RFC 8259 leaves open: sections 8.1 (encoding), 9 (depth), 4 (names).
	badUTF8
	tooDeep
	repeatedTopic
	repeatedData
	repeatedOp
	repeatedID

	// The member topic.
	topicMissing
	topicNotString
	topicEmpty
	topicTooLong
	topicSurrogate
	topicBadUTF8
)

const notJSON = "not valid JSON"

// faultTexts are the sentences: what, then, where placed, " at byte N", then more.
var faultTexts = [...]struct {
	what   string
	placed bool
	more   string
}{
	emptyValue:    {what: "empty: a JSON value is expected"},
	emptyFrame:    {what: `empty frame: expected {"topic":…,"data":…}`},
	notObject:     {what: `frame is not a JSON object: expected {"topic":…,"data":…}`},
	byteOrderMark: {what: "begins with a byte order mark: leave it out"},

	endsEarly:          {notJSON, true, ": it ends too early"},
	wantValue:          {notJSON, true, ": a value is expected"},
	wantName:           {notJSON, true, ": a member name in double quotes is expected"},
	wantColon:          {notJSON, true, ": a colon is expected"},
	wantCommaOrBrace:   {notJSON, true, ": a comma or } is expected"},
	wantCommaOrBracket: {notJSON, true, ": a comma or ] is expected"},
	badNumber:          {notJSON, true, ": a digit is expected"},
	badEscape:          {notJSON, true, ": unknown escape in a string"},
	rawControl:         {notJSON, true, ": control character in a string, write it as an escape"},
	openString:         {notJSON, true, ": the string that begins here is not closed"},
	trailing:           {notJSON, true, ": nothing may follow the value"},

	badUTF8:       {"not valid UTF-8", true, ""},
	tooDeep:       {"nested deeper than " + strconv.Itoa(MaxDepth) + " levels", true, ""},
	repeatedTopic: {`member "topic" given again`, true, ": give it once"},
	repeatedData:  {`member "data" given again`, true, ": give it once"},
	repeatedOp:    {`member "op" given again`, true, ": give it once"},
	repeatedID:    {`member "id" given again`, true, ": give it once"},

	topicMissing:   {what: "topic is missing: every message names one"},
	topicNotString: {what: "topic is not a string"},
	topicEmpty:     {what: "topic is empty"},
	topicTooLong:   {what: "topic is longer than " + strconv.Itoa(MaxTopic) + " bytes"},
	topicSurrogate: {what: `topic has half of a surrogate pair: a \ud83d needs its \ude00`},
	topicBadUTF8:   {what: "topic is not valid UTF-8"},
}
