package lint

import (
	"go/ast"
	"regexp"
	"slices"
	"testing"
)

// still are the packages that are values alone: none of them starts a goroutine.
var still = []string{"internal/ws", "internal/protocol", "internal/topic"}

var (
	owned = regexp.MustCompile(`(?i)\bown(er|ed|s)\b`)
	ended = regexp.MustCompile(`(?i)\b(ends?|ended|until|returns?)\b`)
)

// start is a place where a goroutine starts.
type start struct {
	node   ast.Node
	waited bool // by a group that the same function waits for
}

// starts lists the go statements of s, and the calls of a method Go such as that of a
// sync.WaitGroup.
func starts(s source) []start {
	var found []start
	for _, d := range s.ast.Decls {
		waits := waitsFor(d)
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = append(found, start{node: n})
			case *ast.ExprStmt:
				if group, ok := methodOf(n.X, "Go"); ok {
					found = append(found, start{node: n, waited: slices.Contains(waits, group)})
				}
			}
			return true
		})
	}
	return found
}

// waitsFor lists the groups whose Wait is called in d.
func waitsFor(d ast.Decl) []string {
	var groups []string
	ast.Inspect(d, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if group, ok := methodOf(e, "Wait"); ok {
				groups = append(groups, group)
			}
		}
		return true
	})
	return groups
}

// methodOf tells whether e calls the method, and the last name of whose it is.
func methodOf(e ast.Expr, method string) (of string, ok bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != method {
		return "", false
	}
	return lastName(sel.X), true
}

// unowned lists the places where s starts a goroutine without a comment, on the line or
// right above it, that names the owner and the end. A group that the same function waits
// for says both without one.
func unowned(s source) []string {
	beside := map[int]string{} // by the last line of a comment
	for _, group := range s.ast.Comments {
		beside[s.line(group.End())] = group.Text()
	}
	var found []string
	for _, g := range starts(s) {
		first, last := s.line(g.node.Pos()), s.line(g.node.End())
		comment := beside[first-1] + "\n" + beside[first] + "\n" + beside[last]
		if !g.waited && (!owned.MatchString(comment) || !ended.MatchString(comment)) {
			found = append(found, s.at(g.node.Pos()))
		}
	}
	return found
}

func TestGoroutinesHaveAnOwnerAndAnEnd(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		if !s.isTest() && !s.within("examples", "bench/servers") {
			found = append(found, unowned(s)...)
		}
	}
	report(t, "goroutines without a comment on their line or above it, such as"+
		" \"// Owned by the loop; ends when the mailbox is empty.\":", found)
}

func TestPlainPackagesStartNoGoroutine(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		if s.isTest() || !s.within(still...) {
			continue
		}
		for _, g := range starts(s) {
			found = append(found, s.at(g.node.Pos()))
		}
	}
	report(t, "these packages are values, without a goroutine, a clock or I/O; start it in the engine, the"+
		" root package or the binary:", found)
}

func TestGoroutineRuleSeesAStray(t *testing.T) {
	for _, c := range []struct {
		text    string
		unowned int
	}{
		{"go f()", 1},
		{"// Reads on.\n\tgo f()", 1},
		{"// Owned by the server.\n\tgo f()", 1},
		{"// Owned by the server; ends with it.\n\tgo f()", 0},
		{"// owner: Server.hooks, until the mailbox is empty\n\tgo f()", 0},
		{"go f() // owned by the server, ends with it", 0},
		{"go func() { // owned by the server, ends with it\n\t\tf()\n\t}()", 0},
		{"// Owned by the server; ends with it.\n\n\tgo f()", 1},
		{"x.run.Go(f)", 1},
		{"// The caller owns it and waits for its end.\n\tx.run.Go(f)", 0},
		{"var run sync.WaitGroup\n\trun.Go(f)\n\trun.Wait()", 0},
		{"f()", 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			s := sample(t, "a.go", "package p\n\nfunc f() {\n\t"+c.text+"\n}\n")
			wantOffenders(t, unowned(s), c.unowned)
		})
	}
}
