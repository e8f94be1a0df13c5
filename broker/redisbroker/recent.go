package redisbroker

import (
	"strings"
	"time"
)

// How long and how many positions are remembered.
const (
	recentAge   = 10 * time.Minute
	recentCount = 1024 // of each generation of a stripe
)

// recent remembers positions of topics, in two generations: what is learned goes into
// the young one; when that is old or full, it takes the place of the old one.
type recent struct {
	young, old map[string]cursor
	turned     time.Time
}

func (r *recent) get(topic string) cursor {
	if c, ok := r.young[topic]; ok {
		return c
	}
	return r.old[topic]
}

// put remembers c, unless a further one of the same epoch is there.
func (r *recent) put(topic string, c cursor, now time.Time) {
	if c.epoch == "" {
		return
	}
	if was, ok := r.young[topic]; ok {
		if was.epoch != c.epoch || was.seq <= c.seq {
			r.young[topic] = c
		}
		return
	}
	if was := r.old[topic]; was.epoch == c.epoch && was.seq > c.seq {
		c = was
	}
	if r.young == nil || len(r.young) >= recentCount || now.Sub(r.turned) > recentAge {
		r.old, r.young, r.turned = r.young, make(map[string]cursor), now
	}
	r.young[strings.Clone(topic)] = c
}
