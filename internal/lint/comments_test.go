package lint

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// uncommented lists what s exports without a comment. A function, a method, a type, a
// lone constant or variable has one that begins with its name. A constant or variable in
// a group has one of its own or its group's. A field or method inside an exported type
// has one above it or beside it, or is named in the type's.
func uncommented(s source) []string {
	var bare []string
	missing := func(pos token.Pos, name, want string) {
		bare = append(bare, fmt.Sprintf("%s: %s %s", s.at(pos), name, want))
	}
	for _, d := range s.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && called(d) && !begins(d.Doc, d.Name.Name) {
				missing(d.Pos(), d.Name.Name, "needs a comment that begins with its name")
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					typeComments(d, spec, missing)
				case *ast.ValueSpec:
					valueComments(d, spec, missing)
				}
			}
		}
	}
	return bare
}

// called tells whether f is a function, or a method that users call by its name: not one
// of a type they cannot name, nor one that every reader of Go knows.
func called(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	known := []string{"Error", "String", "Unwrap"}
	return ast.IsExported(receiverType(f.Recv.List[0].Type)) && !slices.Contains(known, f.Name.Name)
}

// receiverType is the receiver's type without its parameters.
func receiverType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverType(e.X)
	case *ast.IndexExpr:
		return receiverType(e.X)
	case *ast.IndexListExpr:
		return receiverType(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

var article = regexp.MustCompile(`^(A|An|The) `)

// begins tells whether doc begins with name, an article before it or not.
func begins(doc *ast.CommentGroup, name string) bool {
	text := doc.Text()
	return strings.HasPrefix(text, name+" ") || strings.HasPrefix(article.ReplaceAllString(text, ""), name) &&
		names(text, name)
}

// names tells whether text has name as a word of its own.
func names(text, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(text)
}

func typeComments(d *ast.GenDecl, spec *ast.TypeSpec, missing func(token.Pos, string, string)) {
	if !spec.Name.IsExported() {
		return
	}
	doc := spec.Doc
	if doc == nil {
		doc = d.Doc
	}
	if !begins(doc, spec.Name.Name) {
		missing(spec.Pos(), spec.Name.Name, "needs a comment that begins with its name")
	}
	var fields *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields = typ.Methods
	default:
		return
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			if name.IsExported() && f.Doc.Text()+f.Comment.Text() == "" && !names(doc.Text(), name.Name) {
				missing(name.Pos(), spec.Name.Name+"."+name.Name, "needs a comment above it or beside it")
			}
		}
	}
}

func valueComments(d *ast.GenDecl, spec *ast.ValueSpec, missing func(token.Pos, string, string)) {
	for _, name := range spec.Names {
		switch {
		case !name.IsExported():
		case !d.Lparen.IsValid() && !begins(d.Doc, name.Name):
			missing(name.Pos(), name.Name, "needs a comment that begins with its name")
		case d.Lparen.IsValid() && d.Doc.Text()+spec.Doc.Text()+spec.Comment.Text() == "":
			missing(name.Pos(), name.Name, "needs a comment, its own or its group's")
		}
	}
}

// explained are the Go files whose exported names are for others to use.
func explained(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, s := range sources(t) {
		if !s.isTest() && !s.within("examples", "bench", "cmd", "tools") {
			all = append(all, s)
		}
	}
	return all
}

func TestExportedNamesSayWhatTheyDo(t *testing.T) {
	var bare []string
	for _, s := range explained(t) {
		bare = append(bare, uncommented(s)...)
	}
	report(t, "exported names without their comment: what it does, units and limits, errors, whether it"+
		" blocks, the RFC's section:", bare)
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range explained(t) {
		documented[s.folder()] = documented[s.folder()] || s.ast.Doc.Text() != ""
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment: write one above the package clause of doc.go", folder)
		}
	}
}

func TestCommentRuleSeesABareName(t *testing.T) {
	for _, c := range []struct {
		text string
		bare int
	}{
		{"func F() {}", 1},
		{"// Does much.\nfunc F() {}", 1},
		{"// Fs are many.\nfunc F() {}", 1},
		{"// F does much.\nfunc F() {}", 0},
		{"func f() {}", 0},
		{"func (t) F() {}", 0},
		{"func (*T[K]) F() {}", 1},
		{"func (*T) Error() string { return \"\" }", 0},
		{"// A T is much.\ntype T int", 0},
		{"type T int", 1},
		{"// T is much.\ntype T struct {\n\tA int\n\tB int // how many\n\tc int\n}", 1},
		{"// T is much.\ntype T interface {\n\tA()\n\t// B is it.\n\tB()\n}", 1},
		{"// T is much, and A says how much.\ntype T struct{ A int }", 0},
		{"const (\n\tA = 1\n\tB = 2 // two\n\tc = 3\n)", 1},
		{"// Some.\nconst (\n\tA = 1\n\tB = 2\n)", 0},
		{"// Other.\nvar A = 1", 1},
		{"// A is one.\nvar A = 1", 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			wantOffenders(t, uncommented(sample(t, "a.go", "package p\n\n"+c.text+"\n")), c.bare)
		})
	}
}
