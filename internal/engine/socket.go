package engine

// socket is the seam between a loop and a connection of the system's. All methods
// are called by the loop that owns the connection, and none of them blocks.
//
// A socket tells its loop: received (bytes came), ended (no more will), and, after
// wantWrite(true), writable.
type socket interface {
	// open begins to read.
	open() error
	// write takes what it can of b now, and keeps none of b's memory. n < len(b)
	// without an error means that it is full.
	write(b []byte) (n int, err error)
	// wantRead says whether what comes is to be read.
	wantRead(bool)
	// wantWrite says whether the loop is to be told when the socket takes more.
	wantWrite(bool)
	// closeWrite ends our side once all that was written is sent; the peer's goes on.
	closeWrite()
	// close ends both sides at once and frees all there is. The loop is told
	// nothing more.
	close()
}
