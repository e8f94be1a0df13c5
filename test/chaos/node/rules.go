package main

import (
	"time"

	"github.com/livetopics/live"
)

// The sizes of histories: one that no run fills, and one that a client which is away for
// a few seconds finds cut off.
const (
	deep  = 200_000
	short = 100
)

// registerRules sets the rules that the chaos test's clients expect.
func registerRules(s *live.Server) {
	open := live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}
	with := func(change func(*live.Rule)) live.Rule {
		r := open
		change(&r)
		return r
	}
	s.Topic("deep:{name}", with(func(r *live.Rule) { r.History = live.History{Size: deep, Age: 4 * time.Hour} }))
	s.Topic("replay:{name}", with(func(r *live.Rule) {
		r.History = live.History{Size: deep, Age: 4 * time.Hour}
		r.Overflow = live.Replay
	}))
	s.Topic("short:{name}", with(func(r *live.Rule) {
		r.History = live.History{Size: short}
		r.Overflow = live.DropOldest
	}))
	s.Topic("plain:{name}", open)
	s.Topic("latest:{name}", with(func(r *live.Rule) { r.Overflow = live.KeepLatest }))
	s.Topic("room:{name}", with(func(r *live.Rule) { r.Presence, r.PresenceLimit = true, 1000 }))
}
