package redisbroker

import (
	"github.com/redis/rueidis"
)

// How topics are asked for: so many in a command, and so many commands in a round trip.
const (
	channelsEach  = 512
	commandsEach  = 16
	shardCommands = 1024 // in a cluster a command has only the topics of one slot
)

// settle asks the server to spread what is wanted of these topics and is not spread, and
// the other way round.
func (l *link) settle(conn rueidis.DedicatedClient, topics []string) error {
	var on, off []string
	for _, topic := range topics {
		wanted, confirmed := l.b.table.wanted(topic)
		wanted = wanted && l.b.hub.owns(l, topic)
		switch has := l.note(topic, wanted); {
		case wanted && !(has && confirmed):
			on = append(on, topic)
		case !wanted && has:
			off = append(off, topic)
		}
	}
	for _, batch := range l.batches(on) {
		if err := l.ask(conn, batch, true); err != nil {
			return err
		}
	}
	for _, batch := range l.batches(off) {
		if err := l.ask(conn, batch, false); err != nil {
			return err
		}
	}
	return nil
}

// note writes down whether the server is to spread a topic, and returns whether it was.
func (l *link) note(topic string, wanted bool) (had bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, had = l.subscribed[topic]
	if wanted {
		l.subscribed[topic] = struct{}{}
	} else {
		delete(l.subscribed, topic)
	}
	return had
}

// batches divides topics into the commands of each round trip.
func (l *link) batches(topics []string) (trips [][][]string) {
	var groups [][]string
	most := commandsEach
	if l.addr == "" {
		for ; len(topics) > channelsEach; topics = topics[channelsEach:] {
			groups = append(groups, topics[:channelsEach])
		}
		if len(topics) > 0 {
			groups = append(groups, topics)
		}
	} else {
		most = shardCommands
		bySlot := make(map[uint16][]string)
		for _, topic := range topics {
			slot := slotOf(l.b.names.publish(topic))
			bySlot[slot] = append(bySlot[slot], topic)
		}
		for _, group := range bySlot {
			groups = append(groups, group)
		}
	}
	for ; len(groups) > most; groups = groups[most:] {
		trips = append(trips, groups[:most])
	}
	if len(groups) > 0 {
		trips = append(trips, groups)
	}
	return trips
}

// ask makes one round trip.
func (l *link) ask(conn rueidis.DedicatedClient, groups [][]string, on bool) error {
	commands := make([]rueidis.Completed, 0, len(groups))
	for _, group := range groups {
		channels := make([]string, len(group))
		for i, topic := range group {
			channels[i] = l.b.names.publish(topic)
		}
		commands = append(commands, l.command(conn.B(), channels, on))
	}
	return l.do(conn, commands...) // the server confirms each topic: see confirmed
}

func (l *link) command(b rueidis.Builder, channels []string, on bool) rueidis.Completed {
	switch {
	case l.addr == "" && on:
		return b.Subscribe().Channel(channels...).Build()
	case l.addr == "":
		return b.Unsubscribe().Channel(channels...).Build()
	case on:
		return b.Ssubscribe().Channel(channels...).Build()
	}
	return b.Sunsubscribe().Channel(channels...).Build()
}

// settleGlobs does as settle, for globs.
func (l *link) settleGlobs(conn rueidis.DedicatedClient, globs []string) error {
	for _, glob := range globs {
		wanted, unconfirmed := l.b.wild.wanted(glob)
		l.mu.Lock()
		_, has := l.patterns[glob]
		if wanted {
			l.patterns[glob] = struct{}{}
		} else {
			delete(l.patterns, glob)
		}
		l.mu.Unlock()
		switch {
		case wanted && (unconfirmed || !has):
			if err := l.do(conn, conn.B().Psubscribe().Pattern(glob).Build()); err != nil {
				return err
			}
		case !wanted && has:
			if err := l.do(conn, conn.B().Punsubscribe().Pattern(glob).Build()); err != nil {
				return err
			}
		}
	}
	return nil
}

// confirm is told by the connection that the server spreads a topic from here on, or does
// not any more.
func (b *Broker) confirm(topic string, on bool) {
	s := b.table.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.topics[topic]
	if f == nil {
		return
	}
	f.confirmed = on
	if f.state == live {
		// It may have missed some, or stand in what another server never had.
		f.state, f.before = behind, 0
	}
	switch {
	case !on:
	case f.history.On():
		b.resync.add(f)
	default:
		f.begin()
	}
}

// wanted tells whether the topic is followed, and whether the server has confirmed that it
// spreads it.
func (t *table) wanted(topic string) (wanted, confirmed bool) {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.topics[topic]
	return f != nil, f != nil && f.confirmed
}
