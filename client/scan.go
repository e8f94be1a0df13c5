package client

import "errors"

// A frame is one JSON object. These functions find where its members are, in one pass and
// without memory of their own: what stands inside a value is not looked at, but for the
// brackets and quotes that say where it ends. They take all that is valid JSON, and some
// that is not.

// eachMember calls yield for each member of the object that text is.
func eachMember(text []byte, yield func(name string, value []byte) error) error {
	i := skipSpace(text, 0)
	if i == len(text) || text[i] != '{' {
		return errFrame
	}
	i = skipSpace(text, i+1)
	if i < len(text) && text[i] == '}' {
		return ending(text, i+1)
	}
	for {
		name, value, next, err := member(text, i)
		if err != nil {
			return err
		}
		if err := yield(name, value); err != nil {
			return err
		}
		i = skipSpace(text, next)
		switch {
		case i == len(text):
			return errFrame
		case text[i] == '}':
			return ending(text, i+1)
		case text[i] != ',':
			return errFrame
		}
		i = skipSpace(text, i+1)
	}
}

// member reads one member, which begins at i.
func member(text []byte, i int) (name string, value []byte, next int, err error) {
	end, ok := skipString(text, i)
	if !ok {
		return "", nil, 0, errors.New("a member has no name")
	}
	if name, err = unquoted(text[i:end]); err != nil {
		return "", nil, 0, err
	}
	i = skipSpace(text, end)
	if i == len(text) || text[i] != ':' {
		return "", nil, 0, errors.New("a member has no value")
	}
	i = skipSpace(text, i+1)
	if end, ok = skipValue(text, i); !ok {
		return "", nil, 0, errors.New("a value does not end")
	}
	return name, text[i:end], end, nil
}

// ending checks that nothing but space follows.
func ending(text []byte, i int) error {
	if skipSpace(text, i) != len(text) {
		return errors.New("something follows the object")
	}
	return nil
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the place after the string that begins at i.
func skipString(text []byte, i int) (end int, ok bool) {
	if i >= len(text) || text[i] != '"' {
		return 0, false
	}
	for i++; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1, true
		case '\\':
			i++
		}
	}
	return 0, false
}

// skipValue returns the place after the value that begins at i.
func skipValue(text []byte, i int) (end int, ok bool) {
	if i >= len(text) {
		return 0, false
	}
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		return skipNested(text, i)
	}
	start := i
	for ; i < len(text); i++ {
		switch text[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i, i > start
		}
	}
	return 0, false
}

// skipNested returns the place after the object or array that begins at i.
func skipNested(text []byte, i int) (end int, ok bool) {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"':
			if end, ok = skipString(text, i); !ok {
				return 0, false
			}
			i = end - 1
		}
	}
	return 0, false
}
