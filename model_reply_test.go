package live_test

import (
	"encoding/json"
	"strings"

	"github.com/livetopics/live"
)

// modelError is a refusal.
type modelError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// modelSubscribed is the answer for one topic.
type modelSubscribed struct {
	Epoch     string      `json:"epoch"`
	Seq       uint64      `json:"seq"`
	Head      uint64      `json:"head"`
	Recovered *bool       `json:"recovered"`
	Lost      *modelSpan  `json:"lost"`
	Snapshot  []uint32    `json:"snapshot"`
	Error     *modelError `json:"error"`
}

// reply checks an answer, which is that to the oldest request.
func (c *modelClient) reply(message string) error {
	var reply struct {
		ID     int             `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  *modelError     `json:"error"`
	}
	if err := json.Unmarshal([]byte(message), &reply); err != nil || len(c.pending) == 0 || reply.ID != c.pending[0].id {
		return faultf("%.300s: is no answer to %+v", message, c.pending)
	}
	r := c.pending[0]
	c.pending = c.pending[1:]
	var err error
	switch {
	case r.op == "subscribe" && r.asked == nil:
		err = c.subscribedToWildcard(reply.Error)
	case r.op == "subscribe":
		err = c.subscribed(&r, reply.Result, reply.Error)
	case reply.Error != nil:
		err = faultf("%+v", *reply.Error)
	case r.op == "unsubscribe":
		for _, a := range r.asked {
			a.stream.in = false
		}
	case r.op == "publish":
		var at live.Position
		if err = json.Unmarshal(reply.Result, &at); err == nil {
			err = r.topic.log.acknowledge(at.Epoch, at.Seq, r.entry)
		}
	case r.op == "history":
		err = c.page(&r, reply.Result)
	}
	if err != nil {
		return faultf("%s %+v: answered %.300s: %w", r.op, r.asked, message, err)
	}
	return nil
}

// subscribedToWildcard checks the answer, and begins the streams that it brings.
func (c *modelClient) subscribedToWildcard(e *modelError) error {
	if e != nil {
		return faultf("%+v", *e)
	}
	for _, s := range c.streams {
		if strings.HasPrefix(s.topic.name, "wild:") {
			s.began(0, 0)
			if !s.topic.numbered() {
				s.base(s.begun())
			}
		}
	}
	return nil
}

// subscribed checks the answers for one topic or more.
func (c *modelClient) subscribed(r *modelRequest, result json.RawMessage, refusal *modelError) error {
	if !r.batch {
		answer := modelSubscribed{Error: refusal}
		if refusal == nil {
			if err := json.Unmarshal(result, &answer); err != nil {
				return err
			}
		}
		return c.subscribedTo(&r.asked[0], &answer)
	}
	var answers struct {
		Topics map[string]*modelSubscribed `json:"topics"`
	}
	if err := json.Unmarshal(result, &answers); err != nil {
		return err
	}
	for i := range r.asked {
		a := &r.asked[i]
		answer := answers.Topics[a.stream.topic.name]
		if answer == nil {
			return faultf("no answer for %s", a.stream.topic.name)
		}
		if err := c.subscribedTo(a, answer); err != nil {
			return faultf("%s: %w", a.stream.topic.name, err)
		}
	}
	return nil
}

// subscribedTo checks the answer for a topic, and begins its stream.
func (c *modelClient) subscribedTo(a *modelAsk, answer *modelSubscribed) error {
	s := a.stream
	if answer.Error != nil {
		return c.refusedTo(a, answer.Error)
	}
	if a.again && a.since {
		return faultf("since was taken for what is subscribed already")
	}
	if s.topic.numbered() {
		if err := c.located(a, answer); err != nil {
			return err
		}
	} else if answer.Epoch != "" || answer.Recovered != nil || answer.Lost != nil {
		return faultf("a position without history")
	}
	if !a.again || answer.Snapshot != nil {
		if a.again || c.wildcard(s.topic) { // it began before; what the answer passes over, it tells of
			s.seq = max(s.seq, answer.Seq)
		} else {
			s.began(answer.Seq, answer.Head)
		}
		switch {
		case answer.Snapshot != nil:
			s.base(answer.Snapshot)
		case !s.topic.numbered():
			s.base(s.begun())
		default:
			s.checked = false
		}
	} else if s.topic.numbered() {
		s.hole(answer.Seq)
		s.seq = answer.Seq
	}
	s.epoch = answer.Epoch
	return nil
}

// refusedTo is told that a subscription was refused.
func (c *modelClient) refusedTo(a *modelAsk, e *modelError) error {
	switch {
	case a.again && e.Code == string(live.CodeConflict):
		return nil
	case a.stream.topic.rule.Snapshot != nil && !a.stream.topic.numbered() && e.Code == string(live.CodeUnavailable):
		if !a.again {
			a.stream.wanted = false
		}
		return nil
	}
	return faultf("%+v", *e)
}

// located checks what the answer says about positions.
func (c *modelClient) located(a *modelAsk, answer *modelSubscribed) error {
	s, size := a.stream, uint64(a.stream.topic.rule.History.Size)
	floor := answer.Head - min(answer.Head, size)
	begin := answer.Head
	if a.last > 0 {
		begin = max(floor, answer.Head-min(answer.Head, uint64(a.last)))
	}
	switch {
	case answer.Head < a.least || answer.Epoch == "":
		return faultf("the newest was at least %d before", a.least)
	case a.since && answer.Recovered == nil, !a.since && (answer.Recovered != nil || answer.Lost != nil):
		return faultf("recovered does not belong to since")
	case a.since && *answer.Recovered != (a.seq >= floor):
		return faultf("recovered after %d, and %d is gone", a.seq, floor)
	case a.since && *answer.Recovered:
		c.m.recovered.Add(1)
		begin = a.seq
	case s.topic.rule.Snapshot != nil:
		begin = answer.Head
	case a.since:
		c.m.lost.Add(1)
		begin = floor
		if answer.Lost == nil || *answer.Lost != (modelSpan{a.seq + 1, floor}) {
			return faultf("up to %d is gone", floor)
		}
	}
	if wants := s.topic.rule.Snapshot != nil && (answer.Recovered == nil || !*answer.Recovered); wants != (answer.Snapshot != nil) {
		return faultf("a snapshot: %v, want %v", answer.Snapshot, wants)
	}
	plain := !a.since && a.last == 0 && answer.Snapshot == nil // then what came since it asked may follow as well
	if answer.Seq != begin && !a.again && (!plain || answer.Seq > begin) {
		return faultf("it goes on after %d, want %d", answer.Seq, begin)
	}
	if a.again && answer.Seq < s.seq {
		return faultf("it goes on after %d, and came to %d before", answer.Seq, s.seq)
	}
	return nil
}

// page checks an answer to history.
func (c *modelClient) page(r *modelRequest, result json.RawMessage) error {
	var page struct {
		Epoch        string `json:"epoch"`
		Seq          uint64 `json:"seq"`
		Publications []struct {
			Seq  uint64          `json:"seq"`
			Key  string          `json:"key"`
			Data json.RawMessage `json:"data"`
		} `json:"publications"`
	}
	if err := json.Unmarshal(result, &page); err != nil {
		return err
	}
	if n := len(page.Publications); page.Seq < r.least || n > r.limit || !r.since && n > 0 && page.Publications[n-1].Seq != page.Seq {
		return faultf("%d of %d, and the newest was at least %d", n, r.limit, r.least)
	}
	for i, p := range page.Publications {
		e, rest, err := parseData(string(p.Data))
		if err != nil || rest != "" || string(e.data(nil)) != string(p.Data) || p.Key != r.topic.key(e) || i > 0 && p.Seq != page.Publications[i-1].Seq+1 {
			return faultf("number %d is not what was published", p.Seq)
		}
		if err := r.topic.log.see(page.Epoch, p.Seq, e); err != nil {
			return err
		}
	}
	return nil
}

// event checks an event of a topic.
func (c *modelClient) event(s *modelStream, message string) error {
	var event struct {
		Event string `json:"event"`
		Data  struct {
			modelSpan
			Count uint64 `json:"count"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(message), &event); err != nil || event.Event != "gap" {
		return faultf("%.300s: no event of the model: %w", message, err)
	}
	if err := s.gap(event.Data.modelSpan, event.Data.Count); err != nil {
		return faultf("%s: %w", s.topic.name, err)
	}
	return nil
}
