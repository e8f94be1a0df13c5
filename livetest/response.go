package livetest

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
)

// response is an http.ResponseWriter whose connection can be taken over.
type response struct {
	*httptest.ResponseRecorder
	conn     *end // the server's end
	hijacked bool
}

var _ http.Hijacker = (*response)(nil)

// Hijack hands over the connection.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.hijacked = true
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}
