package lint

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// module is the path of the main module.
const module = "github.com/livetopics/live"

// unwatched are the folders that hold nothing of ours: what .gitignore leaves out.
var unwatched = []string{".git", "node_modules", "bin", ".cache", "results"}

// file is a text file of the tree.
type file struct {
	path string // from the root of the repository, with slashes
	text []byte
}

// source is a Go file of the tree.
type source struct {
	file
	fset *token.FileSet
	ast  *ast.File
}

// tree is read once for all tests.
var tree = sync.OnceValues(func() ([]file, error) { return readTree("../..") })

// readTree reads every text file below root.
func readTree(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(unwatched, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if bytes.IndexByte(text, 0) < 0 {
			files = append(files, file{path: filepath.ToSlash(rel), text: text})
		}
		return nil
	})
	return files, err
}

// textFiles are the files of the tree, or those with one of the given endings.
func textFiles(t *testing.T, endings ...string) []file {
	t.Helper()
	files, err := tree()
	if err != nil {
		t.Fatal("reading the tree:", err)
	}
	if len(endings) == 0 {
		return files
	}
	var chosen []file
	for _, f := range files {
		if slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(f.path, e) }) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// sources are the Go files of the tree. Those of testdata are data.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, f := range textFiles(t, ".go") {
		if strings.Contains("/"+f.path, "/testdata/") {
			continue
		}
		s, err := parse(f)
		if err != nil {
			t.Error("not Go:", err)
			continue
		}
		all = append(all, s)
	}
	return all
}

// parse reads a Go file with its comments.
func parse(f file) (source, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, f.path, f.text, parser.ParseComments|parser.SkipObjectResolution)
	return source{file: f, fset: fset, ast: parsed}, err
}

// sample parses text as if it stood in the tree at name.
func sample(t *testing.T, name, text string) source {
	t.Helper()
	s, err := parse(file{path: name, text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s source) folder() string { return path.Dir(s.path) }
func (s source) isTest() bool   { return strings.HasSuffix(s.path, "_test.go") }

// within tells whether s is in one of the folders, or below.
func (s source) within(folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		return s.folder() == f || strings.HasPrefix(s.path, f+"/")
	})
}

// line is the line of s that pos is on.
func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// at is "path:line" of pos, as an editor finds it.
func (s source) at(pos token.Pos) string { return s.fset.Position(pos).String() }

// imports gives the name in s of the package at pkgPath; "" where it is not imported.
func (s source) imports(pkgPath string) string {
	for _, spec := range s.ast.Imports {
		if strings.Trim(spec.Path.Value, `"`) != pkgPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(pkgPath)
	}
	return ""
}

// isName tells whether e is pkg.name, with pkg as the file calls it.
func isName(e ast.Expr, pkg string, names ...string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || pkg == "" {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg && slices.Contains(names, sel.Sel.Name)
}

// report fails the test with one line per offender, headed by what to do.
func report(t *testing.T, advice string, offenders []string) {
	t.Helper()
	if len(offenders) > 0 {
		t.Errorf("%s\n\t%s", advice, strings.Join(offenders, "\n\t"))
	}
}

// wantOffenders fails the test where a rule did not find so many in its sample.
func wantOffenders(t *testing.T, got []string, want int) {
	t.Helper()
	if len(got) != want {
		t.Errorf("found %d offenders in the sample, want %d:\n\t%s", len(got), want, strings.Join(got, "\n\t"))
	}
}
