package natsbroker

// Registrations is how many messages the leader of presence has for a topic; -1 if it
// does not say.
func (b *Broker) Registrations(topic string) int {
	l, err := b.presence.leads(b.ctx, b.presence.topic(topic)+"*")
	if err != nil {
		return -1
	}
	return len(l.State.Subjects)
}

// DropLease removes the node's lease, as if it had been buried.
func (b *Broker) DropLease() error {
	b.presence.mu.Lock()
	at := b.presence.lease.rev
	b.presence.mu.Unlock()
	return b.api(b.ctx, "STREAM.MSG.DELETE."+b.presence.stream(), map[string]any{"seq": at}, nil)
}

// Forget has the node not know of a registration of its own.
func (b *Broker) Forget(topic, user string) {
	b.presence.mu.Lock()
	defer b.presence.mu.Unlock()
	delete(b.presence.own, registration{topic, user})
}
