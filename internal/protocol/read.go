package protocol

// The functions here decode a value that the scanner has passed by the rule of its
// member, and give its fault.

// readString decodes a string.
func readString(s *string, raw []byte, m member) fault {
	rule := &memberRules[m]
	if f := checkString(raw, int(rule.min), int(rule.max)); f != 0 {
		return f
	}
	*s = decodeString(raw)
	return 0
}

// readLabel decodes a string that people may come to see in logs and lists: it has
// no control character.
func readLabel(s *string, raw []byte, m member) fault {
	if f := readString(s, raw, m); f != 0 {
		return f
	}
	if hasControl(*s) {
		return controlInString
	}
	return 0
}

// readNumber decodes a whole number in plain digits: a fraction or an exponent would
// be the same number to some readers and not to others.
func readNumber[T int | uint64](n *T, raw []byte, m member) fault {
	rule := &memberRules[m]
	var x uint64
	for _, c := range raw {
		if !isDigit(c) || x > rule.max {
			return badNumberRange
		}
		x = x*10 + uint64(c-'0')
	}
	if x < rule.min || x > rule.max {
		return badNumberRange
	}
	*n = T(x)
	return 0
}

// readBoolean decodes true or false.
func readBoolean(raw []byte) (bool, fault) {
	if raw[0] != 't' && raw[0] != 'f' {
		return false, notBoolean
	}
	return raw[0] == 't', 0
}

// readSince decodes a position, or null, which is none.
func readSince(raw []byte) (*Position, flaw) {
	if raw[0] == 'n' {
		return nil, flaw{}
	}
	p := new(Position)
	w := p.read(raw, positionOfSince)
	return p, w
}
