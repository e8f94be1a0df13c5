package demo

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/livetopics/live"
)

// What a client may send, in characters unless it says bytes.
const (
	maxName   = 32
	maxRoom   = 32
	maxText   = 2000
	maxTextID = 64  // bytes
	maxRooms  = 100 // in the list of rooms; there may be more
)

// joiner holds the parts of one emoji together and is the only invisible
// character allowed in a name.
const joiner = '\u200d'

// cleanName returns name with the space around it taken off and the space
// within it single, or a refusal. Invisible characters are refused: with them
// one could look like another.
func cleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", live.Errorf(live.CodeBadRequest, "a name is needed to join: give one of up to %d characters", maxName)
	case utf8.RuneCountInString(name) > maxName:
		return "", live.Errorf(live.CodeTooLarge, "the name is longer than %d characters", maxName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) && r != joiner {
			return "", live.Errorf(live.CodeBadRequest, "the name has an invisible character, %U: leave it out", r)
		}
	}
	return name, nil
}

// checkRoom refuses what cannot be a room: rooms are lower-case letters, digits,
// '-' and '_', so that chat:ROOM is a topic and #ROOM an address.
func checkRoom(room string) error {
	switch {
	case room == "":
		return live.Errorf(live.CodeBadRequest, "a room is needed to join: for example lobby")
	case utf8.RuneCountInString(room) > maxRoom:
		return live.Errorf(live.CodeTooLarge, "the room's name is longer than %d characters", maxRoom)
	}
	for _, r := range room {
		letter := unicode.In(r, unicode.L, unicode.M, unicode.Nd) && unicode.ToLower(r) == r
		if !letter && r != '-' && r != '_' {
			return live.Errorf(live.CodeBadRequest, "the room's name has %q: use lower-case letters, digits, - and _", r)
		}
	}
	return nil
}

// cleanText returns text with the space around it and its control characters
// taken off, except new lines and tabs, or a refusal.
func cleanText(text string) (string, error) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", live.Errorf(live.CodeBadRequest, "the text is empty")
	case utf8.RuneCountInString(text) > maxText:
		return "", live.Errorf(live.CodeTooLarge, "the text is longer than %d characters", maxText)
	}
	return text, nil
}
