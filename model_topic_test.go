package live_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/livetopics/live"
)

// modelPublishers is how many goroutines publish from within the server. They are
// publishers 1 to modelPublishers; 0 has the last word on every topic, and what is above
// are the clients.
const modelPublishers = 4

// modelTopic is a topic of the model test, and the truth about it.
type modelTopic struct {
	name     string
	index    int
	rule     live.Rule
	lossless bool // its history is larger than the test
	keys     int  // how many keys there are; 0 for none
	clients  bool // clients publish to it, too
	log      modelLog

	begun [modelPublishers + 1]atomic.Uint32 // the newest that each publisher may be publishing
}

func (t *modelTopic) numbered() bool { return t.rule.History.On() }

// lossy reports whether the topic's publications can be dropped on purpose.
func (t *modelTopic) lossy() bool {
	return t.rule.Overflow == live.DropOldest || t.rule.Overflow == live.KeepLatest
}

// key is that of a publication.
func (t *modelTopic) key(e modelEntry) string {
	switch {
	case t.keys == 0:
		return ""
	case e.publisher == 0:
		return "last"
	case t.numbered():
		return fmt.Sprint("k", e.n%uint32(t.keys))
	}
	return fmt.Sprint(e.publisher, ".", e.n%uint32(t.keys)) // of one publisher: nobody else knows the order
}

// state is the snapshot: how far each publisher has come.
func (t *modelTopic) state(context.Context, *live.Session, live.Match) (any, error) {
	state := make([]uint32, len(t.begun))
	for p := range state {
		state[p] = t.begun[p].Load()
	}
	hesitate()
	return state, nil
}

// modelTopics are the topics under each rule.
func modelTopics() []*modelTopic {
	const all = 1 << 20
	topic := func(name string, o live.Overflow, size int) *modelTopic {
		return &modelTopic{name: name, lossless: size == all, rule: live.Rule{
			CanSubscribe: live.Anyone, CanPublish: live.Anyone, Overflow: o, History: live.History{Size: size},
		}}
	}
	list := []*modelTopic{
		topic("deep:a", live.Disconnect, all),
		topic("deep:b", live.Disconnect, all),
		topic("brief:a", live.Disconnect, 100),
		topic("drop:a", live.DropOldest, 500),
		topic("drop:b", live.DropOldest, 30),
		topic("latest:a", live.KeepLatest, 1000),
		topic("latest:b", live.KeepLatest, 50),
		topic("replay:a", live.Replay, all),
		topic("replay:b", live.Replay, 300),
		topic("state:a", live.Disconnect, 2000),
		topic("state:b", live.Replay, 400),
		topic("wild:a", live.Disconnect, 3000),
		topic("wild:b", live.Disconnect, 0),
		topic("plain:a", live.Disconnect, 0),
		topic("plain:drop", live.DropOldest, 0),
		topic("plain:latest", live.KeepLatest, 0),
		topic("plain:state", live.Disconnect, 0),
	}
	for i, t := range list {
		t.index = i
		switch t.name {
		case "latest:a", "latest:b":
			t.keys = 12
		case "plain:latest":
			t.keys = 4
		case "state:a", "state:b", "plain:state":
			t.rule.Snapshot = t.state
		}
		switch t.name {
		case "deep:b", "drop:a", "latest:a", "replay:a", "wild:a":
			t.clients = true
		}
	}
	return list
}
