package protocol

// fewTopics is how many names are compared each with each: for more, a set is faster.
const fewTopics = 8

// readTopics decodes "topics": of subscribe an object, whose values are positions or
// null, of others an array of strings. A fault in one of them refuses the whole: a
// client that writes such a thing does not know what it asks for.
func (op *Operation) readTopics(raw []byte) flaw {
	op.Batch = true
	var w flaw
	switch {
	case op.Kind != KindSubscribe && raw[0] == '[':
		w = op.readNames(raw)
	case op.Kind != KindSubscribe:
		return flaw{topicsNotArray, memberTopics}
	case raw[0] == '{':
		w = op.readPositions(raw)
	default:
		return flaw{topicsNotObject, memberTopics}
	}
	if w.fault == 0 && repeats(op.Topics) {
		return flaw{topicsRepeated, memberTopics}
	}
	return w
}

func (op *Operation) readNames(raw []byte) flaw {
	n := 0
	for a := newArray(raw); a.next(); n++ {
		if f := checkString(a.value, 1, MaxTopic); f != 0 {
			return flaw{f, topicsName}
		}
	}
	op.Topics = make([]TopicRequest, 0, n)
	for a := newArray(raw); a.next(); {
		op.Topics = append(op.Topics, TopicRequest{Topic: decodeString(a.value)})
	}
	return flaw{}
}

func (op *Operation) readPositions(raw []byte) flaw {
	names, positions := 0, 0
	o := object{b: raw}
	for o.open(); o.next(); names++ {
		if f := checkText(o.name, 1, MaxTopic); f != 0 {
			return flaw{f, topicsName}
		}
		if o.value[0] != 'n' {
			positions++
		}
	}
	op.Topics = make([]TopicRequest, 0, names)
	all := make([]Position, positions) // at once: after an outage every client asks for its many
	o = object{b: raw}
	for o.open(); o.next(); {
		t := TopicRequest{Topic: decodeText(o.name)}
		if o.value[0] != 'n' {
			t.Since, all = &all[0], all[1:]
			if w := t.Since.read(o.value, positionOfTopics); w.fault != 0 {
				return w
			}
		}
		op.Topics = append(op.Topics, t)
	}
	return flaw{}
}

// repeats reports whether a topic stands in topics twice.
func repeats(topics []TopicRequest) bool {
	if len(topics) <= fewTopics {
		for i := range topics {
			for j := range i {
				if topics[i].Topic == topics[j].Topic {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(topics))
	for i := range topics {
		seen[topics[i].Topic] = struct{}{}
	}
	return len(seen) < len(topics)
}
