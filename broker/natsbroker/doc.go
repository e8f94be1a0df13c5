// Package natsbroker spreads and keeps publications by NATS, between any number of
// nodes:
//
//	server := live.New(live.Options{Broker: natsbroker.New(natsbroker.Options{
//		URL: "nats://one:4222,nats://two:4222,nats://three:4222", Replicas: 3,
//	})})
//
// Topics without history need a NATS alone, those with history JetStream: nats-server
// 2.11 or newer, run with -js. Package natsembed runs one inside the process.
//
// # What maps to what
//
// PREFIX is Options.Prefix. A topic's segments are the tokens of its subject: a:b is a.b.
// What a token cannot have is written as %2E; wildcards are NATS's own.
//
//	live                      NATS
//	topic without history     subject PREFIX.p.TOPIC
//	 with a Dedup             stream PREFIX_d: stored for two minutes, and passed on by
//	                          the stream itself, so that both happens or nothing
//	topic with history        subject PREFIX.h.NAME.TOPIC in the stream PREFIX_h_NAME, one
//	                          for each History.Name; passed on by the stream itself to
//	                          PREFIX.r.NAME.TOPIC with its number and the topic's one before
//	position                  the stream's epoch and sequence: a topic's numbers grow by
//	                          more than one
//	Dedup                     Nats-Msg-Id, made of it and the topic
//	Follow                    one core subscription for each topic, all read by one goroutine
//	presence                  stream PREFIX_presence, one message for each user of each topic,
//	                          replaced by compare-and-set
//	node's lease              the same stream, PREFIX.n.NODE
//
// A stream is made when its history is first prepared or used, for the largest Size and
// Age that any node asks for, and is never made smaller: nats stream edit does that. It
// stores one publication more than Size for each topic, and all for ten minutes longer
// than Age. What a rule does not show any more says in this way exactly up to where things
// are gone.
//
// # Nothing is left out
//
// Each publication of a topic with history says the number of the one before it. A node
// that lacks that one reads what is missing from the stream, and delivers it first. When
// nothing newer comes to show a hole, these do: a reconnect, a full Options.Buffer, a
// new leader of the stream, a publication that this node had acknowledged and that does
// not come within a second, and a comparison every half minute. What has gone from the
// stream meanwhile is told as lost. That is so for topics that are followed by their
// names; wildcards get what comes.
//
// The epoch is a message in the stream itself. Who finds none writes one, and the first has
// it: so all agree, and whatever loses the stream loses the epoch. A stream whose
// numbers run backwards gets a new one too.
//
// # Failures
//
//	no connection             calls wait for a second since it broke, and then fail at once
//	                          with ErrUnavailable; Err says why. It is tried again with
//	                          growing, random pauses for ever, even if refused
//	 the moment it breaks     publications to topics without history that were accepted in the
//	                          last tenth of a second, 4096 or 4 MiB at most, may be lost: they
//	                          are counted in Stats.Unconfirmed, and logged
//	 it does not answer       so much is accepted; then Publish without history waits for a
//	                          second, and then fails at once, until it answers or breaks
//	a stream has no leader    the same as without connection for what needs that stream
//	a leader dies             publications wait for the new one; the last that the dead one
//	                          had stored and not passed on are read from the stream
//	no answer to Publish      ErrUnavailable: it was accepted or not. With a Dedup it can
//	                          be repeated
//	all servers restart       with Storage File nothing changes. With Memory histories are
//	                          gone, and their epochs are others; members are back when their
//	                          nodes are tended
//	a node dies               its members leave within Options.Lease and two calls of Tend on
//	                          another, and after four calls at the earliest where they are
//	                          far apart; nobody is taken for dead while nobody could look
//	no JetStream              topics without history work; Prepare returns ErrUnsupported;
//	                          presence and Dedup are each node's own
//
// # What is not promised
//
// Publish without history and without a Dedup does not wait for the server. It confirms
// soon after, and while it does not, no more than a tenth of a second's publications are
// accepted; these may be lost if the connection breaks. What must not be lost has a Dedup
// or a history. Nothing that was accepted is sent on a later connection.
//
// Without history there is no order between publishers on different nodes, nor between
// publications with a Dedup and without, and what is published while a node is cut
// off does not reach it. A Dedup is compared with the first publication of it as long as
// that is stored: after Size newer ones its repeat is still not published again, but other
// data are not noticed. The dedup window is kept by the servers; one that restarts
// knows what it still stores.
//
// JetStream acknowledges when a majority of the replicas has written a publication,
// not when it is on their disks (sync_interval), so that a power cut of all at once may
// lose the last. Its authors know of reports that replicas were lost or disagreed after
// kills, pauses and partitions in quick succession (nats-server issues 6888, 7545, 7564,
// 7567). A history that was lost that way shows as another epoch or as lost
// publications where this package can see it; it cannot see what a server has silently
// dropped from the middle.
//
// # Files
//
//	broker.go     Broker: opening, closing        options.go   Options
//	connect.go    the connection; link.go waits for it, trouble.go for a stream
//	calls.go      requests and their answers      flush.go     round trips shared by many
//	window.go     what is not confirmed
//	jetstream.go  JetStream's API                 direct.go    reading from any replica
//	subject.go    names and subjects              frame.go     publications as bytes
//	publish.go    Publish                         once.go      with a Dedup, without history
//	stream.go     a history's stream; config.go makes it, epoch.go knows what its numbers mean
//	follow.go     Follow; topic.go one topic, barrier.go other servers
//	receive.go    what comes; wild.go by wildcards, advisory.go from JetStream, passed.go what
//	              a stream passes on twice
//	fill.go       holes                           maintain.go  what shows them; compare.go looks
//	history.go    pages; survey.go what is gone (surveys.go for many at once), backward.go from the end
//	newest.go     the newest of thousands of topics by one request; missed.go what is after it,
//	tail.go       for many at once
//	presence.go   registrations; join.go, members.go, agree.go for what the leader says
//	tend.go       the node's lease; burial.go those of dead nodes
//	graves.go     what is left of who left        scan.go      what nobody ends
//	stats.go      Stats
package natsbroker
