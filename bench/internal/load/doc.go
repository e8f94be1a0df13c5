// Package load is the load generator: thousands of WebSocket clients on one goroutine and one epoll
// descriptor, which read without allocating, check every delivery for order and completeness, and know
// what the server paid for it.
//
// Its nouns: a Generator owns the sockets; a conn is one of them; a stream is one topic with its
// publications and the account of who has had them; a scenario (Idle, Saturated, Paced, FanOut) joins
// clients, publishes, and returns a Result or the first thing that went wrong. In a scenario nothing is
// published before the last client has joined, and nothing is measured before the server has been
// through the same once: what a figure covers begins and ends with every publication delivered.
package load
