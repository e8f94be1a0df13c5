package protocol

import "bytes"

// MaxDepth is how many arrays and objects may stand within each other in a value:
// [] has depth 1, [[]] depth 2. RFC 8259, section 9, lets an implementation set a
// limit. This one holds the trees of documents that people send, and what common
// decoders take. In a frame it holds for each member's value: the envelope itself
// is not counted, so that what a client may send and what a program may publish
// are the same.
const MaxDepth = 512

// Check reports whether b is one JSON value (RFC 8259) with nothing but white
// space around it, UTF-8 throughout, and nested at most MaxDepth deep. Numbers of
// any size and precision pass, as do repeated names and unpaired surrogate escapes
// inside: the grammar allows them, and nothing here decodes them. The error is an
// *Error with the place. It allocates nothing but that error.
func Check(b []byte) error {
	i := skipSpace(b, 0)
	if i == len(b) {
		return newError(emptyValue, 0)
	}
	i, f := scanValue(b, i)
	if f != 0 {
		if hasMark(b) {
			f = byteOrderMark
		}
		return newError(f, i)
	}
	if i = skipSpace(b, i); i < len(b) {
		return newError(trailing, i)
	}
	return nil
}

// hasMark reports whether b begins with a byte order mark, which RFC 8259,
// section 8.1, forbids: looked for only once a scan has failed, to say so plainly.
func hasMark(b []byte) bool { return bytes.HasPrefix(b, []byte("\ufeff")) }

// The scan functions take the index at which something begins, and give the index
// after it; or the index of the fault, and the fault. None of them allocates.

// skipSpace gives the index of the first byte at or after i that is not white
// space: RFC 8259, section 2.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// scanValue scans the value at i. No white space stands before it.
func scanValue(b []byte, i int) (int, fault) {
	if i < len(b) && (b[i] == '{' || b[i] == '[') {
		return scanNested(b, i)
	}
	return scanScalar(b, i)
}

// scanNested scans the array or object at i without recursion, so that a level
// costs a bit and not a stack frame.
func scanNested(b []byte, i int) (int, fault) {
	var outer nesting
	var end byte // the bracket that closes the innermost open array or object
	var f fault
	for i < len(b) {
		// A value begins at i.
		switch c := b[i]; c {
		case '"':
			i, f = scanString(b, i)
		case '{', '[':
			if !outer.push(end) {
				return i, tooDeep
			}
			end = c + 2 // in ASCII, the closing bracket
			if i = skipSpace(b, i+1); i < len(b) && b[i] == end {
				break
			}
			if c == '{' {
				if _, i, f = scanName(b, i); f != 0 {
					return i, f
				}
			}
			continue
		default:
			i, f = scanScalar(b, i)
		}
		// A value ended before i, or an array or object is empty: close what ends here.
		for {
			if f != 0 {
				return i, f
			}
			if i = skipSpace(b, i); i >= len(b) {
				return i, endsEarly
			}
			if b[i] != end {
				break
			}
			i++
			if end = outer.pop(); end == 0 {
				return i, 0
			}
		}
		if b[i] != ',' {
			return i, wantComma(end)
		}
		if i = skipSpace(b, i+1); end == '}' {
			if _, i, f = scanName(b, i); f != 0 {
				return i, f
			}
		}
	}
	return i, endsEarly
}

// scanName scans a member's name and its colon, and gives the index after the
// name's closing quote, and that of the value. Most names are a few plain
// characters, and have their colon right behind them.
func scanName(b []byte, i int) (end, value int, f fault) {
	if i >= len(b) {
		return 0, i, endsEarly
	}
	if b[i] != '"' {
		return 0, i, wantName
	}
	end = skipPlain(b, i+1)
	if end < len(b) && b[end] == '"' {
		end++
	} else if end, f = scanString(b, i); f != 0 {
		return 0, end, f
	}
	if i = skipSpace(b, end); i >= len(b) {
		return 0, i, endsEarly
	}
	if b[i] != ':' {
		return 0, i, wantColon
	}
	return end, skipSpace(b, i+1), 0
}

// scanScalar scans a string, a number or a literal: RFC 8259, section 3.
func scanScalar(b []byte, i int) (int, fault) {
	if i >= len(b) {
		return i, endsEarly
	}
	switch c := b[i]; {
	case c == '"':
		return scanString(b, i)
	case c == '-' || isDigit(c):
		return scanNumber(b, i)
	case c == 't':
		return scanLiteral(b, i, "true")
	case c == 'f':
		return scanLiteral(b, i, "false")
	case c == 'n':
		return scanLiteral(b, i, "null")
	}
	return i, wantValue
}

func scanLiteral(b []byte, i int, literal string) (int, fault) {
	if end := i + len(literal); end <= len(b) && string(b[i:end]) == literal {
		return end, 0
	}
	return i, wantValue
}
