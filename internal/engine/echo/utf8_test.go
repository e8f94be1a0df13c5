package main

import (
	"bytes"
	"fmt"
	"testing"
)

// kosme is Greek text of characters of two and three bytes.
const kosme = "κόσμε ὐ"

// validText is text at the edges of what RFC 3629, section 4, defines.
var validText = []string{
	"Hello-µ@ßöäüàá-UTF-8!!", kosme, "日本語", "😀😀",
	"\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff",
	"\U00010000", "\U0001fffe", "\U0003ffff", "\U000fffff", "\U00100000", "\U0010fffe", "\U0010ffff",
}

// invalidText has, before the dot, what text may begin with, and behind it the
// byte that shows that it is none.
var invalidText = [][2]string{
	{"", "\x80"},
	{"", "\xbf"},
	{"ab", "\x80"},
	{"", "\xc0"},
	{"", "\xc1"},
	{"", "\xf5"},
	{"", "\xf8"},
	{"", "\xfc"},
	{"", "\xfe"},
	{"", "\xff"},
	{"\xc2", "\x20"},
	{"\xdf", "\xc0"},
	{"\xe1", "\x7f"},
	{"\xe1\x80", "a"},
	{"\xf1", "\x20"},
	{"\xf1\x80", "\xff"},
	{"\xf1\x80\x80", "a"},
	{"\xe0", "\x80"},
	{"\xe0", "\x9f"},
	{"\xf0", "\x80"},
	{"\xf0", "\x8f"}, // overlong
	{"\xed", "\xa0"},
	{"\xed", "\xad"},
	{"\xed", "\xae"},
	{"\xed", "\xbf"}, // surrogates
	{"\xf4", "\x90"},
	{kosme + "\xf4", "\x90"},
	{kosme, "\xff"}, // beyond U+10FFFF
	{"Hello-µ@ßöäüàá-UTF-8!!" + kosme + "\xed", "\xa0"},
}

func TestValidTextIsEchoedHoweverItIsCut(t *testing.T) {
	for _, s := range validText {
		t.Run(fmt.Sprintf("%+q", s), func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(text(s))
				c.expect(opText, []byte(s))
				c.sendChopped(1, text(s))
				c.expect(opText, []byte(s))
				c.send(fragments(opText, cut(s, 1)...)...)
				c.expect(opText, []byte(s))
				c.closeCleanly()
			})
		})
	}
}

func TestInvalidTextFailsTheConnectionAtItsFirstBadByte(t *testing.T) {
	for _, s := range invalidText {
		t.Run(fmt.Sprintf("%+q", s[0]+s[1]), func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				// A frame that ends there, at once and byte by byte.
				for _, chop := range []int{1 << 16, 1} {
					c := connect(t, addr)
					c.sendChopped(chop, text(s[0]+s[1]))
					c.expectFailure(1007)
				}
				// A frame whose rest never comes.
				c := connect(t, addr)
				whole := text(s[0] + s[1] + "never sent")
				c.sendChopped(1, whole[:len(whole)-len("never sent")])
				c.expectFailure(1007)
				// A fragment, while the message never ends. The pong shows that what
				// came before it was no reason to fail.
				c = connect(t, addr)
				c.send(begin(s[0]), ping("so far so good"))
				c.expect(opPong, []byte("so far so good"))
				c.send(more(s[1]))
				c.expectFailure(1007)
			})
		})
	}
}

func TestTextThatEndsInsideACharacterFailsTheConnection(t *testing.T) {
	for _, s := range []string{"\xc2", "\xe1", "\xe1\x80", "\xf1", "\xf1\x80", "\xf1\x80\x80", kosme + "\xce"} {
		t.Run(fmt.Sprintf("%+q", s), func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				c := connect(t, addr)
				c.send(text(s))
				c.expectFailure(1007)
				c = connect(t, addr)
				c.send(begin(s), last(""))
				c.expectFailure(1007)
			})
		})
	}
}

func TestMessageBeforeInvalidTextIsEchoed(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(bytes.Join([][]byte{text("good"), text("\xed\xa0\x80"), text("unheard")}, nil))
		c.expect(opText, []byte("good"))
		c.expectFailure(1007)
	})
}

func TestPingInsideACharacterDoesNotBreakIt(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(begin("\xf0\x9f"), ping("\xff"), more("\x98"), pong("\xff"), last("\x80"))
		c.expect(opPong, []byte("\xff"))
		c.expect(opText, []byte("😀"))
		c.closeCleanly()
	})
}
