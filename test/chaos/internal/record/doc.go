// Package record holds what publishers and subscribers saw in a run, and compares it. It
// is made of values: whatever runs a cluster fills a Run, and Run.Check lists where the
// server did not keep its word.
//
// A Run is made of three things. Attempts are what publishers did, and what they were
// answered. A Stream is what one subscriber got of one topic, in order, with the places
// where it was told that something is missing. A Head is where a topic's history ended
// when all was quiet.
//
// The rules, each with the name that its faults have:
//
//	order      within an epoch a stream's numbers grow, and it never returns to an
//	           epoch that it has left
//	twice      a stream has a publication once; where there are no numbers, once for each
//	           connection: another node may be behind
//	missing    a stream has all that is known between its first position and its last,
//	           or was told of it; one that lived to the end has all up to there
//	invented   what comes was published, to that topic, in those bytes
//	refused    what was refused for good never comes
//	identity   a position is that of one publication for all, and a publication has one
//	           position, which is the one that its publisher was told
//	time       what was sent after another's answer has a higher number
//	head       nothing acknowledged or delivered is beyond the end of the history
//	announced  where nothing may get lost, nothing is announced as lost, and there is
//	           one epoch
//	presence   those who are shown are those who are there
package record
