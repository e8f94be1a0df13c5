package lint

import (
	"go/ast"
	"slices"
	"testing"
)

// waits lists where s sleeps or skips.
func waits(s source) []string {
	timePkg, testingPkg := s.imports("time"), s.imports("testing")
	handles := testHandles(s, testingPkg)
	var found []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if isName(sel, timePkg, "Sleep") {
			found = append(found, s.at(sel.Pos())+": sleeps")
		}
		skips := []string{"Skip", "Skipf", "SkipNow"}
		if slices.Contains(skips, sel.Sel.Name) && slices.Contains(handles, lastName(sel.X)) {
			found = append(found, s.at(sel.Pos())+": skips")
		}
		return true
	})
	return found
}

// testHandles are the names that stand in s for a *testing.T and its like: parameters
// and fields.
func testHandles(s source, testingPkg string) []string {
	var names []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		if !ok {
			return true
		}
		typ := f.Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if isName(typ, testingPkg, "T", "B", "F", "TB") {
			for _, name := range f.Names {
				names = append(names, name.Name)
			}
		}
		return true
	})
	return names
}

// lastName is the last name of a chain: t of t, and of x.t.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestTestsNeitherSleepNorSkip(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		if s.isTest() {
			found = append(found, waits(s)...)
		}
	}
	report(t, "tests that sleep or skip; wait for the thing itself on a channel or a condition, or run in"+
		" a testing/synctest bubble; a test for one system has a build constraint:", found)
}

func TestWaitRuleSeesASleepAndASkip(t *testing.T) {
	s := sample(t, "a_test.go", `package p

import (
	"testing"
	clock "time"
)

type suite struct{ tb testing.TB }

func (s suite) run(dec interface{ Skip() }) {
	s.tb.Skipf("not today")
	dec.Skip()
}

func TestA(t *testing.T) {
	clock.Sleep(1)
	wait := clock.Sleep
	wait(1)
	t.Skip()
}
`)
	wantOffenders(t, waits(s), 4)
}
