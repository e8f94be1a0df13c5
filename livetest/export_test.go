package livetest

// For the tests of what has no way through the API.
var (
	AppendMasked = appendMasked
	ReadFrame    = readFrame
	ParseFrame   = parseFrame
	SameJSON     = sameJSON
	NewPipe      = newPipe
)

// IsReply is isReply.
func (f *Frame) IsReply() (id string, ok bool) { return f.isReply() }

// StreamSize is streamSize.
const StreamSize = streamSize
