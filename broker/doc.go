// Package broker defines what keeps and spreads publications: one process's
// memory, or a server shared by several nodes.
//
// Package live publishes through a [Broker] and is told of every publication
// through a [Deliver]. The default is in the memory subpackage. Brokers of
// other makers are checked with the suite in brokertest.
package broker
