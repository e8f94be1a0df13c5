package natsbroker

// Destroy deletes all streams, so that tests leave no load to others.
func (b *Broker) Destroy() {
	for _, s := range b.allStreams() {
		_ = b.api(b.ctx, "STREAM.DELETE."+s.name, nil, nil)
	}
	for _, name := range []string{b.once.name(), b.presence.stream()} {
		_ = b.api(b.ctx, "STREAM.DELETE."+name, nil, nil)
	}
}

// Drop loses what comes of topics with history, as long as drop says so.
func (b *Broker) Drop(drop func(subject string) bool) { b.dropping.Store(&drop) }

// Subject and Topic map names.
func Subject(topic string) string { return string(appendSubject(nil, topic)) }

// Topic undoes Subject.
func Topic(tokens string) (string, bool) { return topicOf(tokens) }

// Pattern maps wildcards.
func Pattern(pattern string) string { return string(appendPattern(nil, pattern)) }

// Stream is the stream of a history's name.
func Stream(prefix, name string) string { return prefix + "_h_" + tokenOf(name) }
