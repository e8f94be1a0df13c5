// Chaos runs a cluster of three nodes under load while it breaks what can break, and
// compares what publishers and subscribers saw (package record):
//
//	go run ./test/chaos -broker nats -duration 2m -seed 7
//
// The nodes are processes, on NATS inside of them or on a redis-server beside them.
// Hundreds of clients subscribe and publish through links (package link). A script, which
// follows from the seed, cuts and slows the links, kills nodes and has them leave, stops
// processes, restarts the broker. At the end all is mended, everything must have come
// within a bounded time, and every client's record is checked.
//
// With -rolling the nodes are restarted one after the other instead, and nobody may
// notice; with -away the broker is away for a while, and sessions stay.
//
// The seed decides what is broken and when, not how processes and packets interleave: a
// run repeated with its seed is alike, not the same.
package main
