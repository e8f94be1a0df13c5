package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live/examples/internal/wstest"
)

func start(t *testing.T) string {
	handler, server := newHandler()
	return wstest.Serve(t, handler, server.Shutdown)
}

// open opens a session, which must be sent these tasks.
func open(t *testing.T, url, tasks string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws")
	sees(c, "board.state", `{"tasks":`+tasks+`}`)
	return c
}

// wish sends a command.
func wish(c *wstest.Conn, kind, payload string) {
	c.Send("board", fmt.Sprintf(`{"type":%q,"payload":%s}`, kind, payload))
}

// sees expects an event.
func sees(c *wstest.Conn, kind, payload string) {
	c.Expect("board", fmt.Sprintf(`{"type":%q,"payload":%s}`, kind, payload))
}

func TestEverybodySeesEveryChange(t *testing.T) {
	url := start(t)
	ann, bob := open(t, url, `[]`), open(t, url, `[]`)
	wish(ann, "task.add", `{"title":"buy tea"}`)
	wish(ann, "task.add", `{"title":"drink it"}`)
	wish(ann, "task.finish", `{"id":1}`)
	for _, c := range []*wstest.Conn{ann, bob} {
		sees(c, "task.added", `{"id":1,"title":"buy tea"}`)
		sees(c, "task.added", `{"id":2,"title":"drink it"}`)
		sees(c, "task.finished", `{"id":1}`)
	}
	open(t, url, `[{"id":2,"title":"drink it"}]`)
}

func TestFailureIsForItsSenderAlone(t *testing.T) {
	url := start(t)
	ann, bob := open(t, url, `[]`), open(t, url, `[]`)
	wish(ann, "task.finish", `{"id":7}`)
	sees(ann, "failed", `{"message":"there is no task 7: somebody may have finished it"}`)
	wish(ann, "task.add", `{"title":"buy tea"}`)
	sees(bob, "task.added", `{"id":1,"title":"buy tea"}`) // the first that bob gets
}

func TestCommandsOutOfFormatAreRefused(t *testing.T) {
	c := open(t, start(t), `[]`)
	for data, reason := range map[string]string{
		`7`:                                     `send {"type"`,
		`null`:                                  `send {"type"`,
		`{"type":"task.add"}`:                   `send {"type"`,
		`{"type":"task.eat","payload":{}}`:      `"task.eat" is none of`,
		`{"type":"task.add","payload":7}`:       `payload of task.add`,
		`{"type":"task.add","payload":{}}`:      `1 to 200 bytes`,
		`{"type":"task.finish","payload":null}`: `no task 0`,
	} {
		var answer struct {
			Type    string
			Payload struct{ Message string }
		}
		c.Send("board", data)
		if c.Next("board", &answer); answer.Type != "failed" || !strings.Contains(answer.Payload.Message, reason) {
			t.Errorf("%s is answered with %v, want %q in it", data, answer, reason)
		}
	}
}

func TestBoardIsBounded(t *testing.T) {
	c := open(t, start(t), `[]`)
	for i := range mostTasks {
		wish(c, "task.add", `{"title":"x"}`)
		sees(c, "task.added", fmt.Sprintf(`{"id":%d,"title":"x"}`, i+1))
	}
	wish(c, "task.add", `{"title":"x"}`)
	sees(c, "failed", `{"message":"the board has 100 tasks: finish some"}`)
}

func TestEveryEventHasItsName(t *testing.T) {
	for want, e := range map[string]event{
		`{"type":"board.state","payload":{"tasks":[]}}`:        boardState{Tasks: []task{}},
		`{"type":"task.added","payload":{"id":1,"title":"x"}}`: taskAdded{1, "x"},
		`{"type":"task.finished","payload":{"id":1}}`:          taskFinished{1},
		`{"type":"failed","payload":{"message":"x"}}`:          failed{"x"},
	} {
		if got := string(encode(e)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFormatLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws", serve) }
