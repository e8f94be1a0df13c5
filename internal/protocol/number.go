package protocol

func isDigit(c byte) bool { return c-'0' < 10 }

// scanNumber scans the number at i, which is a digit or a minus: RFC 8259,
// section 6. Nothing is converted: a number may be as long as the frame.
func scanNumber(b []byte, i int) (int, fault) {
	var f fault
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++ // nothing but a fraction or an exponent may follow a leading zero
	} else if i, f = scanDigits(b, i); f != 0 {
		return i, f
	}
	if i < len(b) && b[i] == '.' {
		if i, f = scanDigits(b, i+1); f != 0 {
			return i, f
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return scanDigits(b, i)
	}
	return i, 0
}

// scanDigits scans one digit or more.
func scanDigits(b []byte, i int) (int, fault) {
	if i >= len(b) {
		return i, endsEarly
	}
	if !isDigit(b[i]) {
		return i, badNumber
	}
	for i++; i < len(b) && isDigit(b[i]); i++ {
	}
	return i, 0
}
