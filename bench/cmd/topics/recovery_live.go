package main

import (
	"bytes"
	"fmt"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/host"
)

// askLive asks for what came after the first, and checks every frame that follows: the answer, which names
// the position it goes on from, and each publication, byte for byte.
func (g *gap) askLive(c *client.Client) error {
	answer, err := c.Ask(fmt.Sprintf(`{"op":"subscribe","id":1,"topic":%q,"since":{"epoch":%q,"seq":%d}}`, g.topic, g.epoch, g.first),
		`{"id":1,"result":`)
	if err != nil {
		return err
	}
	for _, member := range []string{`"recovered":true`, fmt.Sprintf(`"seq":%d,`, g.first)} {
		if !bytes.Contains(answer, []byte(member)) {
			return fmt.Errorf("%s is not in the answer %s", member, answer)
		}
	}
	var want []byte
	for i := range g.missed {
		b, err := c.Next()
		if err != nil {
			return err
		}
		want = fmt.Appendf(want[:0], `{"topic":%q,"data":%s,"seq":%d}`, g.topic, host.Data(i), g.first+1+uint64(i))
		if !bytes.Equal(b, want) {
			return fmt.Errorf("%.300q came where %.300q was due", b, want)
		}
	}
	return nil
}
