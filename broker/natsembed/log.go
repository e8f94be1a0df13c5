package natsembed

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// logger gives the server's log to slog. What the server calls notices is of interest
// to few here, and logged as Debug; its debug and trace messages are left out.
type logger struct {
	log   *slog.Logger           // set once
	fatal atomic.Pointer[string] // why it cannot run
}

func (l *logger) Noticef(format string, v ...any) { l.log.Debug(text(format, v)) }
func (l *logger) Errorf(format string, v ...any)  { l.log.Error(text(format, v)) }
func (l *logger) Debugf(string, ...any)           {}
func (l *logger) Tracef(string, ...any)           {}

// usual is in what the server warns of that is as it should be: what Options ask for,
// what each start of a cluster goes through, and what a node does that was killed.
var usual = []string{
	"Maximum payloads over",
	"Waiting for routing to be established",
	"JetStream has not established contact with a meta leader",
	"Metalayer blocking snapshot",
	"TTL state is outdated",
	"Stream state outdated",
	"Recovering stream state from index errored",
}

// Warnf logs what is usual as Debug.
func (l *logger) Warnf(format string, v ...any) {
	said := text(format, v)
	for _, part := range usual {
		if strings.Contains(said, part) {
			l.log.Debug(said)
			return
		}
	}
	l.log.Warn(said)
}

// Fatalf is for what ends a server that is a process of its own.
func (l *logger) Fatalf(format string, v ...any) {
	why := text(format, v)
	l.log.Error(why)
	l.fatal.CompareAndSwap(nil, &why)
}

func text(format string, v []any) string { return "nats: " + fmt.Sprintf(format, v...) }
