package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/livetopics/live"
)

const (
	topic     = "board"
	mostTasks = 100
)

// task is an open task.
type task struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

// board is the list of open tasks.
type board struct {
	server *live.Server

	// mu guards what follows. It is held while an event is published or a state is sent, so that the events a
	// client gets are exactly those that its state does not have yet.
	mu     sync.Mutex
	tasks  []task
	lastID int
}

// open subscribes a session and sends it the state that the events to come will change.
func (b *board) open(s *live.Session) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.server.Subscribe(s, topic); err != nil {
		return err
	}
	return s.Send(live.Message{Topic: topic, Data: encode(boardState{Tasks: append([]task{}, b.tasks...)})})
}

// handle does what a command wishes and publishes what has happened, or says why not.
func (b *board) handle(data []byte) error {
	command, err := decode(data)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var e event
	switch c := command.(type) {
	case addTask:
		e, err = b.add(c)
	case finishTask:
		e, err = b.finish(c)
	}
	if err != nil {
		return err
	}
	return b.server.Publish(topic, encode(e))
}

func (b *board) add(c addTask) (event, error) {
	switch {
	case c.Title == "" || len(c.Title) > 200:
		return nil, errors.New("title has 1 to 200 bytes")
	case len(b.tasks) == mostTasks:
		return nil, fmt.Errorf("the board has %d tasks: finish some", mostTasks)
	}
	b.lastID++
	t := task{ID: b.lastID, Title: c.Title}
	b.tasks = append(b.tasks, t)
	return taskAdded(t), nil
}

func (b *board) finish(c finishTask) (event, error) {
	i := slices.IndexFunc(b.tasks, func(t task) bool { return t.ID == c.ID })
	if i < 0 {
		return nil, fmt.Errorf("there is no task %d: somebody may have finished it", c.ID)
	}
	b.tasks = slices.Delete(b.tasks, i, i+1)
	return taskFinished(c), nil
}
