package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/livetopics/live/bench/internal/host"
)

// position is where a client is in a topic.
type position struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// ledger is what one client has had of its topics: publications are numbered by their data, in the order in which
// they were published to each.
type ledger struct {
	due map[string]int      // the number of the publication that comes next, by topic
	at  map[string]position // of topics with history; nil: not kept
	had int                 // publications in all
}

// take notes a message, which has to be the publication that is due on its topic, byte for byte, and to have a
// higher number than the last one where numbers are kept.
func (l *ledger) take(message []byte) error {
	var p struct {
		Topic string          `json:"topic"`
		Event string          `json:"event"`
		Data  json.RawMessage `json:"data"`
		Seq   uint64          `json:"seq"`
	}
	if err := json.Unmarshal(message, &p); err != nil {
		return fmt.Errorf("%.300q came: %w", message, err)
	}
	due, ok := l.due[p.Topic]
	if !ok || p.Event != "" || !bytes.Equal(p.Data, host.Data(due)) {
		return fmt.Errorf("%.300q came where number %d of its topic was due", message, due)
	}
	if l.at != nil {
		last := l.at[p.Topic]
		if p.Seq <= last.Seq {
			return fmt.Errorf("%.300q came after number %d", message, last.Seq)
		}
		last.Seq = p.Seq
		l.at[p.Topic] = last
	}
	l.due[p.Topic] = due + 1
	l.had++
	return nil
}

// subscribed is the answer to one frame that subscribes to many topics.
type subscribed struct {
	Result struct {
		Topics map[string]struct {
			position
			Recovered *bool           `json:"recovered"`
			Error     json.RawMessage `json:"error"`
		} `json:"topics"`
	} `json:"result"`
}

// answered notes the answer to a frame that subscribes to n topics: with no position, or from those that are
// kept, which has to have recovered.
func (l *ledger) answered(message []byte, n int, since bool) error {
	var a subscribed
	if err := json.Unmarshal(message, &a); err != nil {
		return fmt.Errorf("%.300q came: %w", message, err)
	}
	if len(a.Result.Topics) != n {
		return fmt.Errorf("the answer has %d topics of %d", len(a.Result.Topics), n)
	}
	for topic, r := range a.Result.Topics {
		last, known := l.at[topic]
		switch {
		case r.Error != nil:
			return fmt.Errorf("%s was refused: %s", topic, r.Error)
		case since && (!known || r.Recovered == nil || !*r.Recovered):
			return fmt.Errorf("%s was not recovered from %v: %v", topic, last, r)
		case since && r.position != last:
			return fmt.Errorf("%s goes on from %v instead of %v", topic, r.position, last)
		}
		l.at[topic] = r.position
	}
	return nil
}
