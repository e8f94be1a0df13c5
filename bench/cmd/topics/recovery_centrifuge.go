package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/host"
)

// recovered is an answer of centrifuge's: all that was missed is in it.
type recovered []byte

func (g *gap) askCentrifuge(c *client.Client) (recovered, error) {
	b, err := c.Ask(fmt.Sprintf(`{"id":2,"subscribe":{"channel":%q,"recover":true,"epoch":%q,"offset":%d}}`, g.topic, g.epoch, g.first),
		`{"id":2,"subscribe":`)
	return bytes.Clone(b), err
}

// check checks what centrifuge's clients got, which is decoded when the time has been taken: here it would
// be in its way. Answers that are the same are decoded once.
func (g *gap) check() error {
	if g.server != theirs {
		return nil
	}
	var last recovered
	for i, answer := range g.answers {
		if last != nil && bytes.Equal(answer, last) {
			continue
		}
		if err := g.decode(answer); err != nil {
			return fmt.Errorf("client %d: %w", i, err)
		}
		last = answer
	}
	return nil
}

func (g *gap) decode(text recovered) error {
	var answer struct {
		Subscribe struct {
			Recovered    bool `json:"recovered"`
			Publications []struct {
				Offset uint64          `json:"offset"`
				Data   json.RawMessage `json:"data"`
			} `json:"publications"`
		} `json:"subscribe"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	got := answer.Subscribe.Publications
	if !answer.Subscribe.Recovered || len(got) != g.missed {
		return fmt.Errorf("recovered: %v, %d publications, want %d", answer.Subscribe.Recovered, len(got), g.missed)
	}
	for i, p := range got {
		if p.Offset != g.first+1+uint64(i) || !bytes.Equal(p.Data, host.Data(i)) {
			return fmt.Errorf("publication %d has offset %d and data %s", i, p.Offset, p.Data)
		}
	}
	return nil
}
