// Package redisbroker keeps and spreads publications with Redis 7 or what is compatible:
// one server, one with replicas behind Sentinels, or a Redis Cluster.
//
//	server := live.New(live.Options{Broker: redisbroker.New(redisbroker.Options{URL: "redis://10.0.0.5:6379"})})
//
// New starts with or without a server: it connects in the background.
//
// # Keys
//
// All begin with Options.Prefix. Those of a topic have the topic in braces, so that a
// cluster keeps them in one slot.
//
//	live:{topic}:m        hash     epoch, newest number, its time
//	live:{topic}:s        stream   publications; an entry's ID is number-milliseconds
//	live:{topic}:d:ID     string   what was accepted with a Dedup, for two minutes
//	live:{topic}:o        zset     users present, by when they joined
//	live:{topic}:i        hash     their Info
//	live:{topic}:r        hash     their registrations, by node
//	live:$nodes           zset     nodes, by when their lease ends
//	live:$node:NODE       set      what a node has registered, for who buries it
//	live:$wildcards       zset     on a cluster: the wildcards that nodes follow
//	live:$heartbeat       string   written by each node each second
//	live:{topic}          channel  what is published
//	live:*:{topic}        channel  on a cluster: the same, where a wildcard matches
//
// Channels of a database other than 0 begin with live@3, since databases share channels.
//
// # How the contract is kept
//
// Publish is one round trip: a script numbers, stores, trims, recognizes repeats and
// spreads as one step. Without history and Dedup it is a bare PUBLISH. Numbers grow by
// one. Both keys of a history expire ten minutes after its last publication has become
// too old, unless a node follows the topic; without an Age they never do.
//
// Follow subscribes to the topic's channel, and to nothing else: what a node does not
// follow costs it nothing. Redis spreads at most once; so a node compares the numbers. A
// hole is read from the stream and delivered before what comes after it. After a
// reconnect all followed topics with history are compared, many in a round trip, and
// nothing of them is delivered before that; from time to time (Options.CheckEvery) they
// are compared anyway. What is gone from the stream is told by a notice.
//
// Wildcards are patterns of Redis, filtered exactly. On a cluster, where a channel
// belongs to one slot, publications go by SPUBLISH to the slot's server alone; only
// those that some node's wildcard matches go by PUBLISH as well, to all. To follow a
// wildcard takes half a second there, until all publishers know it. Topics without
// history and what wildcards deliver have no numbers to be compared: they are delivered
// at most once, and what is published while a connection is down is not delivered.
//
// Presence is kept by leases, by the server's clock. The dead are buried by whoever tends
// first. A node whose lease has ended can register nothing, however late its calls come:
// it takes another name, and registers all anew. What is registered is listed with it, in
// one step; on a cluster before it, where the end of the lease goes along with each
// call, since the scripts see one slot only, and the dead are buried an eighth of a lease
// later, which is how much the servers' clocks may differ. Each Tend searches some topics
// for what belongs to no node and for what is lost: those whose members were asked for,
// and by turns those that the node has members on. What belongs to no node is ended when
// that has been so for a lease.
//
// # When the server loses data
//
// A new epoch begins, by a script and so once for all nodes, where a topic's numbers are
// gone; where they are behind what a node knows (it restarted with older data, or a
// replica took over that had not all); or where the last that a node has delivered is
// stored with another time (others have published since on the older data). What is
// stored of the old epoch is dropped, since it is not known which part is missing. So
// loss is announced, not repaired:
//
//   - What a server acknowledged and had not yet on disk, or on the replica that took
//     over, is lost. Use appendfsync always, or everysec and be told of a second's loss;
//     with replicas, min-replicas-to-write 1 and min-replicas-max-lag bound how much.
//     The broker does not use WAIT.
//   - If nobody follows a topic, and who published to it has ended too or has published
//     to many others since, nobody knows of the loss.
//   - A server that evicts (maxmemory-policy other than noeviction) loses histories and
//     presence at will. Use noeviction: then a full server refuses, with ErrUnavailable.
//   - On a cluster, a registration that a failover has brought back, which its node had
//     ended before, stays until its topic is searched: soon where its members are asked
//     for, else when all topics of some node have had their turn, 64 in each Tend.
//
// # Trouble
//
// While the server does not answer, calls wait until one second after it broke, and then
// fail at once with ErrUnavailable; so do those that it refuses because it loads its
// data, is a replica, is out of memory or cannot write. A call without an answer fails
// after two to three seconds. Loss and return are logged once each. On a cluster, where one
// server may fail alone, only calls to that one fail.
//
// A Publish that fails with ErrUnavailable may have been accepted. With a Dedup the
// broker itself sends it again while calls wait, and so may the caller.
//
//	broker.go    Broker: opening, closing
//	publish.go   publish.lua; history.go page.lua; common.lua is part of both
//	follow.go    following; table.go what is followed, wild.go wildcards
//	hub.go       which connection a topic belongs to; slots.go those of a cluster
//	link.go      a connection on which the server spreads; settle.go what it is asked
//	receive.go   what comes; cursor.go how far a topic is; twice.go what comes two ways
//	resync.go    reading what is missing; apply.go delivering it
//	interest.go  wildcards on a cluster, for publishers
//	presence.go  join.lua, list.lua, leave.lua; members.go members.lua
//	registry.go  what is ours, under which name; turns.go one change at a time
//	tend.go      tend.lua; restore.go registers all anew
//	bury.go      forget.lua; ends what is of the dead; sweep.go what is of nobody
//	call.go      calls, and what becomes of them; script.go scripts; errors.go errors
//	health.go    whether the server answers; watch.go finds out
//	names.go     keys, channels, patterns; packed.go what a publication is on the server
//	recent.go    positions of what was published
//	options.go   options; url.go URLs; stats.go counters
package redisbroker
