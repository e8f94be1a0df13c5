package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// The sizes we keep to, in lines.
const (
	maxFile   = 400
	maxFunc   = 60
	maxMedian = 120
)

// lines counts the lines of a file.
func (f file) lines() int {
	n := bytes.Count(f.text, []byte{'\n'})
	if len(f.text) > 0 && !bytes.HasSuffix(f.text, []byte{'\n'}) {
		n++
	}
	return n
}

// longFunctions lists the functions of s that are longer than maxFunc, from `func`
// to the last brace.
func longFunctions(s source) []string {
	var long []string
	for _, d := range s.ast.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.line(f.End()) - s.line(f.Type.Pos()) + 1; n > maxFunc {
			long = append(long, fmt.Sprintf("%s: %s has %d lines", s.at(f.Pos()), f.Name.Name, n))
		}
	}
	return long
}

func TestFilesAreShort(t *testing.T) {
	var long []string
	var sizes []int
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		n := s.lines()
		sizes = append(sizes, n)
		if n > maxFile {
			long = append(long, fmt.Sprintf("%s has %d lines", s.path, n))
		}
	}
	report(t, fmt.Sprintf("files over %d lines; each file is named after the one thing in it, so take"+
		" the second thing out:", maxFile), long)
	slices.Sort(sizes)
	median := sizes[len(sizes)/2]
	t.Logf("%d files without tests, median %d lines, longest %d", len(sizes), median, sizes[len(sizes)-1])
	if median > maxMedian {
		t.Errorf("the median file has %d lines, the house keeps to %d: split the files that hold two things",
			median, maxMedian)
	}
}

func TestFunctionsAreShort(t *testing.T) {
	var long []string
	for _, s := range sources(t) {
		if !s.isTest() {
			long = append(long, longFunctions(s)...)
		}
	}
	report(t, fmt.Sprintf("functions over %d lines; name the steps and make each a function:", maxFunc), long)
}

func TestFunctionRuleCountsFromFuncToBrace(t *testing.T) {
	body := func(lines int) string { return "func f() {\n" + strings.Repeat("\tf()\n", lines-2) + "}\n" }
	wantOffenders(t, longFunctions(sample(t, "a.go", "package p\n\n// f.\n"+body(maxFunc))), 0)
	wantOffenders(t, longFunctions(sample(t, "a.go", "package p\n\n"+body(maxFunc+1))), 1)
}
