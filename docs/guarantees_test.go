package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest   = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)`")
	writtenTest = regexp.MustCompile(`(?m)^func (Test[A-Z][A-Za-z0-9]*)\(`)
)

// writtenTests are the names of all tests in the tree.
func writtenTests(t *testing.T) map[string]bool {
	t.Helper()
	written := map[string]bool{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range writtenTest.FindAllSubmatch(text, -1) {
			written[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

func TestGuaranteesNameTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	written := writtenTests(t)
	named := namedTest.FindAllSubmatch(text, -1)
	if len(named) < 50 {
		t.Fatalf("found %d tests named in guarantees.md", len(named))
	}
	for _, m := range named {
		if name := string(m[1]); !written[name] {
			t.Errorf("guarantees.md names %s, and there is no such test", name)
		}
	}
}
