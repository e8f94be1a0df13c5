package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// banner is the lines at start-up: where the server is and what to do next.
type banner struct {
	host    string // HOST:PORT as a browser would have it
	at      string // where it listens
	demo    bool
	colours bool
	cluster string // what it shares with others; "" if it is alone
}

func newBanner(at *net.TCPAddr, demo, colours bool) banner {
	b := banner{host: at.String(), at: at.String(), demo: demo, colours: colours}
	if at.IP.IsUnspecified() {
		b.host = net.JoinHostPort("localhost", strconv.Itoa(at.Port))
		b.at = fmt.Sprintf("port %d of every address of this machine", at.Port)
	}
	return b
}

// write prints the lines. What can be copied into another window stands on lines
// of its own.
func (b banner) write(to io.Writer) {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("")
	line("  %s %s is serving on %s", b.bold("live"), version(), b.at)
	line("")
	if b.demo {
		line("  Chat        %s   open it in two windows and talk", b.link("http://"+b.host))
	}
	line("  WebSocket   %s", b.link("ws://"+b.host+"/ws"))
	line("  Health      %s", b.link("http://"+b.host+"/healthz"))
	if b.cluster != "" {
		line("  Cluster     %s", b.cluster)
	}
	line("")
	if b.demo {
		line("  %s", b.dim("From another terminal, join the chat and say something:"))
		line("")
		line("  npx wscat -c 'ws://%s/ws?name=Terminal'", b.host)
		line(`  {"op":"subscribe","id":1,"topic":"chat:lobby","last":10}`)
		line(`  {"op":"publish","id":2,"topic":"chat:lobby","data":{"text":"Hello from a terminal"}}`)
	} else {
		line("  %s", b.dim("The chat is off; --demo serves it. See: live serve --help"))
	}
	line("")
	line("  %s", b.dim("Ctrl+C stops it."))
	line("")
	_, _ = io.WriteString(to, out.String()) // without a reader it serves all the same
}

func (b banner) bold(s string) string { return b.style("1", s) }
func (b banner) dim(s string) string  { return b.style("2", s) }
func (b banner) link(s string) string { return b.style("36", s) }

// style puts an ANSI style around s on terminals that have colours.
func (b banner) style(code, s string) string {
	if !b.colours {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
