// Command tally reads the output of `go test -json` and writes what a person wants
// of it: a line per package, everything that a failed test printed, and at the end
// one line that counts.
//
//	go test -json ./... | go run -C tools ./tally
//
// Its exit status is 1 where a test or a build failed, or nothing was tested and -none
// does not allow for that.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"time"
)

// maxLine is the longest line read, in bytes: a test may print megabytes at once.
const maxLine = 64 << 20

func main() {
	none := flag.Bool("none", false, "it is well if there are no tests")
	flag.Parse()
	start := time.Now()
	report := newReport(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		report.line(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "tally: reading go test's output:", err)
		os.Exit(1)
	}
	if !report.finish(time.Since(start), *none) {
		os.Exit(1)
	}
}
