package main

import (
	"encoding/json"
	"errors"
	"fmt"
)

// envelope is the data of every message, both ways.
type envelope struct {
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// Commands: what clients wish.
type (
	// addTask is "task.add".
	addTask struct {
		Title string `json:"title"`
	}
	// finishTask is "task.finish".
	finishTask struct {
		ID int `json:"id"`
	}
)

// Events: what has happened.
type (
	boardState struct {
		Tasks []task `json:"tasks"` // never null
	}
	taskAdded    task
	taskFinished struct {
		ID int `json:"id"`
	}
	failed struct {
		Message string `json:"message"`
	}
)

// event ties each event to its type's name in one place, so that no use of it can misspell it.
type event interface{ name() string }

func (boardState) name() string   { return "board.state" }
func (taskAdded) name() string    { return "task.added" }
func (taskFinished) name() string { return "task.finished" }
func (failed) name() string       { return "failed" }

// encode makes the data of an event.
func encode(e event) []byte {
	payload, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("event %s cannot be encoded: %v", e.name(), err)) // a mistake in the types above
	}
	data, _ := json.Marshal(envelope{Type: e.name(), Payload: payload})
	return data
}

// decode takes a command apart and returns it as an addTask or a finishTask.
func decode(data []byte) (any, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil || e.Payload == nil {
		return nil, errors.New(`send {"type":…,"payload":{…}}`)
	}
	switch e.Type {
	case "task.add":
		return payload[addTask](e)
	case "task.finish":
		return payload[finishTask](e)
	}
	return nil, fmt.Errorf("type %.40q is none of task.add and task.finish", e.Type)
}

func payload[T any](e envelope) (v T, err error) {
	if err = json.Unmarshal(e.Payload, &v); err != nil {
		err = fmt.Errorf("the payload of %s: %w", e.Type, err)
	}
	return v, err
}
