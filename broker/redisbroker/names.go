package redisbroker

import (
	"strconv"
	"strings"
)

// names makes the names of keys and channels. All of a topic have the topic in
// braces, so that a Redis Cluster keeps them in one slot.
type names struct {
	prefix  string // of keys
	channel string // of channels, which the databases of a server share
}

func newNames(prefix string, db int) names {
	n := names{prefix: prefix, channel: prefix}
	if db != 0 {
		n.channel += "@" + strconv.Itoa(db)
	}
	return n
}

// braces keeps a topic's own from ending the tag early. No topic by the rules has any.
var (
	braces  = strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D")
	unbrace = strings.NewReplacer("%25", "%", "%7B", "{", "%7D", "}")
)

// tag is the part of a name that decides on the slot.
func tag(topic string) string {
	if strings.ContainsAny(topic, "%{}") {
		topic = braces.Replace(topic)
	}
	return ":{" + topic + "}"
}

func (n names) meta(topic string) string    { return n.prefix + tag(topic) + ":m" }
func (n names) stream(topic string) string  { return n.prefix + tag(topic) + ":s" }
func (n names) order(topic string) string   { return n.prefix + tag(topic) + ":o" }
func (n names) info(topic string) string    { return n.prefix + tag(topic) + ":i" }
func (n names) regs(topic string) string    { return n.prefix + tag(topic) + ":r" }
func (n names) leases() string              { return n.prefix + ":$nodes" }
func (n names) owned(node string) string    { return n.prefix + ":$node:" + node }
func (n names) wildcards() string           { return n.prefix + ":$wildcards" }
func (n names) heartbeat() string           { return n.prefix + ":$heartbeat" }
func (n names) publish(topic string) string { return n.channel + tag(topic) }
func (n names) wild(topic string) string    { return n.channel + ":*" + tag(topic) }
func (n names) dedup(topic, id string) string {
	return n.prefix + tag(topic) + ":d:" + id
}

// topic is the reverse of publish and wild; ok is false for a channel of others.
func (n names) topic(channel string) (topic string, ok bool) {
	rest, ok := strings.CutPrefix(channel, n.channel+":")
	if !ok {
		return "", false
	}
	rest = strings.TrimPrefix(rest, "*:")
	if len(rest) < 2 || rest[0] != '{' || rest[len(rest)-1] != '}' {
		return "", false
	}
	topic = rest[1 : len(rest)-1]
	if strings.IndexByte(topic, '%') >= 0 {
		topic = unbrace.Replace(topic)
	}
	return topic, true
}

// isWildcard tells whether a name has a segment that is * or **.
func isWildcard(name string) bool {
	for more := true; more; {
		var segment string
		segment, name, more = strings.Cut(name, ":")
		if segment == "*" || segment == "**" {
			return true
		}
	}
	return false
}

// matches tells whether a wildcard matches a topic: * is one segment, ** at the end is
// one or more.
func matches(wildcard, topic string) bool {
	for {
		want, wildRest, wildMore := strings.Cut(wildcard, ":")
		got, topicRest, topicMore := strings.Cut(topic, ":")
		switch {
		case want == "**" && !wildMore:
			return true
		case want != "*" && want != got, wildMore != topicMore:
			return false
		case !wildMore:
			return true
		}
		wildcard, topic = wildRest, topicRest
	}
}

// glob is a pattern, in the server's language, of the channels whose topics the wildcard
// matches; it matches others too, since its * takes colons.
func glob(wildcard string, channel func(topic string) string) string {
	const star = "\x00" // in no topic
	var segments []string
	for segment := range strings.SplitSeq(wildcard, ":") {
		if segment == "*" || segment == "**" {
			segment = star
		}
		segments = append(segments, segment)
	}
	return globs.Replace(channel(strings.Join(segments, ":")))
}

// globs escapes what has a meaning in a pattern, and makes stars of those of glob.
var globs = strings.NewReplacer(
	`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `^`, `\^`, "\x00", `*`,
)

// tagged tells whether a name has what begins or ends the part that decides on the slot.
func tagged(name string) bool { return strings.ContainsAny(name, "{}") }
