// Command live is the server as one binary: see `live serve --help`.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitFailed = 1 // it ran and failed
	exitUsage  = 2 // the command line or the environment asked for what cannot be
)

// commands is the command line: one field for each command.
type commands struct {
	Serve   serve       `cmd:"" help:"Start the server: WebSocket, health and, on loopback, a chat to try it with."`
	Version versionFlag `env:"-" help:"Print the version and leave."`
}

// streams is where the program writes to.
type streams struct {
	out io.Writer // for people: the start-up lines
	err io.Writer // the log, and what went wrong
}

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// run does what the arguments say, blocks until it is done and returns the exit
// code.
func run(args []string, to streams) int {
	var cli commands
	exited := -1
	parser := newParser(&cli, to, func(code int) { exited = code })
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help and --version are done
		return exited
	case err != nil:
		fmt.Fprintf(to.err, "live: %v\nSee: live serve --help\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(to.err, "live: %v\n", err)
		return exitFailed
	}
	return 0
}

// newParser returns the parser of the command line and of the environment.
func newParser(cli *commands, to streams, exit func(int)) *kong.Kong {
	parser, err := kong.New(cli,
		kong.Name("live"),
		kong.Description("Realtime publish and subscribe over WebSocket."),
		kong.DefaultEnvars("LIVE"),
		kong.Writers(to.out, to.err),
		kong.Bind(to),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
	)
	if err != nil {
		panic(err) // the commands above are wrong
	}
	return parser
}
