// Package engine moves frames between topics and WebSocket connections. It knows
// nothing of JSON, of rules or of brokers: it sees topics, frames and connections.
//
// # The flow
//
//	Publish ─► route: which loops care? ─► their inboxes ─┐
//	                                                      ▼
//	socket readable ─► loop reads ─► ws.Reader       a loop's turn:
//	                       │                           1. take the inbox
//	                       ▼                           2. list the frames, mark the subscribers
//	                   mailbox ─► Handler              3. one write per connection marked
//	                                                   4. poll: read what came, write what was blocked
//
// Every connection belongs to one loop, a goroutine with its own poller, and only
// that loop touches its socket and its queue. Three rules complete it:
//
//   - a loop never waits: not for a socket, not for a hook, not for a lock that is
//     held while anybody waits;
//   - only callers wait (in Publish and Send, while an inbox is full), and the
//     mailbox goroutines that run a Handler;
//   - everything that touches a connection enters by its loop's inbox, so that what
//     one goroutine does to one connection happens in the order it was done.
//
// # The locks
//
// Conn.mu guards a connection's subscriptions and its mailbox; stripe.mu the topics
// of one stripe of the route; inbox.mu a loop's inbox. They are taken in that order
// and never held across a call out of the package, a system call that can block, or
// a wait.
package engine
