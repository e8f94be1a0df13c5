package redisbroker

import (
	"context"
	"embed"
	"errors"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

//go:embed *.lua
var sources embed.FS

// scripts run on the server, each as one step.
var scripts = struct {
	publish, page, join, list, leave, members, tend, forget, spread script
}{
	publish: newScript("common.lua", "publish.lua"),
	page:    newScript("common.lua", "page.lua"),
	join:    newScript("join.lua"),
	list:    newScript("list.lua"),
	leave:   newScript("leave.lua"),
	members: newScript("members.lua"),
	tend:    newScript("tend.lua"),
	forget:  newScript("forget.lua"),
	spread:  newScript("spread.lua"),
}

// tries is how often a call is made whose connection broke.
const tries = 3

// check returns the error of a call that must not go on.
func (b *Broker) check(ctx context.Context) error {
	if b.closed.Load() {
		return broker.ErrClosed
	}
	return ctx.Err()
}

// call makes a call once the servers answer. If the connection breaks, it is made again
// where again says that this does no harm, or where it was never sent.
func (b *Broker) call(ctx context.Context, again bool, f func(c rueidis.Client) error) error {
	for try := 1; ; try++ {
		c, err := b.health.wait(ctx)
		if err != nil {
			return err
		}
		err = f(c)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if b.closed.Load() && errors.Is(err, rueidis.ErrClosing) {
			return broker.ErrClosed
		}
		broken := b.judge(c, err)
		if !broken || try == tries || !again && !unsent(err) {
			return err
		}
	}
}

// judge looks at the error of a call, and reports whether the connection is to blame.
func (b *Broker) judge(c rueidis.Client, err error) (broken bool) {
	if reached(err) {
		if code(err) == "READONLY" && c.Mode() != rueidis.ClientModeCluster {
			b.health.lost(err, false)
			b.probeNow()
		}
		return false
	}
	if c.Mode() != rueidis.ClientModeCluster {
		b.health.lost(err, false)
	}
	b.probeNow()
	return true
}
