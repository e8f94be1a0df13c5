package main

import (
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// storeAge is how long stored publications live here.
const storeAge = 20 * time.Second

// store measures what a stored publication of 100 bytes costs in resident memory, as it stands and after a
// collection, and what is left of it when all have expired.
func store() error {
	topics, each := scaled(100_000), 10
	var standing, collected, left []float64
	for range *rounds {
		s, err := start("topics", "-age", storeAge.String())
		if err != nil {
			return err
		}
		figures, err := storeOnce(s, topics, each)
		if stopped := s.Stop(); err == nil {
			err = stopped
		}
		if err != nil {
			return err
		}
		standing, collected, left = append(standing, figures[0]), append(collected, figures[1]), append(left, figures[2])
	}
	fmt.Printf("store: %d topics of %d publications of 100 bytes: %.0f bytes of resident memory for each as it stands, %.0f collected, %.0f when they have expired\n",
		topics, each, median(standing), median(collected), median(left))
	return nil
}

func storeOnce(s *process.Server, topics, each int) (figures [3]float64, err error) {
	if _, _, err := publish(s, query("topic", "store:warm", "n", 1, "size", 100)); err != nil {
		return figures, err
	}
	before, err := resident(s)
	if err != nil {
		return figures, err
	}
	if _, _, err := publish(s, query("topic", "store:", "topics", topics, "n", each, "size", 100)); err != nil {
		return figures, err
	}
	published := time.Now()
	read := func(i int, f func() (int64, error)) {
		if err != nil {
			return
		}
		var now int64
		now, err = f()
		figures[i] = float64(now-before) / float64(topics*each)
	}
	read(0, func() (int64, error) { return process.Resident(s.PID) })
	read(1, func() (int64, error) { return resident(s) })
	if err == nil {
		err = rest(time.Until(published.Add(storeAge + 3*time.Second)))
	}
	read(2, func() (int64, error) { return resident(s) })
	return figures, err
}
