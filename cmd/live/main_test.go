package main

import (
	"bytes"
	"os"
	"testing"
)

// asProgram makes the test's binary behave as the program itself, so that signals
// and exit codes are a process's own.
const asProgram = "LIVE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// output runs the program within the test and returns its exit code and what it wrote.
func output(args ...string) (code int, out, err string) {
	var o, e bytes.Buffer
	code = run(args, streams{&o, &e})
	return code, o.String(), e.String()
}
