package protocol

// Kind is which operation a client asks for: the string in its frame's op.
type Kind uint8

// The operations. Zero is none of them.
const (
	KindSubscribe   Kind = iota + 1 // follow a topic, or many
	KindUnsubscribe                 // follow it no longer
	KindPublish                     // say something on a topic
	KindHistory                     // read what a topic remembers
	KindPresence                    // read who is on a topic
	KindCall                        // ask the program something
	KindAuth                        // hand in a new token
	KindPing                        // ask for a sign of life
)

// String is the kind's name in a frame, such as "subscribe"; "" for none of them.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return ""
}

// kindNamed is the kind of that name, decoded; 0 for a name that is none.
func kindNamed(name []byte) Kind {
	for k := KindSubscribe; k <= KindPing; k++ {
		if kinds[k].name == string(name) {
			return k
		}
	}
	return 0
}

// grammar is which members an operation takes beside op and id, which every one does.
type grammar struct {
	name  string
	takes memberSet
	needs memberSet // all of these
	oneOf memberSet // one of these, no more; empty: no such need
	apart []pair
}

// pair are two members that an operation takes, but not together.
type pair struct {
	both  memberSet
	fault fault
}

// kinds are the operations, each a row.
var kinds = [...]grammar{
	KindSubscribe: {
		name:  "subscribe",
		takes: setOf(memberTopic, memberTopics, memberSince, memberLast, memberPresence),
		oneOf: setOf(memberTopic, memberTopics),
		apart: []pair{
			{setOf(memberTopics, memberSince), sinceBesideTopics},
			{setOf(memberSince, memberLast), sinceWithLast},
		},
	},
	KindUnsubscribe: {
		name:  "unsubscribe",
		takes: setOf(memberTopic, memberTopics),
		oneOf: setOf(memberTopic, memberTopics),
	},
	KindPublish: {
		name:  "publish",
		takes: setOf(memberTopic, memberData, memberKey, memberDedup, memberEcho),
		needs: setOf(memberTopic, memberData),
	},
	KindHistory: {
		name:  "history",
		takes: setOf(memberTopic, memberSince, memberBefore, memberLimit),
		needs: setOf(memberTopic),
		apart: []pair{{setOf(memberSince, memberBefore), sinceWithBefore}},
	},
	KindPresence: {
		name:  "presence",
		takes: setOf(memberTopic, memberLimit),
		needs: setOf(memberTopic),
	},
	KindCall: {
		name:  "call",
		takes: setOf(memberTopic, memberData),
		needs: setOf(memberTopic),
	},
	KindAuth: {
		name:  "auth",
		takes: setOf(memberData),
		needs: setOf(memberData),
	},
	KindPing: {
		name: "ping",
	},
}

// check looks at which members there are, not at what they hold.
func (g *grammar) check(given memberSet) flaw {
	given &^= setOf(memberOp, memberID)
	if m := (given &^ g.takes).first(); m != 0 {
		return flaw{notOfKind, m}
	}
	if m := (g.needs &^ given).first(); m != 0 {
		return flaw{missing, m}
	}
	if g.oneOf != 0 {
		switch given & g.oneOf {
		case 0:
			return flaw{noTopics, memberTopic}
		case g.oneOf:
			return flaw{topicAndTopics, memberTopic}
		}
	}
	for _, p := range g.apart {
		if given&p.both == p.both {
			return flaw{p.fault, memberSince}
		}
	}
	return flaw{}
}
