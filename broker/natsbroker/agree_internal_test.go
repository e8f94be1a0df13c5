package natsbroker

import (
	"slices"
	"testing"
)

func TestWhatTheLeaderDoesNotHaveIsNotShownAndCleared(t *testing.T) {
	var p presence
	var has leading
	has.State.Last = 400
	has.State.Subjects = map[string]uint64{"stays": 1, "late": 1}
	found := batch{upTo: 402, messages: []stored{
		{subject: "ghost", seq: 344}, {subject: "stays", seq: 300}, {subject: "new", seq: 401},
	}}
	missing := p.agree(&found, &has)
	if !slices.Equal(missing, []string{"late"}) {
		t.Errorf("missing are %q", missing)
	}
	var shown []string
	for _, m := range found.messages {
		shown = append(shown, m.subject)
	}
	if !slices.Equal(shown, []string{"stays", "new"}) {
		t.Errorf("shown are %q", shown)
	}
	if g, ok := p.graves.take(); !ok || g != (grave{"ghost", 344}) {
		t.Errorf("cleared is %v, %v", g, ok)
	}
	if g, ok := p.graves.take(); ok {
		t.Errorf("cleared is %v too", g)
	}
}
