// Package docs_test compiles the programs that the documents show.
package docs_test

import (
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	// The compiler is another process: these make the go command see that what it
	// compiles against is a part of this test.
	_ "github.com/livetopics/live"
	_ "github.com/livetopics/live/livetest"
	_ "github.com/livetopics/live/mizu"
)

// program is a block of Go in a document.
type program struct {
	at   string // "tour.md:42"
	text string
}

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// programs are the blocks of Go in a document of this folder, by its relative path.
func programs(t *testing.T, document string) []program {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var found []program
	for _, at := range block.FindAllSubmatchIndex(text, -1) {
		line := strings.Count(string(text[:at[2]]), "\n") + 1
		found = append(found, program{fmt.Sprintf("%s:%d", document, line), string(text[at[2]:at[3]])})
	}
	return found
}

// whole tells whether a block is a file, not a part of one.
func (p program) whole() bool { return strings.HasPrefix(p.text, "package ") }

// documents are the Markdown files of this folder, and those a user of the library
// meets before it.
func documents(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, "../README.md")
}

// newModule makes a module of a user's, which has this tree for Live, and puts each
// program into a folder of its own.
func newModule(t *testing.T, all []program) (folder string) {
	t.Helper()
	folder = t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", fmt.Sprintf("module tour\n\ngo 1.26.0\n\nrequire github.com/livetopics/live v0.0.0\n\n"+
		"replace github.com/livetopics/live => %q\n", root))
	for i, p := range all {
		// The compiler then reports the place in the document.
		write(fmt.Sprintf("program%02d/main.go", i), fmt.Sprintf("//line %s\n%s", p.at, p.text))
	}
	return folder
}

// A user's module needs no checksum and nothing from the network for Live.
func TestProgramsInDocumentsCompile(t *testing.T) {
	var all []program
	for _, d := range documents(t) {
		for _, p := range programs(t, d) {
			if p.whole() {
				all = append(all, p)
			}
		}
	}
	if len(all) < 15 {
		t.Fatalf("found %d programs in the documents, want 14 in the tour and one in README.md", len(all))
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = newModule(t, all)
	vet.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet of the documents' programs: %v\n%s", err, out)
	}
}

func TestTourShowsWholeProgramsOnly(t *testing.T) {
	for _, p := range programs(t, "tour.md") {
		if !p.whole() {
			t.Errorf("%s is a part of a program: a reader cannot run it", p.at)
		}
	}
}

func TestProgramsInDocumentsAreFormatted(t *testing.T) {
	for _, d := range documents(t) {
		for _, p := range programs(t, d) {
			formatted, err := format.Source([]byte(p.text))
			if err != nil {
				t.Errorf("%s is not Go: %v", p.at, err)
			} else if string(formatted) != p.text {
				t.Errorf("%s is not formatted; gofmt makes it:\n%s", p.at, formatted)
			}
		}
	}
}
