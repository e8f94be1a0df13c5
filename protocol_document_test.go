package live_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// conversationBlock is a block of docs/protocol.md that shows what client and server
// say to each other, and the comment before it that names the stage it plays on.
var conversationBlock = regexp.MustCompile("(?ms)^<!-- scenario: ([a-z ]+) -->\n\n?```json conversation\n(.*?)^```$")

// conversation is such a block.
type conversation struct {
	stage string // one of stages
	first int    // the line of the document that lines begin at
	lines []string
}

func conversations(t *testing.T) (all []conversation) {
	t.Helper()
	b, err := os.ReadFile("docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, at := range conversationBlock.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, conversation{
			stage: text[at[2]:at[3]],
			first: 1 + strings.Count(text[:at[4]], "\n"),
			lines: strings.Split(strings.TrimSuffix(text[at[4]:at[5]], "\n"), "\n"),
		})
	}
	if shown := strings.Count(text, "```json conversation\n"); shown != len(all) {
		t.Fatalf("%d conversations in the document, and %d have a comment that names their stage", shown, len(all))
	}
	return all
}

func TestConversationsOfTheDocumentAreHeldSo(t *testing.T) {
	all := conversations(t)
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		for _, c := range all {
			t.Run(c.stage, func(t *testing.T) { c.hold(t, kind) })
		}
	})
}

func TestEveryStageIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, c := range conversations(t) {
		used[c.stage] = true
	}
	for name := range stages {
		if !used[name] {
			t.Errorf("no conversation of the document plays on the stage %q", name)
		}
	}
}

// Every operation, event and code of a refusal that a client can meet is in one of the
// conversations at least, and so known to be as the document has it.
func TestConversationsOfTheDocumentHaveEverything(t *testing.T) {
	asked, told, refused := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range conversations(t) {
		for _, line := range c.lines {
			who, what, _ := strings.Cut(line, " ")
			var frame struct {
				Op, Event string
				Error     struct{ Code string }
			}
			if json.Unmarshal([]byte(what), &frame) != nil {
				continue
			}
			switch {
			case strings.HasSuffix(who, ">"):
				asked[frame.Op] = true
			case strings.HasSuffix(who, "<"):
				told[frame.Event], refused[frame.Error.Code] = true, true
			}
		}
	}
	var operations []string
	for k := protocol.KindSubscribe; k <= protocol.KindPing; k++ {
		operations = append(operations, k.String())
	}
	wantAll(t, "operation", asked, operations)
	wantAll(t, "event", told, []string{"welcome", "join", "leave", "update", "count", "gap", "revoked", "drain"})
	wantAll(t, "code", refused, []string{
		protocol.CodeBadRequest, protocol.CodeUnauthorized, protocol.CodeForbidden,
		protocol.CodeNotFound, protocol.CodeTooLarge, protocol.CodeRateLimited,
		protocol.CodeConflict, protocol.CodeUnavailable, protocol.CodeInternal,
	})
}

func wantAll(t *testing.T, what string, has map[string]bool, want []string) {
	t.Helper()
	for _, name := range want {
		if !has[name] {
			t.Errorf("no conversation shows the %s %s; there are %v", what, name, slices.Sorted(maps.Keys(has)))
		}
	}
}
