package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// stage is a server that conversations of docs/protocol.md are held with.
type stage struct {
	set     func(o *live.Options) // what is different from the common one; may be nil
	plain   bool                  // the clients do not offer live.v1
	shown   bool                  // the document shows the welcome also
	tight   bool                  // the kernel buffers little
	numbers bool                  // seq, from, to and count vary
	mute    bool                  // a ping at the end would not be answered
}

var stages = map[string]stage{
	"rules":             {},
	"greeting":          {shown: true},
	"no subprotocol":    {plain: true},
	"limits":            {set: func(o *live.Options) { o.Limits = live.Limits{Subscriptions: 1, TopicLength: 32, PublicationSize: 64} }},
	"rate":              {mute: true, set: func(o *live.Options) { o.Limits.BytesPerSecond = 10 }},
	"expired":           {set: func(o *live.Options) { o.OnConnect = expireAtOnce }},
	"on connect":        {set: func(o *live.Options) { o.OnConnect = refuseSession }},
	"not authorized":    {set: func(o *live.Options) { o.OnAuth = refuse(errors.New("no token")) }},
	"not allowed":       {set: func(o *live.Options) { o.OnAuth = refuse(live.Errorf(live.CodeForbidden, "You are banned.")) }},
	"full":              {set: func(o *live.Options) { o.Limits.Sessions = 1 }},
	"plain and refused": {plain: true, set: func(o *live.Options) { o.OnAuth = refuse(errors.New("no token")) }},
	"plain and full":    {plain: true, set: func(o *live.Options) { o.Limits.Sessions = 1 }},
	"a broker away":     {set: func(o *live.Options) { o.Broker = with(func(b *oddBroker) { b.away = true }) }},
	"a short history":   {set: func(o *live.Options) { o.Broker = with(func(b *oddBroker) { b.busy = true }) }},
	"a new epoch":       {set: func(o *live.Options) { o.Broker = with(func(b *oddBroker) { b.anew = true }) }},
	"a slow reader":     {tight: true, numbers: true, set: func(o *live.Options) { o.QueueSize = 16 }},
	"a slower reader":   {tight: true, set: func(o *live.Options) { o.QueueSize, o.Timeouts.Close = 16, patience }},
	"drain":             {},
	"no messages":       {set: func(o *live.Options) { o.OnMessage = nil }},
}

// visitor is the Value of the sessions: what Identify and the rules go by.
type visitor struct{ name, status string }

func (s stage) options() live.Options {
	o := live.Options{
		OnAuth: func(_ context.Context, r *http.Request) (any, error) {
			return visitor{name: r.URL.Query().Get("user")}, nil
		},
		OnMessage: func(ctx context.Context, s *live.Session, topic string, data []byte) {
			s.Send(live.Message{Topic: topic, Data: data})
		},
		OnCall:    answerCall,
		OnRefresh: refresh,
		Identify: func(value any) (string, any) {
			v := value.(visitor)
			if v.status == "" {
				return v.name, nil
			}
			return v.name, map[string]string{"status": v.status}
		},
		Timeouts: live.Timeouts{Presence: -1, TopicIdle: -1},
	}
	if s.set != nil {
		s.set(&o)
	}
	return o
}

// rules are the same on all stages.
func (s stage) rules(server *live.Server) {
	open := live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}
	with := func(change func(r *live.Rule)) live.Rule {
		r := open
		change(&r)
		return r
	}
	server.Topic("chat:{room}", with(func(r *live.Rule) { r.History.Size, r.Presence = 100, true }))
	server.Topic("short:{room}", with(func(r *live.Rule) { r.History.Size = 3 }))
	server.Topic("stadium:{name}", with(func(r *live.Rule) { r.Presence, r.PresenceLimit = true, 2 }))
	server.Topic("price:{name}", with(func(r *live.Rule) { r.Overflow = live.KeepLatest }))
	server.Topic("ticker:{name}", with(func(r *live.Rule) { r.Overflow, r.History.Size = live.DropOldest, 10 }))
	server.Topic("feed:{name}", with(func(r *live.Rule) { r.Overflow = live.DropOldest }))
	server.Topic("log:{name}", open)
	server.Topic("orders:{id}", live.Rule{CanSubscribe: live.Anyone})
	server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
	server.Topic("board:{id}", with(func(r *live.Rule) {
		r.History.Size = 100
		r.Snapshot = func(context.Context, *live.Session, live.Match) (any, error) {
			return map[string]int{"squares": 3}, nil
		}
	}))
	server.Topic("secret:{name}", live.Rule{CanSubscribe: live.Nobody})
	server.Topic("private:{user}", live.Rule{CanSubscribe: ownTopic})
	server.Topic("said:{room}", with(func(r *live.Rule) { r.Accept = signed }))
}

