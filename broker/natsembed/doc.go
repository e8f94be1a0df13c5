// Package natsembed runs a NATS server with JetStream inside the process, alone or
// as one node of a cluster, so that nothing else need be installed:
//
//	node, err := natsembed.Start(natsembed.Options{
//		Dir:    "data",
//		Listen: ":6222",
//		Peers:  []string{"host1:6222", "host2:6222", "host3:6222"},
//		Secret: os.Getenv("CLUSTER_SECRET"),
//	})
//	…
//	server := live.New(live.Options{Broker: node.Broker(natsbroker.Options{})})
//
// The broker is package natsbroker's, over a connection inside the process. No client
// of NATS can connect from outside: a single node has no port; in a cluster the
// server insists on one, which is on 127.0.0.1 and refuses everybody. Nodes talk to each
// other on Options.Listen.
//
// # One, two, three nodes
//
// Histories and presence are kept on as many nodes as there are, three at most, and
// a majority of those that keep something has to be up to change it.
//
//	nodes  kept on  may be down        meanwhile
//	1      1        none
//	2      2        none for histories sessions stay, plain topics reach the local node,
//	                                   histories and presence are unavailable
//	3      3        one                everything goes on; a new leader takes about a second
//	5      3        one, mostly two    histories of which two of three nodes are down are unavailable
//
// Two nodes hold all data twice, so that the loss of either disk loses nothing; they
// do not make anything more available than one. Take three for that.
//
// A node that starts before the others are there serves its sessions at once.
// Histories and presence are unavailable until a majority is up, and then work by
// themselves. A node that comes back finds what it missed. A cluster is made with its
// number of nodes known: add nodes one at a time, each with all in its Peers. To make
// a single node with data a cluster, publish anew: the histories of a node without
// Listen do not move into a cluster.
//
// # What is safe
//
// What Publish acknowledged has been given to the operating system of a majority of
// the nodes that keep it: killing processes, one or all, loses nothing. A power cut of
// one machine of three loses nothing that the others have, if it comes back to them. A
// power cut of all at once may lose what was written during the last SyncInterval,
// two minutes by default; with Options.SyncAlways nothing, for a tenth or less of the
// throughput.
//
// The server's authors know of reports of loss where nodes are killed, cut off and
// have their data damaged or their membership changed all together (nats-server
// issues 6888, 7545, 7564, 7567). Against those a cluster gives no promise; clients are told
// of a history that was lost by its epoch.
//
//	options.go  Options
//	server.go   Start, Ready, Shutdown
//	config.go   the server's own options
//	name.go     the node's name, kept in Dir
//	peers.go    who is in the cluster
//	log.go      the server's log, by slog
package natsembed
