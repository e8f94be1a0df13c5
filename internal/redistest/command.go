//go:build unix

package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// try makes one call on a connection of its own.
func (s *Server) try(args ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(arg), arg)
	}
	if _, err := io.WriteString(conn, b.String()); err != nil {
		return "", err
	}
	return reply(bufio.NewReader(conn))
}

// reply reads a reply of the protocol's second version; an array is lines.
func reply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	if len(line) < 3 {
		return "", errReply
	}
	rest := line[1 : len(line)-2]
	switch line[0] {
	case '+', ':':
		return rest, nil
	case '-':
		return "", errors.New(rest)
	}
	n, err := number(rest)
	if err != nil {
		return "", err
	}
	if line[0] == '$' {
		if n < 0 {
			return "", nil
		}
		b := make([]byte, n+2)
		_, err := io.ReadFull(r, b)
		return string(b[:n]), err
	}
	if line[0] != '*' {
		return "", errReply
	}
	var lines []string
	for range n {
		one, err := reply(r)
		if err != nil {
			return "", err
		}
		lines = append(lines, one)
	}
	return strings.Join(lines, "\n"), nil
}
