package natsbroker

// Unconfirmed is how many publications without history are not confirmed yet.
func (b *Broker) Unconfirmed() uint64 { return b.window.count.Load() - b.window.doneCount.Load() }
