package live_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// A conversation is held line by line. A name before the arrow is another client's:
//
//	> {…}             ann sends this text
//	bob> {…}          bob does
//	< {…}             what ann gets next is this, byte for byte
//	< …               whatever comes until the line after it matches
//	< close 4008 …    a close frame with this code and reason, and the end
//	< HTTP 401 …      no WebSocket, but an answer with this status and body
//	-- …              something else happens: see steps
//
// E1, E2 and S1, S2 as a whole string stand for an epoch and a session's ID, the same
// wherever they come again, and different ones for different names. The number that is
// "at" may be any, and on a stage that says so every seq, from, to and count.

// play is a conversation that is being held.
type play struct {
	*rig
	stage   stage
	parties map[string]*party
	names   map[string]string // what E1 and the others stand for
	skip    string            // the party that may get whatever it is until the next line
}

// party is one client of a conversation.
type party struct {
	client *client
	answer string   // to its upgrade request, where that was refused
	ahead  []string // what it got already, of which the conversation has not come to speak
	over   bool     // its connection has ended
}

func (c conversation) hold(t *testing.T, kind socketKind) {
	stage, known := stages[c.stage]
	if !known {
		t.Fatalf("docs/protocol.md:%d: there is no stage %q", c.first, c.stage)
	}
	p := &play{stage: stage, parties: map[string]*party{}, names: map[string]string{}}
	p.rig = newRig(kind, stage.options())
	stage.rules(p.server)
	buffer := 0
	if stage.tight {
		buffer = 64 << 10
	}
	p.start(t, p.server.Handler(), buffer)
	t.Cleanup(p.leave)
	for i, line := range c.lines {
		if err := p.line(t, line); err != nil {
			t.Fatalf("docs/protocol.md:%d: %s\n%v", c.first+i, line, err)
		}
	}
	p.end(t)
}

var (
	arrow       = regexp.MustCompile(`^([a-z]*[0-9]?)([<>]) (.+)$`)
	placeholder = regexp.MustCompile(`"[ES][0-9]"`)
	anyNumber   = regexp.MustCompile(`"(seq|from|to|count)":[0-9]+`)
	timeAt      = regexp.MustCompile(`"at":[0-9]+`)
)

func (p *play) line(t *testing.T, line string) error {
	if step, ok := strings.CutPrefix(line, "-- "); ok {
		return p.step(t, step)
	}
	m := arrow.FindStringSubmatch(line)
	if m == nil {
		return errors.New("this is no line of a conversation")
	}
	name := m[1]
	if name == "" {
		name = annsName
	}
	who, err := p.party(name)
	switch {
	case err != nil:
		return err
	case m[2] == ">":
		return who.client.write(frame(true, opText, p.filled(m[3])))
	case m[3] == "…":
		p.skip = name
		return nil
	}
	skip := p.skip == name
	p.skip = ""
	return p.expect(who, m[3], skip)
}

// annsName is that of the party whose arrows have none before them.
const annsName = "ann"

// party is the client of that name, who comes when the conversation first has it.
func (p *play) party(name string) (*party, error) {
	if who := p.parties[name]; who != nil {
		return who, nil
	}
	who := &party{}
	p.parties[name] = who
	edit := []func(*request){func(q *request) {
		q.line = fmt.Sprintf("GET /ws?user=%s&client=%s HTTP/1.1", strings.TrimRight(name, "0123456789"), name)
	}}
	if !p.stage.plain {
		edit = append(edit, header("Sec-Websocket-Protocol", "live.v1"))
	}
	c, answer, err := p.ask(edit...)
	if err != nil {
		return nil, err
	}
	if c == nil {
		body := make([]byte, 1<<10)
		n, _ := answer.Body.Read(body)
		who.answer = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", answer.StatusCode, body[:n]))
		return who, nil
	}
	who.client = c
	if p.stage.plain || p.stage.shown {
		return who, nil
	}
	if first := who.next(); p.compare(first, `{"event":"welcome","data":{"session":"S0"}}`) != nil {
		who.ahead = append(who.ahead, first)
	}
	return who, nil
}

// expect receives what a line says. With skip, whatever comes before it is let pass.
func (p *play) expect(who *party, want string, skip bool) error {
	for {
		got := who.next()
		err := p.compare(got, want)
		if err == nil || !skip || strings.HasPrefix(got, "close ") {
			return err
		}
	}
}

// next is what the party gets, as a line of a conversation has it.
func (who *party) next() string {
	switch {
	case who.client == nil:
		return who.answer
	case len(who.ahead) > 0:
		got := who.ahead[0]
		who.ahead = who.ahead[1:]
		return got
	}
	got, err := who.client.receive()
	who.over = err != nil
	var frame *closed
	switch {
	case errors.As(err, &frame):
		who.client.nc.Close()
		return strings.TrimSpace(fmt.Sprintf("close %d %s", frame.code, frame.reason))
	case err != nil:
		return "close 1006 " + err.Error()
	}
	return got
}

