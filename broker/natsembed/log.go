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

// Warnf leaves out what the server says of large publications each time it starts.
func (l *logger) Warnf(format string, v ...any) {
	if !strings.HasPrefix(format, "Maximum payloads over") {
		l.log.Warn(text(format, v))
	}
}

// Fatalf is for what ends a server that is a process of its own.
func (l *logger) Fatalf(format string, v ...any) {
	why := text(format, v)
	l.log.Error(why)
	l.fatal.CompareAndSwap(nil, &why)
}

func text(format string, v []any) string { return "nats: " + fmt.Sprintf(format, v...) }
