package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/host"
	"github.com/livetopics/live/bench/internal/wire"
)

// clientOf returns a client of a server that sends these messages once it is sent something, and then ends.
func clientOf(t *testing.T, messages ...string) *client.Client {
	t.Helper()
	near, far := net.Pipe()
	var running sync.WaitGroup
	t.Cleanup(func() {
		near.Close()
		running.Wait()
	})
	asked := make(chan struct{})
	running.Go(func() { // owner: the test; ends when either end is closed
		_, _ = far.Read(make([]byte, 4<<10))
		close(asked)
		_, _ = io.Copy(io.Discard, far)
	})
	running.Go(func() { // owner: the test; ends when all is sent, or the test has closed its end
		defer far.Close()
		<-asked
		for _, m := range messages {
			if _, err := far.Write(wire.Append(nil, wire.OpText, []byte(m))); err != nil {
				return
			}
		}
	})
	return client.On(near, 64)
}

// publication is number i of a topic, with sequence number seq.
func publication(topic string, i, seq int) string {
	return fmt.Sprintf(`{"topic":%q,"data":%s,"seq":%d}`, topic, host.Data(i), seq)
}

func TestANodeThatComesBackWithLessOrMoreIsFound(t *testing.T) {
	const (
		zero = "chat:0"
		one  = "chat:1"
	)
	answer := `{"id":0,"result":{"topics":{` +
		`"chat:0":{"epoch":"e","seq":7,"head":9,"recovered":true},"chat:1":{"epoch":"e","seq":4,"head":4,"recovered":true}}}}`
	first, second := publication(zero, 2, 8), publication(zero, 3, 9)
	with := func(old, now string) string {
		if !strings.Contains(answer, old) {
			t.Fatalf("%s is not in %s", old, answer)
		}
		return strings.Replace(answer, old, now, 1)
	}
	const ping = `{"id":9999,"result":{}}`
	for name, c := range map[string]struct {
		messages []string
		ok       bool
	}{
		"whole":            {[]string{answer, first, second, ping}, true},
		"publication lost": {[]string{answer, second, publication(zero, 4, 10), ping}, false},
		"lost at the end":  {[]string{answer, first}, false},
		"doubled":          {[]string{answer, first, first, ping}, false},
		"doubled at last":  {[]string{answer, first, second, second, ping}, false},
		"out of order":     {[]string{answer, second, first, ping}, false},
		"altered":          {[]string{answer, first, strings.Replace(second, "xxx", "xyx", 1), ping}, false},
		"misnumbered":      {[]string{answer, first, publication(zero, 3, 8), ping}, false},
		"another topic's":  {[]string{answer, first, publication(one, 3, 9), ping}, false},
		"nobody's":         {[]string{answer, first, publication("chat:2", 0, 1), ping}, false},
		"a gap":            {[]string{answer, first, `{"topic":"chat:0","event":"gap","data":{"from":9,"to":9}}`, ping}, false},
		"not recovered":    {[]string{with("true", "false"), first, second, ping}, false},
		"from elsewhere":   {[]string{with(`"seq":7`, `"seq":6`), first, second, ping}, false},
		"another epoch":    {[]string{with(`"epoch":"e"`, `"epoch":"f"`), first, second, ping}, false},
		"a topic missing":  {[]string{strings.Split(answer, `,"chat:1"`)[0] + `}}}`, first, second, ping}, false},
		"a topic refused":  {[]string{with(`"seq":4`, `"error":{"code":"forbidden"},"seq":4`), first, second, ping}, false},
		"not answered":     {[]string{first, second}, false},
	} {
		h := newHolder(0, 2)
		h.ledger.due[zero] = 2
		h.ledger.at = map[string]position{zero: {"e", 7}, one: {"e", 4}}
		h.Client = clientOf(t, c.messages...)
		err := h.subscribe(true, 2)
		if err == nil {
			err = h.quiet()
		}
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATopicReadElsewhereIsReadInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []int
		ok      bool
	}{
		"whole":        {[]int{0, 1, 2}, true},
		"lost":         {[]int{0, 2, 3}, false},
		"lost at last": {[]int{0, 1}, false},
		"twice":        {[]int{0, 1, 1}, false},
		"out of order": {[]int{1, 0, 2}, false},
	} {
		var messages []string
		for _, i := range c.numbers {
			messages = append(messages, publication(elsewhereTopic, i, i+1))
		}
		server := clientOf(t, messages...)
		if err := server.Send("go on"); err != nil {
			t.Fatal(err)
		}
		if err := inOrder(server, 3); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