// ownTopic is a Check: user topics are for their user.
func ownTopic(_ context.Context, s *live.Session, t live.Match) error {
	if user := t.Param("user"); s.Value().(visitor).name != user {
		return live.Errorf(live.CodeForbidden, "This is for %s alone.", user)
	}
	return nil
}

// signed is an Accept: it wants a text, and adds who it is from.
func signed(_ context.Context, s *live.Session, _ live.Match, data []byte) ([]byte, error) {
	var said struct {
		From string `json:"from"`
		Text string `json:"text"`
	}
	if json.Unmarshal(data, &said) != nil || said.Text == "" {
		return nil, live.Errorf(live.CodeBadRequest, "Say something: the text is empty.")
	}
	said.From = s.Value().(visitor).name
	return json.Marshal(said)
}

func answerCall(_ context.Context, _ *live.Session, name string, data []byte) (any, error) {
	switch name {
	case "add":
		var terms []int
		if err := json.Unmarshal(data, &terms); err != nil {
			return nil, live.Errorf(live.CodeBadRequest, "Add takes an array of whole numbers.")
		}
		sum := 0
		for _, n := range terms {
			sum += n
		}
		return sum, nil
	case "buy":
		return nil, errors.New("the till is on fire")
	}
	return nil, live.Errorf(live.CodeNotFound, "There is no call %s.", name)
}

// refresh takes a name, or a name and a status, for a token of the year 2100.
func refresh(_ context.Context, s *live.Session, token string) error {
	name, status, _ := strings.Cut(token, ":")
	if name == "nobody" {
		return errors.New("the token is not signed")
	}
	s.SetValue(visitor{name, status})
	s.SetExpiry(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	return nil
}

func refuse(err error) func(context.Context, *http.Request) (any, error) {
	return func(context.Context, *http.Request) (any, error) { return nil, err }
}

func refuseSession(context.Context, *live.Session) error { return errors.New("no seat") }

func expireAtOnce(_ context.Context, s *live.Session) error {
	s.SetExpiry(time.Unix(0, 0))
	return nil
}

// oddBroker is the one in memory on a bad day.
type oddBroker struct {
	broker.Broker
	away  bool         // it does not answer
	busy  bool         // five more are published while somebody recovers
	anew  bool         // its history begins anew while somebody recovers
	pages atomic.Int32 // that were read
}

func with(set func(b *oddBroker)) broker.Open {
	return func(d broker.Deliver) (broker.Broker, error) {
		b, err := memory.New(memory.Options{})(d)
		odd := &oddBroker{Broker: b}
		set(odd)
		return odd, err
	}
}

func (b *oddBroker) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	if b.away && strings.HasPrefix(m.Topic, "chat:") {
		return broker.Position{}, broker.ErrUnavailable
	}
	return b.Broker.Publish(ctx, m)
}

func (b *oddBroker) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	if recovers := q.Limit > 0 && !q.Newest; recovers && b.pages.Add(1) == 1 && b.busy {
		for _, data := range []string{`"d"`, `"e"`, `"f"`, `"g"`, `"h"`} {
			if _, err := b.Broker.Publish(ctx, &broker.Message{Topic: topic, Data: []byte(data), History: h}); err != nil {
				return broker.Page{}, err
			}
		}
	}
	page, err := b.Broker.History(ctx, topic, h, q)
	if b.anew && b.pages.Load() > 0 {
		page.Epoch = "anew"
	}
	return page, err
}