// compare matches what came with a line. Names that stand for nothing yet do from now on.
func (p *play) compare(got, want string) error {
	if p.stage.numbers {
		got, want = anyNumber.ReplaceAllString(got, `"$1":0`), anyNumber.ReplaceAllString(want, `"$1":0`)
	}
	got, want = timeAt.ReplaceAllString(got, `"at":0`), timeAt.ReplaceAllString(want, `"at":0`)
	var unbound []string
	exact := "^" + regexp.QuoteMeta(want) + "$"
	for _, name := range placeholder.FindAllString(want, -1) {
		value, bound := p.names[name]
		if name == `"S0"` || !bound {
			value = `"([^"]+)"`
			unbound = append(unbound, name)
		} else {
			value = regexp.QuoteMeta(value)
		}
		exact = strings.Replace(exact, name, value, 1)
	}
	m := regexp.MustCompile(exact).FindStringSubmatch(got)
	if m == nil {
		return fmt.Errorf("%s came", got)
	}
	for i, name := range unbound {
		for other, value := range p.names {
			if value == strconv.Quote(m[1+i]) && other[1] == name[1] && name != `"S0"` {
				return fmt.Errorf("%s came: %s would be the same as %s", got, name, other)
			}
		}
		if name != `"S0"` {
			p.names[name] = strconv.Quote(m[1+i])
		}
	}
	return nil
}

// filled is a client's frame with what the names in it stand for.
func (p *play) filled(frame string) string {
	return placeholder.ReplaceAllStringFunc(frame, func(name string) string {
		if value, bound := p.names[name]; bound {
			return value
		}
		return name
	})
}

// end makes sure that nothing else came to anybody.
func (p *play) end(t *testing.T) {
	t.Helper()
	for name, who := range p.parties {
		if who.client == nil || who.over || p.stage.mute {
			continue
		}
		who.client.text(t, `{"op":"ping","id":"end"}`)
		if got := who.next(); got != `{"id":"end","result":{}}` {
			t.Errorf("at the end %s gets what the document does not show: %s", name, got)
		}
	}
}

// leave ends what is left of the clients.
func (p *play) leave() {
	for _, who := range p.parties {
		if who.client != nil {
			who.client.nc.Close()
		}
	}
}

// A step is something that happens besides what clients send.
var steps = []struct {
	form *regexp.Regexp
	do   func(t *testing.T, p *play, m []string) error
}{
	{regexp.MustCompile(`^(?:the program publishes|it publishes) (.+) to (\S+?)(?: with the key (\S+))?$`), func(t *testing.T, p *play, m []string) error {
		_, err := p.server.PublishWith(context.Background(), m[2], []byte(m[1]), live.PublishOptions{Key: m[3]})
		return err
	}},
	{regexp.MustCompile(`^the program publishes large messages to (\S+), more than may wait for her, then (.+)$`), func(t *testing.T, p *play, m []string) error {
		large := []byte(`"` + strings.Repeat("x", 16<<10) + `"`)
		for s := p.server.Stats(); s.Dropped == 0 && s.ClosedSlow == 0; s = p.server.Stats() {
			if err := p.server.Publish(m[1], large); err != nil || s.Published > 4000 {
				return fmt.Errorf("after %d large messages there is still room: %w", s.Published, err)
			}
		}
		return p.server.Publish(m[1], []byte(m[2]))
	}},
	{regexp.MustCompile(`^the program sends (.+) to ann, about (\S+)$`), func(t *testing.T, p *play, m []string) error {
		return within(t, "ann's session", p.joined).Send(live.Message{Topic: m[2], Data: []byte(m[1])})
	}},
	{regexp.MustCompile(`^(\w+) connects$`), func(t *testing.T, p *play, m []string) error {
		_, err := p.party(m[1])
		return err
	}},
	{regexp.MustCompile(`^(?:(\w+)'s|the) connection breaks`), func(t *testing.T, p *play, m []string) error {
		name := m[1]
		if name == "" {
			name = annsName
		}
		p.parties[name].client.nc.Close()
		delete(p.parties, name)
		within(t, "OnClose", p.left)
		return nil
	}},
	{regexp.MustCompile(`^ann sends ([0-9]+) pings more$`), func(t *testing.T, p *play, m []string) error {
		n, err := strconv.Atoi(m[1])
		ping := frame(true, opText, `{"op":"ping"}`)
		return errors.Join(err, p.parties[annsName].client.write(bytes.Repeat(ping, n)))
	}},
	{regexp.MustCompile(`^the server drains over 10 seconds$`), func(t *testing.T, p *play, m []string) error {
		go p.server.Drain(t.Context(), 10*time.Second) // ends with the test's context
		eventually(t, "it drains", func() bool { return p.server.Ready() != nil })
		return nil
	}},
	{regexp.MustCompile(`^the server shuts down$`), func(t *testing.T, p *play, m []string) error {
		go p.server.Shutdown(context.Background()) // owner: the test; ends with its clients, before the rig's own Shutdown
		return nil
	}},
	{regexp.MustCompile(`^(\w+) reads nothing for a while$`), func(t *testing.T, p *play, m []string) error { return nil }},
}

func (p *play) step(t *testing.T, text string) error {
	for _, s := range steps {
		if m := s.form.FindStringSubmatch(text); m != nil {
			return s.do(t, p, m)
		}
	}
	return errors.New("this is no step that the test knows")
}
