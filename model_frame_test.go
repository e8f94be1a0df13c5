package live_test

import (
	"errors"
	"strconv"
	"strings"
)

// modelPad is what publications are made longer with.
var modelPad = strings.Repeat("x", 3000)

// pad is how many bytes a publication has more than it needs: most few, some many.
func (e modelEntry) pad() int {
	h := (uint64(e.publisher)<<32 | uint64(e.n)) * 0x9e3779b97f4a7c15 >> 32
	if h%97 == 0 {
		return int(h/97) % len(modelPad)
	}
	return int(h % 150)
}

// data is what the publication says.
func (e modelEntry) data(dst []byte) []byte {
	dst = append(dst, '[')
	for _, n := range [...]uint32{uint32(e.publisher), e.n, uint32(e.except), e.session} {
		dst = append(strconv.AppendUint(dst, uint64(n), 10), ',')
	}
	dst = append(append(dst, '"'), modelPad[:e.pad()]...)
	return append(dst, `"]`...)
}

// frame is how a client receives it.
func (t *modelTopic) frame(dst []byte, seq uint64, e modelEntry) []byte {
	dst = append(append(append(dst, `{"topic":"`...), t.name...), `","data":`...)
	dst = e.data(dst)
	if seq != 0 {
		dst = strconv.AppendUint(append(dst, `,"seq":`...), seq, 10)
	}
	if key := t.key(e); key != "" {
		dst = append(append(append(dst, `,"key":"`...), key...), '"')
	}
	return append(dst, '}')
}

var errNoPublication = errors.New("no publication of the model")

// parseData reads what data wrote, and returns what follows it.
func parseData(s string) (e modelEntry, rest string, err error) {
	rest, ok := strings.CutPrefix(s, "[")
	var n [4]uint32
	for i := range n {
		text, after, found := strings.Cut(rest, ",")
		v, err := strconv.ParseUint(text, 10, 32)
		if !ok || !found || err != nil {
			return e, "", errNoPublication
		}
		n[i], rest = uint32(v), after
	}
	e = modelEntry{publisher: uint16(n[0]), n: n[1], except: uint16(n[2]), session: n[3]}
	if len(rest) < e.pad()+len(`""]`) {
		return e, "", errNoPublication
	}
	return e, rest[e.pad()+len(`""]`):], nil
}

// parseSeq reads the number that may follow the data.
func parseSeq(rest string) uint64 {
	digits, ok := strings.CutPrefix(rest, `,"seq":`)
	if !ok {
		return 0
	}
	seq := uint64(0)
	for i := 0; i < len(digits) && digits[i] >= '0' && digits[i] <= '9'; i++ {
		seq = seq*10 + uint64(digits[i]-'0')
	}
	return seq
}

// splitTopic cuts the topic off a frame that begins with it. Names have no escapes.
func splitTopic(frame string) (topic, rest string, ok bool) {
	rest, ok = strings.CutPrefix(frame, `{"topic":"`)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, `",`)
}
