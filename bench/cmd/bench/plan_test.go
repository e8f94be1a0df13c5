package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRoundsAreInterleavedAndBeginElsewhere(t *testing.T) {
	p := plan{rounds: 2, servers: []string{"live", "gws", "limit"}, scenarios: []string{"idle", "paced"}}
	var got []string
	for _, j := range p.jobs() {
		got = append(got, j.scenario+" "+j.server)
	}
	want := []string{
		"idle live", "idle gws", "idle limit", "paced live", "paced gws", "paced limit",
		"idle gws", "idle limit", "idle live", "paced gws", "paced limit", "paced live",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheBaselineIsMeasuredRightAfterOurs(t *testing.T) {
	p := plan{rounds: 2, servers: []string{"gws", "live", "limit"}, scenarios: []string{"idle"}, baseline: "somewhere"}
	var got []string
	for _, j := range p.jobs() {
		got = append(got, j.server)
	}
	want := []string{"gws", "live", "baseline", "limit", "live", "baseline", "limit", "gws"}
	if !slices.Equal(got, want) || p.check() != nil {
		t.Errorf("got %v, want %v; %v", got, want, p.check())
	}
}

func TestABaselineThatIsNoCheckoutIsRefused(t *testing.T) {
	if err := buildBaseline(t.TempDir()); err == nil {
		t.Error("an empty folder was built")
	}
}

func TestEveryServerIsInThePlan(t *testing.T) {
	mains, err := filepath.Glob("../../servers/*/main.go")
	if err != nil || len(mains) != len(allServers) {
		t.Errorf("there are %d servers and %d in the plan, error %v", len(mains), len(allServers), err)
	}
	for _, s := range allServers {
		if _, err := os.Stat("../../servers/" + s); err != nil {
			t.Error(err)
		}
	}
}

func TestAPlanWithUnknownNamesIsRefused(t *testing.T) {
	for _, p := range []plan{
		{rounds: 1, servers: []string{"apache"}, scenarios: []string{"idle"}},
		{rounds: 1, servers: []string{"live"}, scenarios: []string{"tired"}},
		{rounds: 1, servers: []string{"gws"}, scenarios: []string{"idle"}, baseline: "somewhere"},
		{rounds: 0, servers: []string{"live"}, scenarios: []string{"idle"}},
	} {
		if p.check() == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}
