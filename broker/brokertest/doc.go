// Package brokertest is the suite that every broker passes: what package live
// relies on, one named case for each clause of the contract in package broker.
//
//	func TestBroker(t *testing.T) {
//		brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker {
//			b, err := mybroker.New(mybroker.Options{})(d)
//			…
//			return b
//		})
//	}
//
// Run is for one node; RunNodes is for several nodes of one cluster. A case that
// fails says which clause does not hold.
//
// The suite allows for delivery some time after Publish has returned, and for
// numbers that grow by more than one. Its topics have random names, so that a
// server may be used again. It waits for what must come, half a minute at most,
// and never sleeps.
//
//	run.go        Run, RunNodes, the lists of cases
//	rig.go        a broker under test, and what it delivers
//	publish.go    publications reach followers, in order
//	history.go    pages
//	paging.go     pages while publishers go on
//	dedup.go      repeats
//	presence.go   members
//	ending.go     contexts that ended, brokers that are closed
//	nodes.go      several nodes
//	lease.go      nodes that are not tended
//	cluster.go    a cluster in memory, for tests of programs
package brokertest
