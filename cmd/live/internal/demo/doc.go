// Package demo is the chat that `live serve` shows at /: its page, and the hooks
// behind it. The hooks use the founding API alone, so the package is also an
// example of an application: rooms are topics, a publication is what everybody
// in a room sees, Send is what one session sees.
//
// # What a client sends
//
//	{"topic":"rooms"}                                          watch the list of rooms
//	{"topic":"join","data":{"room":"lobby","name":"Ada"}}      enter a room, leaving any other
//	{"topic":"chat:lobby","data":{"text":"hi","id":"x1"}}      say something there
//	{"topic":"leave"}                                          go
//
// The id of a text is the client's own, optional, and comes back with the
// publication: so a client knows that its text arrived, and one that sends a
// text again after a broken connection lets everybody else drop the repeat.
//
// # What a session receives
//
//	rooms       {"rooms":[{"room":"lobby","members":2}]}       all of them first, then those that changed; 0 members: gone
//	joined      {"room":"lobby","you":{…},"members":[{"id":7,"name":"Ada"}]}
//	left        {"room":"lobby"}
//	chat:lobby  {"type":"join"|"leave","member":{…},"at":…}
//	chat:lobby  {"type":"message","id":"x1","from":{…},"text":"hi","at":…}
//	error       {"code":"bad_request","message":"…","id":"x1"}  the id where a text was refused
//
// Times are Unix milliseconds. A name that is taken in a room gets a number:
// "Ada 2". Nothing is kept: whoever joins sees what is said from then on.
package demo
