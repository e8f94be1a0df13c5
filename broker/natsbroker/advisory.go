package natsbroker

import (
	"strings"

	"github.com/nats-io/nats.go"
)

// elected is where JetStream tells of new leaders of streams: one that dies may take
// the last publications that it had not passed on yet with it.
const elected = "$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED."

// takeAdvisory has a stream with a new leader be compared.
func (b *Broker) takeAdvisory(m *nats.Msg) {
	token, ok := strings.CutPrefix(m.Subject, elected+b.opts.Prefix+"_h_")
	if !ok {
		return
	}
	if s, ok := b.streams.Load(token); ok {
		b.maintain.compare(s.(*stream))
	}
}
