package main

import (
	"strconv"
	"strings"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
)

// publish has the server publish, and returns the position of the last publication.
func publish(s *process.Server, query ...any) (epoch string, seq uint64, err error) {
	body, err := client.Order(s.Addr, "/publish", query...)
	if err != nil {
		return "", 0, err
	}
	epoch, number, _ := strings.Cut(body, " ")
	seq, err = strconv.ParseUint(number, 10, 64)
	return epoch, seq, err
}
