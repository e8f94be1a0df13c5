// Package topic knows what a topic is called, chat:room:42, segments joined by colons,
// and how many topics are spoken of at once. It holds no topics and no subscribers.
//
// A topic
//
//	has 1 to MaxLen bytes, and they are UTF-8
//	is made of segments joined by ':', none of them empty
//	has no control character      U+0000 to U+001F, U+007F, U+0080 to U+009F
//	has no white space            what Unicode calls so: U+0020, U+00A0, U+2028, U+3000, …
//	has none of * { }             patterns are written with them
//
// and is the server's own if it begins with '$' (Reserved). Everything else may be
// in it: letters of any script, symbols, emoji with the invisible joiners that hold
// them together. Two topics are the same where their bytes are: neither case nor
// Unicode's several spellings of é are made one.
//
// A Pattern says which topics a rule is for, and gives parts of them names. A Wildcard
// says which topics a subscription is for.
//
//	pattern           wildcard      matches             does not match
//	news              (a topic)     news                news:local
//	chat:{room}       chat:*        chat:1              chat, chat:1:log
//	{team}:log        *:log         red:log             log, $sys:log
//	files:{path...}   files:**      files:a, files:a:b  files
//
// A parameter or a star is a whole segment. What takes the rest takes at least one
// segment, and is the last. What does not begin with a literal never matches the
// server's own topics; no pattern does at all.
//
// A Table has the rules, each under a pattern, and finds the most specific one for a
// topic. One pattern is more specific than another if it matches some of the topics that
// the other matches, and no more: chat:lobby than chat:{room}, and that than chat:{rest...}.
// Where two overlap otherwise, the table refuses the second with a ConflictError.
//
// An Index has the wildcards that somebody is subscribed to, and finds all that match a
// topic. It is replaced, never changed, so those who look things up in it need no lock.
package topic
