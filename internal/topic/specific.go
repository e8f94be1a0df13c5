package topic

// disjoint reports whether no topic, however long, matches both patterns.
func disjoint(p, q string) bool {
	for {
		a, pRest, pMore := cut(p)
		b, qRest, qMore := cut(q)
		ka, kb := kindOf(a), kindOf(b)
		switch {
		case ka == tail || kb == tail:
			return false
		case ka == literal && kb == literal && a != b:
			return true
		case !pMore || !qMore:
			return pMore != qMore
		}
		p, q = pRest, qRest
	}
}

// within reports whether every topic that p matches is matched by q too.
func within(p, q string) bool {
	for {
		a, pRest, pMore := cut(p)
		b, qRest, qMore := cut(q)
		ka, kb := kindOf(a), kindOf(b)
		switch {
		case kb == tail:
			return true
		case ka == tail, kb == literal && a != b:
			return false
		case !pMore || !qMore:
			return pMore == qMore
		}
		p, q = pRest, qRest
	}
}

// common is the shortest topic that both patterns match. They are not disjoint.
func common(p, q string) string {
	var topic []byte
	for {
		a, pRest, pMore := cut(p)
		b, qRest, qMore := cut(q)
		ka, kb := kindOf(a), kindOf(b)
		switch {
		case ka == literal:
			topic = append(topic, a...)
		case kb == literal:
			topic = append(topic, b...)
		default:
			topic = append(topic, 'x')
		}
		if !pMore && !qMore {
			return string(topic)
		}
		topic = append(topic, Separator)
		// What takes the rest goes on taking.
		if ka != tail {
			p = pRest
		}
		if kb != tail {
			q = qRest
		}
	}
}
