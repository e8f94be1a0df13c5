package lint

import (
	"fmt"
	"go/ast"
	"regexp"
	"testing"
)

// guards is the word we look for; a lock may also be held while something is done.
var guards = regexp.MustCompile(`(?i)\b(guards?|guarded|guarding|held)\b`)

// silentLocks lists the locks of s, fields and package variables, whose comment does
// not say what they guard, and those that are embedded, whose Lock anybody can call.
func silentLocks(s source) []string {
	pkg := s.imports("sync")
	var silent []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			for _, f := range n.Fields.List {
				if !holdsLock(f.Type, pkg) {
					continue
				}
				if len(f.Names) == 0 {
					silent = append(silent, s.at(f.Pos())+": an embedded lock; give it a name")
				} else if !guards.MatchString(f.Doc.Text() + f.Comment.Text()) {
					silent = append(silent, fmt.Sprintf("%s: %s", s.at(f.Pos()), f.Names[0].Name))
				}
			}
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if ok && v.Type != nil && holdsLock(v.Type, pkg) &&
					!guards.MatchString(n.Doc.Text()+v.Doc.Text()+v.Comment.Text()) {
					silent = append(silent, fmt.Sprintf("%s: %s", s.at(v.Pos()), v.Names[0].Name))
				}
			}
		}
		return true
	})
	return silent
}

// holdsLock tells whether typ is a lock, or an array, a slice or a map of locks; a
// struct inside it is looked at by itself.
func holdsLock(typ ast.Expr, pkg string) bool {
	switch typ := typ.(type) {
	case *ast.StarExpr:
		return holdsLock(typ.X, pkg)
	case *ast.ArrayType:
		return holdsLock(typ.Elt, pkg)
	case *ast.MapType:
		return holdsLock(typ.Value, pkg)
	}
	return isName(typ, pkg, "Mutex", "RWMutex")
}

func TestLocksSayWhatTheyGuard(t *testing.T) {
	var silent []string
	for _, s := range sources(t) {
		if !s.isTest() && !s.within("examples") {
			silent = append(silent, silentLocks(s)...)
		}
	}
	report(t, "locks without a comment on their line or above it that says \"guards …\" or \"held while …\":", silent)
}

func TestLockRuleSeesASilentLock(t *testing.T) {
	for _, c := range []struct {
		text   string
		silent int
	}{
		{"type t struct {\n\tmu sync.Mutex // guards all below\n}", 0},
		{"type t struct {\n\t// mu guards all below.\n\tmu sync.RWMutex\n}", 0},
		{"type t struct {\n\tmu sync.Mutex\n}", 1},
		{"type t struct {\n\tmu sync.Mutex // for the rooms\n}", 1},
		{"type t struct {\n\tstripes [64]struct {\n\t\tmu sync.Mutex\n\t}\n}", 1},
		{"type t struct {\n\tstripes [64]sync.Mutex\n}", 1},
		{"type t struct {\n\tsync.Mutex // guards all below\n}", 1},
		{"var mu sync.Mutex", 1},
		{"// mu guards all.\nvar mu sync.Mutex", 0},
		{"func f() {\n\tvar mu sync.Mutex\n\t_ = mu\n}", 1},
	} {
		t.Run(c.text, func(t *testing.T) {
			s := sample(t, "a.go", "package p\n\nimport \"sync\"\n\n"+c.text+"\n")
			wantOffenders(t, silentLocks(s), c.silent)
		})
	}
}
