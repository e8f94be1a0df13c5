// Package host is what all servers measured here have in common beside their library: a listener on
// loopback, the line that announces it, and the commands of the process that started them. All of them
// run with Go's default settings for the collector and the scheduler.
package host

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"

	"github.com/livetopics/live/bench/internal/control"
)

// The dialects a server may announce itself with: see package dialect.
const (
	Founding   = "founding"
	Centrifuge = "centrifuge"
	Positioned = "positioned"
	Operations = "operations"
	Numbered   = "numbered"
)

var (
	addr    = flag.String("addr", "127.0.0.1:0", "`address` to listen on")
	profile = flag.String("pprof", "", "`address` to serve profiles on, none by default")
)

// Listen parses the flags and listens on -addr. It ends the process where that fails.
func Listen() net.Listener {
	flag.Parse()
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	return ln
}

// Serve serves ws at /ws on the address of the flags, for servers that build on net/http, and does not
// return.
func Serve(dialect string, ws http.Handler) {
	ln := Listen()
	mux := http.NewServeMux()
	mux.Handle("/ws", ws)
	// Owned by this process, and ends with it.
	go func() { log.Fatal(http.Serve(ln, mux)) }()
	Run(ln.Addr(), dialect)
}

// Run announces a server that listens on addr already, obeys the process that started it, and ends this
// process when that one closes standard input: so no server outlives the run it was started for.
func Run(addr net.Addr, dialect string) {
	if *profile != "" {
		// Owned by this process, and ends with it.
		go func() { log.Fatal(http.ListenAndServe(*profile, profiles())) }()
	}
	obey(os.Stdin, os.Stdout, addr, dialect)
	os.Exit(0)
}

// obey announces the server on out and answers the commands of in until it ends.
func obey(in io.Reader, out io.Writer, addr net.Addr, dialect string) {
	fmt.Fprintln(out, control.Listening, addr, dialect)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() != control.Collect {
			log.Printf("host: %q is not a command; %q is", lines.Text(), control.Collect)
			continue
		}
		// Twice: what a sync.Pool drops in the first collection, it holds on to until the second.
		debug.FreeOSMemory()
		debug.FreeOSMemory()
		fmt.Fprintln(out, control.Collected)
	}
}

func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
