package protocol_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/livetopics/live/internal/protocol"
)

// rawMember is one member of an object: its name as it came and decoded, and its value.
type rawMember struct {
	raw   []byte
	name  string
	value json.RawMessage
}

// rawMembers reads an object that is valid JSON; ok is false for another value.
func rawMembers(b []byte) (all []rawMember, ok bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		before := d.InputOffset()
		token, _ := d.Token()
		raw := b[before:d.InputOffset()]
		m := rawMember{raw: raw[bytes.IndexByte(raw, '"'):], name: token.(string)}
		if d.Decode(&m.value) != nil {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// once gives the values by name of an object whose members are all of names and
// stand there once.
func once(b []byte, names ...string) (map[string]json.RawMessage, bool) {
	all, ok := rawMembers(b)
	values := map[string]json.RawMessage{}
	for _, m := range all {
		if values[m.name] != nil || !slices.Contains(names, m.name) {
			return nil, false
		}
		values[m.name] = m.value
	}
	return values, ok
}

// takes is what the oracle knows of the operations.
var takes = map[string]string{
	"subscribe":   "topic topics since last presence",
	"unsubscribe": "topic topics",
	"publish":     "topic data key dedup echo",
	"history":     "topic since before limit",
	"presence":    "topic limit",
	"call":        "topic data",
	"auth":        "data",
	"ping":        "",
}

// operation is the oracle of ParseOperation; ok is false for a frame to be refused.
func operation(frame []byte) (op protocol.Operation, ok bool) {
	if !utf8.Valid(frame) || !json.Valid(frame) || depth(frame) > protocol.MaxDepth+1 {
		return op, false
	}
	all, _ := rawMembers(frame)
	var name string
	for _, m := range all {
		if m.name == "op" && json.Unmarshal(m.value, &name) != nil {
			return op, false
		}
	}
	list, known := takes[name]
	if op.Kind = kindOf(name); !known || op.Kind == 0 {
		return op, false
	}
	v, ok := once(frame, append(strings.Fields(list), "op", "id")...)
	if !ok || !together(name, v) {
		return op, false
	}
	o := oracle{ok: true}
	op.ID = o.id(v["id"])
	op.Topic = o.text(v["topic"], 1, 255)
	op.Batch = v["topics"] != nil
	op.Topics = o.topics(v["topics"], name == "subscribe")
	op.Since = o.position(v["since"])
	op.Last = int(o.number(v["last"], 1, 1e6))
	op.Limit = int(o.number(v["limit"], 1, 1e6))
	op.Before = o.number(v["before"], 1, 1<<53-1)
	op.Presence = o.boolean(v["presence"], false)
	op.Key, op.Dedup = o.label(v["key"]), o.label(v["dedup"])
	op.NoEcho = !o.boolean(v["echo"], true)
	op.Data = v["data"]
	if name == "auth" {
		op.Token = o.token(op.Data)
	}
	return op, o.ok
}

// together tells whether the members that are there may be so.
func together(op string, v map[string]json.RawMessage) bool {
	has := func(name string) bool { return v[name] != nil }
	switch op {
	case "subscribe":
		return has("topic") != has("topics") && !(has("since") && (has("last") || has("topics")))
	case "unsubscribe":
		return has("topic") != has("topics")
	case "publish":
		return has("topic") && has("data")
	case "history":
		return has("topic") && !(has("since") && has("before"))
	case "presence", "call":
		return has("topic")
	case "auth":
		return has("data")
	}
	return true
}

// oracle decodes values, nil for absent ones; ok becomes false at the first bad one.
type oracle struct{ ok bool }

func (o *oracle) want(ok bool) { o.ok = o.ok && ok }

func (o *oracle) text(raw []byte, least, most int) string {
	var s *string
	if raw == nil {
		return ""
	}
	if json.Unmarshal(raw, &s) != nil || s == nil {
		o.ok = false
		return ""
	}
	o.want(least <= len(*s) && len(*s) <= most && !halfPair(raw))
	return *s
}

func (o *oracle) id(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		o.text(raw, 0, 64)
	} else if raw != nil {
		var n json.Number
		o.want(len(raw) <= 64 && string(raw) != "null" && json.Unmarshal(raw, &n) == nil)
	}
	return raw
}

var (
	digits  = regexp.MustCompile(`^[0-9]+$`)
	control = regexp.MustCompile(`\p{Cc}`)
)

func (o *oracle) number(raw []byte, least, most uint64) uint64 {
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	o.want(err == nil && digits.Match(raw) && least <= n && n <= most)
	return n
}

func (o *oracle) boolean(raw []byte, absent bool) bool {
	if raw == nil {
		return absent
	}
	o.want(string(raw) == "true" || string(raw) == "false")
	return string(raw) == "true"
}

func (o *oracle) label(raw []byte) string {
	s := o.text(raw, 1, 128)
	o.want(!control.MatchString(s))
	return s
}

func (o *oracle) position(raw []byte) *protocol.Position {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	v, ok := once(raw, "epoch", "seq")
	o.want(ok && len(v) == 2)
	return &protocol.Position{Epoch: o.text(v["epoch"], 0, 64), Seq: o.number(v["seq"], 0, 1<<53-1)}
}

func (o *oracle) topics(raw []byte, object bool) (topics []protocol.TopicRequest) {
	if raw == nil {
		return nil
	}
	var names []json.RawMessage
	if object {
		all, ok := rawMembers(raw)
		o.want(ok)
		for _, m := range all {
			topics = append(topics, protocol.TopicRequest{Topic: o.text(m.raw, 1, 255), Since: o.position(m.value)})
		}
	} else {
		o.want(json.Unmarshal(raw, &names) == nil && names != nil)
	}
	for _, name := range names {
		topics = append(topics, protocol.TopicRequest{Topic: o.text(name, 1, 255)})
	}
	seen := map[string]bool{}
	for _, t := range topics {
		o.want(!seen[t.Topic])
		seen[t.Topic] = true
	}
	return topics
}

func (o *oracle) token(raw []byte) (token string) {
	all, _ := rawMembers(raw)
	n := 0
	for _, m := range all {
		if m.name == "token" {
			token = o.text(m.value, 1, 16<<10)
			n++
		}
	}
	o.want(n == 1)
	return token
}
