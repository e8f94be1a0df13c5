package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

// runReport gives the lines to a new report.
func runReport(lines ...string) (out string, ok bool) {
	var b strings.Builder
	r := newReport(&b)
	for _, l := range lines {
		r.line([]byte(l))
	}
	ok = r.finish(1500*time.Millisecond, false)
	return b.String(), ok
}

func TestReportCountsTestsAndSubtests(t *testing.T) {
	out, ok := runReport(
		`{"Action":"start","Package":"p"}`,
		`{"Action":"run","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"noise\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestA/one"}`,
		`{"Action":"pass","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}`,
		`{"Action":"pass","Package":"p"}`,
		`{"Action":"skip","Package":"without"}`,
	)
	want := "ok    p (2 cases)\nPASS: 1 package, 1 test (2 with subtests), 0 failed, 0 skipped, in 1.5s\n"
	if out != want || !ok {
		t.Errorf("got %v\n%s\nwant true\n%s", ok, out, want)
	}
}

func TestReportShowsWhatAFailedTestPrinted(t *testing.T) {
	out, ok := runReport(
		`{"Action":"output","Package":"p","Test":"TestGood","Output":"quiet\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestGood"}`,
		`{"Action":"output","Package":"p","Test":"TestBad","Output":"why it failed\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestBad"}`,
		`{"Action":"fail","Package":"p"}`,
	)
	if ok || !strings.Contains(out, "why it failed") || strings.Contains(out, "quiet") {
		t.Errorf("got %v\n%s\nwant false, and what TestBad printed alone", ok, out)
	}
	if !strings.Contains(out, "FAIL: 1 package, 2 tests (2 with subtests), 1 failed") {
		t.Errorf("the last line does not count the failure:\n%s", out)
	}
}

func TestReportShowsThePanicOfATestThatDidNotEnd(t *testing.T) {
	out, ok := runReport(
		`{"Action":"output","Package":"p","Test":"TestHung","Output":"panic: test timed out\n"}`,
		`{"Action":"fail","Package":"p"}`,
	)
	if ok || !strings.Contains(out, "panic: test timed out") {
		t.Errorf("got %v\n%s\nwant false, and the panic", ok, out)
	}
}

func TestReportFailsWhereABuildFails(t *testing.T) {
	out, ok := runReport(
		`{"ImportPath":"p","Action":"build-output","Output":"p.go:3: undefined: x\n"}`,
		`{"ImportPath":"p","Action":"build-fail"}`,
		`{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}`,
		`{"Action":"fail","Package":"p"}`,
	)
	if ok || !strings.Contains(out, "undefined: x") {
		t.Errorf("got %v\n%s\nwant false, and the compiler's words", ok, out)
	}
}

func TestReportFailsWhereNothingWasTested(t *testing.T) {
	if out, ok := runReport(); ok {
		t.Errorf("no input passes:\n%s", out)
	}
	if !newReport(io.Discard).finish(0, true) {
		t.Error("no input fails where that is allowed for")
	}
}

func TestReportPassesOnWhatIsNotJSON(t *testing.T) {
	out, _ := runReport("go: a message of the go command")
	if !strings.HasPrefix(out, "go: a message of the go command\n") {
		t.Errorf("the line is lost:\n%s", out)
	}
}
