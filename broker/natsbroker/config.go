package natsbroker

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/livetopics/live/broker"
)

// dedupWindow is how long a repeated Dedup is recognized.
const dedupWindow = 2 * time.Minute

// streamConfig is what JetStream is told of a stream.
type streamConfig struct {
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	Subjects    []string          `json:"subjects"`
	Retention   string            `json:"retention"`
	MaxMsgsPer  int64             `json:"max_msgs_per_subject"`
	MaxMsgs     int64             `json:"max_msgs"`
	MaxBytes    int64             `json:"max_bytes"`
	MaxAge      time.Duration     `json:"max_age"`
	Storage     string            `json:"storage"`
	Replicas    int               `json:"num_replicas"`
	Discard     string            `json:"discard"`
	Window      time.Duration     `json:"duplicate_window,omitempty"`
	Direct      bool              `json:"allow_direct"`
	TTL         bool              `json:"allow_msg_ttl"`
	Republish   *republish        `json:"republish,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

type republish struct {
	From string `json:"src"`
	To   string `json:"dest"`
}

type streamInfo struct {
	Config streamConfig `json:"config"`
	State  streamState  `json:"state"`
}

// plan is the stream as it has to be made.
func (s *stream) plan() streamConfig {
	asked := s.asked.Load()
	c := s.b.plan(s.name, s.kept+">")
	c.MaxMsgsPer, c.Window = int64(asked.Size)+1, dedupWindow
	if asked.Age > 0 {
		c.MaxAge = asked.Age + spare
	}
	c.Republish = &republish{From: s.kept + ">", To: s.spread + ">"}
	return c
}

// plan is a stream without limits.
func (b *Broker) plan(name, subject string) streamConfig {
	return streamConfig{
		Name: name, Subjects: []string{subject}, Retention: "limits", Discard: "old",
		MaxMsgsPer: -1, MaxMsgs: -1, MaxBytes: -1,
		Storage: b.opts.storage(), Replicas: b.opts.Replicas, Direct: true, TTL: true,
		Description: "made by github.com/livetopics/live/broker/natsbroker",
	}
}

// fit makes the stream, or makes it larger. It is never made smaller: other nodes may
// need it as it is.
func (s *stream) fit(ctx context.Context) error {
	want := s.plan()
	has, err := s.b.makeStream(ctx, want)
	if err != nil {
		return err
	}
	c := &has.Config
	if c.MaxMsgsPer < want.MaxMsgsPer || longer(want.MaxAge, c.MaxAge) {
		if err := s.grow(ctx, want); err != nil {
			return err
		}
		c.MaxAge = max(c.MaxAge, want.MaxAge)
		if want.MaxAge == 0 {
			c.MaxAge = 0
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hasAge, s.alone = c.MaxAge, c.Replicas <= 1
	s.hasPer = uint64(max(c.MaxMsgsPer, want.MaxMsgsPer))
	s.limited = c.MaxBytes > 0 || c.MaxMsgs > 0
	asked := s.asked.Load() // more may have been asked for meanwhile
	s.fits.Store(int64(asked.Size) < want.MaxMsgsPer && !longer(asked.Age, want.MaxAge))
	return nil
}

// makeStream returns a stream as it is, after making it if there is none.
func (b *Broker) makeStream(ctx context.Context, want streamConfig) (streamInfo, error) {
	var has streamInfo
	err := b.api(ctx, "STREAM.INFO."+want.Name, nil, &has)
	end := time.Now().Add(patience)
	for is(err, codeNoStream, codeNoPeers) && time.Now().Before(end) {
		if is(err, codeNoPeers) { // not all servers of the cluster are there yet
			if err := pause(ctx, patience/20); err != nil {
				return has, err
			}
		}
		err = b.api(ctx, "STREAM.CREATE."+want.Name, want, &has)
	}
	if is(err, codeNameInUse) { // another node made it
		err = b.api(ctx, "STREAM.INFO."+want.Name, nil, &has)
	}
	if is(err, codeOldServer) {
		err = fmt.Errorf("%w: histories need nats-server 2.11 or newer: %w", broker.ErrUnsupported, err)
	}
	return has, err
}

// grow changes what JetStream has, and leaves alone what others have set.
func (s *stream) grow(ctx context.Context, want streamConfig) error {
	var has struct {
		Config map[string]json.RawMessage `json:"config"`
	}
	if err := s.b.api(ctx, "STREAM.INFO."+s.name, nil, &has); err != nil {
		return err
	}
	var c streamConfig
	raw, err := json.Marshal(has.Config)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return fmt.Errorf("natsbroker: reading the configuration of %s: %w", s.name, err)
	}
	age := c.MaxAge
	if longer(want.MaxAge, age) {
		age = want.MaxAge
	}
	has.Config["max_msgs_per_subject"] = json.RawMessage(fmt.Sprint(max(c.MaxMsgsPer, want.MaxMsgsPer)))
	has.Config["max_age"] = json.RawMessage(fmt.Sprint(int64(age)))
	return s.b.api(ctx, "STREAM.UPDATE."+s.name, has.Config, nil)
}
