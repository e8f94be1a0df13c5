package main

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/host"
	"github.com/livetopics/live/bench/internal/wire"
)

// clientOf returns a client of a server that sends these messages to whoever asks for something.
func clientOf(t *testing.T, messages ...string) *client.Client {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	go func() { // owner: the test; ends when all is sent, or the test has closed its end
		defer far.Close()
		if _, err := far.Read(make([]byte, 4<<10)); err != nil {
			return
		}
		for _, m := range messages {
			if _, err := far.Write(wire.Append(nil, wire.OpText, []byte(m))); err != nil {
				return
			}
		}
	}()
	return client.On(near, 64)
}

// publication is number i of those missed, with sequence number seq.
func publication(i, seq int) string {
	return fmt.Sprintf(`{"topic":"chat:a","data":%s,"seq":%d}`, host.Data(i), seq)
}

func TestARecoveryThatIsNotWholeAndInOrderFails(t *testing.T) {
	const answer = `{"id":1,"result":{"epoch":"e","seq":7,"head":10,"recovered":true}}`
	first, second, third := publication(0, 8), publication(1, 9), publication(2, 10)
	for name, c := range map[string]struct {
		messages []string
		ok       bool
	}{
		"whole":           {[]string{answer, first, second, third}, true},
		"lost":            {[]string{answer, first, third, publication(3, 11)}, false},
		"lost at the end": {[]string{answer, first, second}, false},
		"twice":           {[]string{answer, first, first, second}, false},
		"out of order":    {[]string{answer, second, first, third}, false},
		"altered":         {[]string{answer, first, strings.Replace(second, "xxx", "xyx", 1), third}, false},
		"misnumbered":     {[]string{answer, first, publication(1, 10), third}, false},
		"before answer":   {[]string{first, answer, second, third}, false},
		"not recovered":   {[]string{strings.Replace(answer, "true", "false", 1), first, second, third}, false},
		"from elsewhere":  {[]string{strings.Replace(answer, `"seq":7`, `"seq":6`, 1), first, second, third}, false},
		"refused":         {[]string{`{"id":1,"error":{"code":"forbidden","message":"no"}}`}, false},
	} {
		g := &gap{server: ours, topic: "chat:a", missed: 3, epoch: "e", first: 7}
		if err := g.askLive(clientOf(t, c.messages...)); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCentrifugesAnswersAreCheckedToo(t *testing.T) {
	pub := func(i, offset int) string { return fmt.Sprintf(`{"data":%s,"offset":%d}`, host.Data(i), offset) }
	answer := func(recovered bool, pubs ...string) recovered {
		return fmt.Appendf(nil, `{"id":2,"subscribe":{"recovered":%v,"publications":[%s]}}`, recovered, strings.Join(pubs, ","))
	}
	good := answer(true, pub(0, 8), pub(1, 9))
	for name, c := range map[string]struct {
		answers []recovered
		ok      bool
	}{
		"whole":         {[]recovered{good, good}, true},
		"one without":   {[]recovered{good, nil}, false},
		"lost":          {[]recovered{good, answer(true, pub(0, 8))}, false},
		"out of order":  {[]recovered{answer(true, pub(1, 9), pub(0, 8)), good}, false},
		"altered":       {[]recovered{good, answer(true, pub(0, 8), pub(2, 9)), good}, false},
		"not recovered": {[]recovered{answer(false, pub(0, 8), pub(1, 9))}, false},
	} {
		g := &gap{server: theirs, topic: "chat:a", missed: 2, epoch: "e", first: 7, answers: c.answers}
		if err := g.check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
