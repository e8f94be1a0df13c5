//go:build race

package main_test

// With the race detector on, the server runs under it too.
func init() { buildFlags = append(buildFlags, "-race") }
