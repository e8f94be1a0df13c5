package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// layer is a row of the table: what the packages of a folder may import besides the
// standard library.
type layer struct {
	ours  []string // folders of this module; "." is its root
	other []string // modules of others
}

// layers is the table, lowest first. A folder without a row of its own takes that of
// the nearest one above it; "." stands for the root package alone.
var layers = map[string]layer{
	"internal/topic":     {},
	"internal/ws":        {},
	"internal/protocol":  {},
	"broker":             {ours: []string{"broker"}},
	"broker/natsbroker":  {ours: []string{"broker"}, other: []string{"github.com/nats-io/nats.go"}},
	"broker/natsembed":   {ours: []string{"broker"}, other: []string{"github.com/nats-io/nats.go", "github.com/nats-io/nats-server/v2"}},
	"broker/redisbroker": {ours: []string{"broker"}, other: []string{"github.com/redis/rueidis"}},
	"client":             {other: []string{"github.com/coder/websocket"}},
	"internal/engine":    {ours: []string{"internal/ws", "internal/topic", "internal/engine"}},
	"internal/presence":  {ours: []string{"broker"}},
	".":                  {ours: []string{"internal/engine", "internal/ws", "internal/topic", "internal/protocol", "internal/presence", "broker"}},
	"livetest":           {ours: []string{".", "internal/ws"}},
	"mizu":               {},
	"cmd/live":           {ours: []string{".", "broker", "mizu", "livetest", "cmd/live"}, other: []string{"github.com/alecthomas/kong"}},
	"examples":           {ours: []string{".", "client", "mizu", "livetest", "examples"}},
	"internal/lint":      {},
	"internal/redistest": {},
	"test":               {ours: []string{".", "broker", "client", "internal/redistest", "test"}},
	"docs":               {},
}

// otherModules have a go.mod of their own, so that nothing of theirs is in ours.
var otherModules = []string{"bench", "tools"}

// layerOf finds the row for folder.
func layerOf(folder string) (row layer, ok bool) {
	for at := folder; ; at = path.Dir(at) {
		if row, ok = layers[at]; ok {
			return row, at != "." || folder == "."
		}
		if at == "." {
			return layer{}, false
		}
	}
}

// refusedImports lists the imports of s that the table does not allow.
func refusedImports(s source) []string {
	row, ok := layerOf(s.folder())
	if !ok {
		return []string{fmt.Sprintf("%s: the folder %s has no row in the table", s.path, s.folder())}
	}
	var refused []string
	for _, spec := range s.ast.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		if !row.allows(imported) {
			refused = append(refused, fmt.Sprintf("%s: %s imports %s", s.at(spec.Pos()), s.folder(), imported))
		}
	}
	return refused
}

func (l layer) allows(imported string) bool {
	if imported == module {
		return slices.Contains(l.ours, ".")
	}
	if folder, ok := strings.CutPrefix(imported, module+"/"); ok {
		return under(folder, l.ours)
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return imported != "C" // the binary is static
	}
	return under(imported, l.other)
}

// under tells whether name is one of the folders or below one; never below ".".
func under(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		return name == f || f != "." && strings.HasPrefix(name, f+"/")
	})
}

func TestImportsPointDownward(t *testing.T) {
	var refused []string
	for _, s := range sources(t) {
		if !s.isTest() && !s.within(otherModules...) {
			refused = append(refused, refusedImports(s)...)
		}
	}
	report(t, "imports that the table of layers (layers_test.go) does not allow; move the code to"+
		" where it may be known, or hand it down as a value or a func at construction:", refused)
}

// What the root package reaches, at any depth, is the standard library and folders of
// this module whose rows name no other module: who imports live compiles nothing else.
func TestRootReachesTheStandardLibraryAlone(t *testing.T) {
	seen := map[string]bool{}
	var visit func(folder string)
	visit = func(folder string) {
		if seen[folder] {
			return
		}
		seen[folder] = true
		row, _ := layerOf(folder)
		if len(row.other) > 0 {
			t.Errorf("the root package reaches %s, which may import %v", folder, row.other)
		}
		for _, below := range row.ours {
			visit(below)
		}
	}
	visit(".")
}

func TestLayersHaveNoCycle(t *testing.T) {
	var visit func(folder string, above []string)
	visit = func(folder string, above []string) {
		if slices.Contains(above, folder) {
			t.Errorf("the table of layers goes round: %s → %s", strings.Join(above, " → "), folder)
			return
		}
		for _, below := range layers[folder].ours {
			if below != folder {
				visit(below, append(slices.Clone(above), folder))
			}
		}
	}
	for folder := range layers {
		visit(folder, nil)
	}
}

func TestLayerRuleSeesAnUpwardImport(t *testing.T) {
	for _, c := range []struct {
		name, imported string
		refused        int
	}{
		{"live.go", "net/http", 0},
		{"live.go", module + "/internal/engine", 0},
		{"live.go", "github.com/nats-io/nats.go", 1},
		{"live.go", "C", 1},
		{"internal/engine/loop.go", module, 1},
		{"internal/engine/loop.go", module + "/internal/protocol", 1},
		{"internal/engine/echo/main.go", module + "/internal/engine", 0},
		{"internal/ws/reader.go", module + "/internal/topic", 1},
		{"internal/new/new.go", "fmt", 1},
		{"mizu/mizu.go", module, 1},
		{"examples/chat/main.go", module + "/mizu", 0},
		{"examples/chat/main.go", module + "/internal/topic", 1},
		{"examples/chat/main.go", "github.com/alecthomas/kong", 1},
		{"cmd/live/main.go", "github.com/alecthomas/kong", 0},
	} {
		t.Run(c.name+" "+c.imported, func(t *testing.T) {
			s := sample(t, c.name, "package p\n\nimport _ \""+c.imported+"\"\n")
			wantOffenders(t, refusedImports(s), c.refused)
		})
	}
}
