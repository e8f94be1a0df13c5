// Package memory is the default broker: one process, and nothing outside it.
//
//	server := live.New(live.Options{Broker: memory.New(memory.Options{MaxBytes: 1 << 30})})
//
// # What is delivered
//
// Deliver is called for every publication, followed or not, by the goroutine of
// Publish: who opens the broker looks for subscribers itself, which is cheap
// there. Follow and Unfollow only keep a topic's epoch and numbers alive.
//
// On a topic with history, the numbering, the storing and Deliver happen under
// the topic's lock: calls come one at a time and in the order of the numbers.
// Data is what is stored, and never changes. Topics share 256 locks; so Deliver
// must neither block nor call the broker.
//
// On a topic without history, Publish calls Deliver and does nothing else: no
// lock, no copy. Calls for one topic may come from several goroutines at once, and
// their order is for Deliver to make. Data is the publisher's own, for the time
// of the call. The same with a Dedup is delivered under the lock.
//
// # What is kept
//
// The publications of a topic are packed into segments without pointers: see
// segment.go and record.go. What has expired is seen no more at once, and one
// goroutine frees it within a second. Where Options.MaxBytes is reached, the
// topics that were published to least recently lose their oldest segments, which
// Page.Floor tells.
//
// A topic that nobody follows, without members and publications, is forgotten
// after Options.Linger. If it comes back, its epoch is another.
//
//	broker.go    Broker: opening, closing
//	publish.go   accept, number, store, deliver
//	history.go   pages
//	follow.go    what keeps a topic
//	presence.go  members; roster.go keeps them in order
//	stripe.go    a lock and its topics; topic.go one of them, epoch.go its epoch
//	log.go       a topic's publications; cursor.go reads them, segment.go and record.go pack them
//	dedups.go    what was accepted lately
//	agenda.go    when something expires; sweeper.go wakes then
//	recency.go   which topics to take from first; evict.go takes
//	stats.go     what there is
package memory
