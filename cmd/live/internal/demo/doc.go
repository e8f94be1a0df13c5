// Package demo is the chat that `live serve` shows at /: its page, and the rules and
// hooks behind it. It is also an example of an application: a room is a topic with
// history and presence, and all that is left to write is who may do what.
//
// # Topics
//
//	chat:ROOM    what is said: {"id":"x1","from":"Ada","text":"hi","at":…}; whoever
//	             joins may ask for the last of it, and who is there is its presence
//	typing:ROOM  {"from":"Ada"}, again and again while somebody types; a slow reader
//	             gets the newest of each only
//	rooms        {"rooms":[{"room":"lobby","open":true}]}; whoever subscribes gets all
//	             that are open, and then those that open and close
//
// A client says who it is by /ws?name=Ada, or later by a call of "name" with
// {"name":"Ada"}, which answers with the name as it will be shown. Two windows of one
// name are one person. It publishes {"text":"hi","id":"x1"} to a room; the id is its
// own, optional, and comes back with the publication: given as dedup too, a text that
// is sent again after a broken connection is said once.
//
// Times are Unix milliseconds. A room remembers its last 200 texts for an hour, in
// memory.
package demo
