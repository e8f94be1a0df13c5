package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/redisbroker"
)

// patience is how long the broker may take to be reached.
const patience = 15 * time.Second

// link is this node's way to the broker.
type link struct {
	opener broker.Open
	broker broker.Broker // set by open
}

// newLink returns a link to the broker at the URL.
func newLink(at string) (*link, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "nats":
		return &link{opener: natsbroker.New(natsbroker.Options{URL: at})}, nil
	case "redis":
		return &link{opener: redisbroker.New(redisbroker.Options{URL: at})}, nil
	}
	return nil, fmt.Errorf("-broker %q: neither nats:// nor redis://", at)
}

func (l *link) open(d broker.Deliver) (broker.Broker, error) {
	b, err := l.opener(d)
	l.broker = b
	return b, err
}

// wait waits until the broker can be reached.
func (l *link) wait() error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		err := l.broker.Err()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-late:
			return err
		}
	}
}

// counters returns what the broker counted, as JSON.
func (l *link) counters() (string, error) {
	var stats any
	switch b := l.broker.(type) {
	case *natsbroker.Broker:
		stats = b.Stats()
	case *redisbroker.Broker:
		stats = b.Stats()
	default:
		return "", errors.New("this broker counts nothing")
	}
	text, err := json.Marshal(stats)
	return string(text), err
}
