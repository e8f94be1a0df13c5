package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
)

// topicsAtOnce is how many topics are subscribed to by one frame at most.
const topicsAtOnce = 2500

// holder is a client with many topics, which it takes along when it comes back.
type holder struct {
	*client.Client
	topics []string
	ledger ledger
}

// newHolder returns a holder of the topics chat:first to before chat:end, which is nowhere yet.
func newHolder(first, end int) *holder {
	h := &holder{ledger: ledger{due: make(map[string]int), at: make(map[string]position)}}
	for i := first; i < end; i++ {
		topic := fmt.Sprintf("chat:%d", i)
		h.topics = append(h.topics, topic)
		h.ledger.due[topic] = 0
	}
	return h
}

// connect connects the holder to a node.
func (h *holder) connect(s *process.Server) (err error) {
	h.Client, err = client.Dial(s.Addr, "/ws", 256<<10)
	return err
}

// subscribe subscribes to all topics, all frames sent at once, from what was had last where since says so; and
// reads until all frames are answered and want publications have come meanwhile.
func (h *holder) subscribe(since bool, want int) error {
	sizes := map[string]int{} // of the frames that are not answered, by the beginnings of their answers
	for id, topics := range slices.Collect(slices.Chunk(h.topics, topicsAtOnce)) {
		if err := h.Send(h.request(id, topics, since)); err != nil {
			return err
		}
		sizes[fmt.Sprintf(`{"id":%d,"result":`, id)] = len(topics)
	}
	want += h.ledger.had
	for len(sizes) > 0 || h.ledger.had < want {
		b, err := h.Next()
		if err != nil {
			return fmt.Errorf("%d frames not answered, %d publications missing: %w", len(sizes), want-h.ledger.had, err)
		}
		if err := h.take(b, sizes, since); err != nil {
			return err
		}
	}
	return nil
}

// take notes an answer or a publication.
func (h *holder) take(b []byte, sizes map[string]int, since bool) error {
	for beginning, n := range maps.Clone(sizes) {
		if bytes.HasPrefix(b, []byte(beginning)) {
			delete(sizes, beginning)
			return h.ledger.answered(b, n, since)
		}
	}
	return h.ledger.take(b)
}

// request is a frame that subscribes to topics.
func (h *holder) request(id int, topics []string, since bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"op":"subscribe","id":%d,"topics":{`, id)
	for i, topic := range topics {
		if i > 0 {
			b.WriteByte(',')
		}
		at := []byte("null")
		if since {
			at, _ = json.Marshal(h.ledger.at[topic]) // two plain members: it cannot fail
		}
		fmt.Fprintf(&b, `%q:%s`, topic, at)
	}
	b.WriteString("}}")
	return b.String()
}

// read reads until want publications have come.
func (h *holder) read(want int) error {
	for want += h.ledger.had; h.ledger.had < want; {
		b, err := h.Next()
		if err != nil {
			return fmt.Errorf("%d publications missing: %w", want-h.ledger.had, err)
		}
		if err := h.ledger.take(b); err != nil {
			return err
		}
	}
	return nil
}

// quiet checks that nothing more comes than was due: the answer to a ping is next.
func (h *holder) quiet() error {
	_, err := h.Ask(`{"op":"ping","id":9999}`, `{"id":9999,"result":`)
	return err
}
