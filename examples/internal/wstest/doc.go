// Package wstest lets the tests of the examples talk to a server over a real WebSocket: the least of a client
// that can say and check what a program does, on the standard library alone. It knows frames of up to 64 KiB
// in one piece, as these programs send them, and no extension.
//
// Whatever goes wrong ends the test; every wait has a deadline of 10 seconds. That something was not sent to
// a client is shown by what it receives next: see Conn.Expect.
package wstest
