package protocol

import (
	"strconv"
	"strings"
)

// Error says why a frame, a value or a topic was refused, in a sentence that may
// be shown to the client which sent it: it holds nothing of the server and none of
// the client's bytes. It is what every error of this package is.
type Error struct {
	// Offset is the index, from 0, of the byte at which the fault was seen: 0 where
	// it concerns the whole. Only faults of JSON, UTF-8, nesting and repeated
	// members have a place, and name it in the text.
	Offset int

	flaw
	kind Kind // the operation, where the text names it
}

// flaw is what is wrong, and with which member where it is about one. Without a
// fault it is none.
type flaw struct {
	fault  fault
	member member
}

// Error is the sentence for the client. The texts are listed in docs/protocol.md.
func (e *Error) Error() string {
	t := faultTexts[e.fault]
	text := t.what
	if t.placed {
		text += " at byte " + strconv.Itoa(e.Offset) + t.more
	}
	rule, kind := memberRules[e.member], kinds[e.kind]
	return strings.NewReplacer(
		"{member}", rule.name,
		"{min}", strconv.FormatUint(rule.min, 10),
		"{max}", strconv.FormatUint(rule.max, 10),
		"{kind}", kind.name,
		"{takes}", (kind.takes | setOf(memberOp, memberID)).String(),
	).Replace(text)
}

// newError is the one place where a fault becomes an error, so that the scanner
// itself passes only two integers around.
func newError(f fault, offset int) error { return errorOf(flaw{fault: f}, 0, offset) }

// errorOf is newError for a fault of one member, in an operation or in none (0).
func errorOf(w flaw, k Kind, offset int) error {
	if !faultTexts[w.fault].placed {
		offset = 0
	}
	return &Error{Offset: offset, flaw: w, kind: k}
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
	repeated

	// A member that is to be a string.
	notString
	emptyString
	longString
	halfPair
	controlInString
	topicBadUTF8

	// Which members there are.
	topicMissing
	opMissing
	opUnknown
	unknownMember
	notOfKind
	missing
	noTopics
	topicAndTopics
	sinceBesideTopics
	sinceWithLast
	sinceWithBefore

	// What the members of an operation hold.
	badID
	badNumberRange
	notBoolean
	topicsNotObject
	topicsNotArray
	topicsRepeated
	notPosition
	positionUnknown
	missingWithin
	repeatedWithin
	dataNotObject
)

const notJSON = "not valid JSON"

// faultTexts are the sentences: what, then, where placed, " at byte N", then more.
// {member}, {min} and {max} stand for the member's name and range (memberRules),
// {kind} and {takes} for the operation's name and members (kinds).
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

	badUTF8:  {"not valid UTF-8", true, ""},
	tooDeep:  {"nested deeper than " + strconv.Itoa(MaxDepth) + " levels", true, ""},
	repeated: {`member "{member}" given again`, true, ": give it once"},

	notString:       {what: "{member} is not a string"},
	emptyString:     {what: "{member} is empty"},
	longString:      {what: "{member} is longer than {max} bytes"},
	halfPair:        {what: `{member} has half of a surrogate pair: a \ud83d needs its \ude00`},
	controlInString: {what: "{member} has a control character"},
	topicBadUTF8:    {what: "{member} is not valid UTF-8"},

	topicMissing:      {what: "topic is missing: every message names one"},
	opMissing:         {what: "op is missing: it is one of " + kindNames},
	opUnknown:         {what: "op is unknown: it is one of " + kindNames},
	unknownMember:     {"unknown member", true, ": {kind} takes {takes}"},
	notOfKind:         {what: "{member} does not belong to {kind}: it takes {takes}"},
	missing:           {what: "{member} is missing: {kind} needs it"},
	noTopics:          {what: "topic is missing: {kind} needs topic or topics"},
	topicAndTopics:    {what: "topic and topics are both given: {kind} takes one of them"},
	sinceBesideTopics: {what: "since is given beside topics: a position goes inside, as the value of its topic"},
	sinceWithLast:     {what: "since and last are both given: {kind} takes one of them"},
	sinceWithBefore:   {what: "since and before are both given: {kind} takes one of them"},

	badID:           {what: "id is neither a number nor a string"},
	badNumberRange:  {what: "{member} is not a whole number from {min} to {max}, in plain digits"},
	notBoolean:      {what: "{member} is neither true nor false"},
	topicsNotObject: {what: `topics is not an object: {kind} takes {"topic":null,"topic":{"epoch":…,"seq":…},…}`},
	topicsNotArray:  {what: `topics is not an array: {kind} takes ["topic","topic",…]`},
	topicsRepeated:  {what: "topics names a topic twice"},
	notPosition:     {what: `{member} is neither null nor {"epoch":…,"seq":…}`},
	positionUnknown: {what: "{member} has an unknown member: it takes epoch and seq"},
	missingWithin:   {what: "{member} is missing"},
	repeatedWithin:  {what: "{member} is given twice"},
	dataNotObject:   {what: `data is not an object: {kind} takes {"token":…}`},
}

// kindNames is the list of operations in a sentence.
const kindNames = "subscribe, unsubscribe, publish, history, presence, call, auth, ping"
