package main

import (
	"io"
	"log"
	"log/slog"
	"os"
)

// newLogger returns the program's log. Level and format are as their flags have
// them; anything else is an error of parsing and does not come here.
func newLogger(to io.Writer, level, format string) *slog.Logger {
	var min slog.Level
	if err := min.UnmarshalText([]byte(level)); err != nil {
		panic(err)
	}
	options := &slog.HandlerOptions{Level: min}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// newErrorLog is what net/http writes to: connections that break off before they
// have asked for anything, which is everyday.
func newErrorLog(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}

// isTerminal reports whether w is one that wants colours: https://no-color.org.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
