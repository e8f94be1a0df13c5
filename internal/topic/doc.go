// Package topic knows what a topic is called: chat:room:42, segments joined by
// colons. It holds no topics and no subscribers, only the rules for their names.
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
package topic
