package brokertest

import (
	"context"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
)

// tester is the part of testing.TB that the cases use, so that the suite itself
// can be tested.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// opener opens nodes of one cluster that report to these functions.
type opener func(ds ...broker.Deliver) []broker.Broker

// testCase is one clause of the contract.
type testCase struct {
	name  string
	nodes int
	check func(r *rig)
}

// Run checks a broker of one node. For each case, open opens a new one that
// reports to d, and fails t if it cannot; the suite closes it. All may use one
// server.
func Run(t *testing.T, open func(t *testing.T, d broker.Deliver) broker.Broker) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			run(t, patience, c, func(ds ...broker.Deliver) []broker.Broker {
				return []broker.Broker{open(t, ds[0])}
			})
		})
	}
}

// RunNodes checks brokers of several nodes. For each case, nodes opens as many
// that share one cluster as it gets functions to report to, and fails t if it
// cannot; the suite closes them. Their lease should be about a second, or the cases
// about it take long. Where they share a server, each case needs a part of it for
// itself: nodes that an earlier one closed would be found dead.
func RunNodes(t *testing.T, nodes func(t *testing.T, ds ...broker.Deliver) []broker.Broker) {
	for _, c := range nodeCases {
		t.Run(c.name, func(t *testing.T) {
			run(t, patience, c, func(ds ...broker.Deliver) []broker.Broker { return nodes(t, ds...) })
		})
	}
}

// run checks one case; what must be delivered may take so long.
func run(t tester, patience time.Duration, c testCase, open opener) {
	r := newRig(t, c.nodes, open)
	r.patience = patience
	defer r.close()
	c.check(r)
}

var cases = []testCase{
	{"a follower gets the publication as it was published", 1, publicationIsWhole},
	{"a topic without history has no positions", 1, noHistoryNoPosition},
	{"positions grow within one epoch", 1, positionsGrow},
	{"one publisher's order is kept with history", 1, orderWithHistory},
	{"one publisher's order is kept without history", 1, orderWithoutHistory},
	{"many publishers' publications arrive once, in the order of their positions", 1, oneOrder},
	{"data is copied before Publish returns", 1, dataIsCopied},
	{"following twice delivers once", 1, followTwice},
	{"a topic that is followed again is delivered again", 1, followAgain},
	{"Unfollow of what was not followed is no error", 1, unfollowUnknown},
	{"a large publication arrives whole", 1, largeData},

	{"history of a topic never published to is empty", 1, historyOfNothing},
	{"history has all that Publish acknowledged, at once", 1, historyAtOnce},
	{"history keeps key, origin, data and time", 1, historyIsWhole},
	{"history gives the page that was asked for", 1, historyPages},
	{"a page ends at MaxBytes and is never empty for it", 1, historyBytes},
	{"history keeps the newest, and Floor says what is gone", 1, historySize},
	{"history forgets what is older than Age, and keeps the position", 1, historyAge},
	{"topics have histories of their own", 1, historyOfTopics},
	{"a topic without history has an empty page", 1, historyOff},
	{"pages and what is delivered after them are the whole, while publishers go on", 1, pagesAndLive},

	{"a repeated Dedup is accepted once, at its first position", 1, dedupOnce},
	{"a repeated Dedup with other data or another key is a conflict", 1, dedupConflict},
	{"a Dedup holds for its own topic", 1, dedupTopics},
	{"a Dedup holds without history", 1, dedupWithoutHistory},
	{"of many repeats at once, one is accepted", 1, dedupAtOnce},

	{"Join, update and Leave say what changed", 1, presenceChanges},
	{"members are listed in the order in which they joined", 1, presenceOrder},
	{"Members counts all and lists up to the limit", 1, presenceLimit},
	{"topics have members of their own", 1, presenceTopics},
	{"Info of null is nil", 1, presenceNull},
	{"who is tended stays, and nothing is told of it", 1, tendAlone},

	{"a context that has ended ends the call", 1, endedContext},
	{"a closed broker says so", 1, closedBroker},
	{"Close again is no error", 1, closeAgain},
}

var nodeCases = []testCase{
	{"a publication reaches followers on all nodes, once", 3, nodesDeliver},
	{"all nodes see one order of a topic with history", 3, nodesOrder},
	{"history is the same on all nodes, at once", 2, nodesHistory},
	{"pages on one node and what is delivered there are the whole", 2, nodesPagesAndLive},
	{"a Dedup holds on all nodes", 2, nodesDedup},
	{"a wildcard follows topics on all nodes", 2, nodesWildcard},
	{"what is followed by its name and by wildcards is delivered once", 2, nodesOverlap},
	{"a user is present while any node has the user", 2, nodesPresence},
	{"members are the same on all nodes", 2, nodesMembers},
	{"members of a node that is not tended are gone, and one node is told", 3, nodesDead},
	{"a node that was taken for dead has its members again, and is told", 2, nodesRevived},
}
