package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The topics of a run, by kind; package node has their rules.
var (
	deepTopics   = names("deep", 10)
	replayTopics = names("replay", 4)
	shortTopics  = names("short", 4)
	plainTopics  = names("plain", 4)
	latestTopics = names("latest", 2)
	roomTopics   = names("room", 4)
)

func names(kind string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s:%d", kind, i+1)
	}
	return all
}

// published lists what publishers publish to.
func published() []string {
	var all []string
	for _, kind := range [][]string{deepTopics, replayTopics, shortTopics, plainTopics, latestTopics} {
		all = append(all, kind...)
	}
	return all
}

// kept lists the topics that have a history.
func kept() []string {
	var all []string
	for _, kind := range [][]string{deepTopics, replayTopics, shortTopics} {
		all = append(all, kind...)
	}
	return all
}

// plain reports whether a topic has no history.
func plain(topic string) bool {
	return strings.HasPrefix(topic, "plain:") || strings.HasPrefix(topic, "latest:")
}

// lossy reports whether a topic keeps little.
func lossy(topic string) bool { return strings.HasPrefix(topic, "short:") }

// chosen are the topics of one subscriber: two that keep all, one that keeps little or
// replays, one or two without history, and the room it is in.
func chosen(r *rand.Rand) (topics []string, room string) {
	first := r.IntN(len(deepTopics))
	topics = append(topics, deepTopics[first], deepTopics[(first+1+r.IntN(len(deepTopics)-1))%len(deepTopics)])
	if r.IntN(2) == 0 {
		topics = append(topics, replayTopics[r.IntN(len(replayTopics))])
	} else {
		topics = append(topics, shortTopics[r.IntN(len(shortTopics))])
	}
	topics = append(topics, plainTopics[r.IntN(len(plainTopics))])
	if r.IntN(4) == 0 {
		topics = append(topics, latestTopics[r.IntN(len(latestTopics))])
	}
	return topics, roomTopics[r.IntN(len(roomTopics))]
}
