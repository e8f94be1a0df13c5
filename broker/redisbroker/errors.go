package redisbroker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// errTooLarge says that a publication is beyond Options.MaxBytes.
var errTooLarge = fmt.Errorf("%w: see Options.MaxBytes", broker.ErrTooLarge)

// passing begin the errors of a server that cannot do now what it could do at other
// times.
var passing = []string{
	"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "OOM", "BUSY", "MISCONF",
	"NOREPLICAS", "UNKILLABLE", "MOVED", "ASK", "NOAUTH", "WRONGPASS", "NOPERM",
}

// reached tells whether err is the server's answer, rather than that there was none.
func reached(err error) bool {
	_, ok := rueidis.IsRedisErr(err)
	return ok || rueidis.IsRedisNil(err)
}

// code is the first word of a server's error.
func code(err error) string {
	e, ok := rueidis.IsRedisErr(err)
	if !ok {
		return ""
	}
	word, _, _ := strings.Cut(e.Error(), " ")
	return word
}

// unsent tells whether a call that failed so was never sent.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.Is(err, rueidis.ErrNoSlot)
}

// fail is what callers see of an error, with what was being done.
func fail(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	case errors.Is(err, broker.ErrUnavailable), errors.Is(err, broker.ErrClosed):
		return fmt.Errorf("redisbroker: failed to %s: %w", doing, err)
	case errors.Is(err, broker.ErrConflict), errors.Is(err, broker.ErrTooLarge), errors.Is(err, errReply),
		reached(err) && !slices.Contains(passing, code(err)):
		return fmt.Errorf("redisbroker: failed to %s: %w", doing, err)
	}
	return fmt.Errorf("redisbroker: failed to %s: %w", doing, unavailable(err))
}

// unavailable is ErrUnavailable with its reason.
func unavailable(err error) error {
	hint := ""
	switch code(err) {
	case "OOM":
		hint = " (the server is out of memory: raise its maxmemory, or keep less)"
	case "READONLY":
		hint = " (the server is a replica: where is its master?)"
	}
	return fmt.Errorf("%w%s: %w", broker.ErrUnavailable, hint, err)
}
