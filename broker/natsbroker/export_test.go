package natsbroker

// Arrived returns when all servers that nodes are connected to have what this node has
// sent. Publish does not promise that.
func (b *Broker) Arrived() { b.barrier.wait(b.ctx) }
