// Package control is the conversation between a server and the process that started it, over the server's
// standard input and output, a line each. The server announces itself first; it ends when its input does.
package control

// Words that begin a line.
const (
	Listening = "listening" // the server's announcement: listening ADDRESS DIALECT
	Collect   = "collect"   // to the server: collect garbage, give memory back
	Collected = "collected" // its answer
)
