package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build's events
	Test       string
	Output     string
}

// report counts events and writes the lines worth reading as they come.
type report struct {
	out io.Writer

	printed map[string][]string // by package and test: what it printed, until its end
	cases   map[string]int      // by package: tests with their subtests

	packages, failedPackages int
	tests, subtests          int
	failed, skipped          int
}

func newReport(out io.Writer) *report {
	return &report{out: out, printed: map[string][]string{}, cases: map[string]int{}}
}

// line takes one line of input. What is not JSON is passed on as it is.
func (r *report) line(text []byte) {
	var e event
	if err := json.Unmarshal(text, &e); err != nil || e.Action == "" {
		fmt.Fprintf(r.out, "%s\n", text)
		return
	}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Action == "output":
		name := e.Package + " " + e.Test
		r.printed[name] = append(r.printed[name], e.Output)
	case e.Test != "":
		r.test(e)
	default:
		r.packageEnd(e)
	}
}

// test takes the end of a test or a subtest; other events of it say nothing here.
func (r *report) test(e event) {
	name := e.Package + " " + e.Test
	switch e.Action {
	case "fail":
		r.failed++
		fmt.Fprint(r.out, strings.Join(r.printed[name], ""))
	case "skip":
		r.skipped++
	case "pass":
	default:
		return
	}
	delete(r.printed, name)
	r.cases[e.Package]++
	if strings.Contains(e.Test, "/") {
		r.subtests++
	} else {
		r.tests++
	}
}

// packageEnd takes the end of a package.
func (r *report) packageEnd(e event) {
	name := e.Package + " "
	switch e.Action {
	case "pass":
		if r.cases[e.Package] > 0 {
			r.packages++
			fmt.Fprintf(r.out, "ok    %s (%s)\n", e.Package, count(r.cases[e.Package], "case"))
		}
	case "fail":
		r.packages++
		r.failedPackages++
		r.unfinished(e.Package)
		fmt.Fprint(r.out, strings.Join(r.printed[name], ""))
		fmt.Fprintf(r.out, "FAIL  %s\n", e.Package)
	case "skip": // no tests in it
	default:
		return
	}
	delete(r.printed, name)
}

// unfinished prints what the tests had to say that did not come to an end: after a
// panic or a time-out, the stack is there.
func (r *report) unfinished(pkg string) {
	for name, output := range r.printed {
		if test, ok := strings.CutPrefix(name, pkg+" "); ok && test != "" {
			fmt.Fprint(r.out, strings.Join(output, ""))
			delete(r.printed, name)
		}
	}
}

// finish writes the last line and tells whether all is well; none is whether it is so
// without a single test.
func (r *report) finish(took time.Duration, none bool) bool {
	verdict := "PASS"
	if r.failed > 0 || r.failedPackages > 0 {
		verdict = "FAIL"
	} else if r.tests == 0 && !none {
		verdict = "FAIL: nothing was tested"
	}
	fmt.Fprintf(r.out, "%s: %s, %s (%d with subtests), %d failed, %d skipped, in %s\n",
		verdict, count(r.packages, "package"), count(r.tests, "test"), r.tests+r.subtests,
		r.failed, r.skipped, took.Round(100*time.Millisecond))
	return verdict == "PASS"
}

// count is "1 test", "2 tests".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
