package main

import (
	"strconv"
	"time"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// recorded is how many publications the topic with history remembers.
const recorded = 100

// history compares the price of a delivery on a saturated topic with history with that on one without, by the
// scenario saturated of the load generator. Data is the same on both: the price includes that of a
// longer frame, which has the publication's number.
func (b *bench) history() error {
	r := b.rows.Row("history of 100: server CPU of a saturated delivery, µs", "without", rows.AtMostTimes(1.15))
	for _, size := range []int{recorded, 0} {
		config := load.Config{
			Sessions: b.scaled(1000), FrameBytes: 170, Window: 64, Rate: 1, Bursts: 1,
			Duration: min(b.length, 3*time.Second),
		}
		column := "without"
		if size > 0 {
			column = ours
			config.FrameBytes-- // the generator leaves out a delivery's number, and the brace behind
		}
		err := b.with(ours, func(s *process.Server) error {
			result, err := load.Run(s, "saturated", config)
			add(r, column, result.ServerCPU)
			return err
		}, "-history", strconv.Itoa(size))
		if err != nil {
			return err
		}
	}
	return nil
}
