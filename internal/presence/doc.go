// Package presence knows who is on a topic. Members are users, each with its
// sessions; a broker holds one registration per topic, user and node, and this
// package keeps it equal to the truth and says what changed.
//
//	Join    the first session of a user            → broker.Join   → Joined → join
//	Join    a further one, or within the grace     → nothing, the number is told later
//	Update  other info                             → broker.Join   → Updated → update
//	Leave   the last session, and the grace passed → broker.Leave  → Left → leave
//
// # Order
//
// For one user on one topic one broker call is under way at a time, and each is
// chosen from what is wanted then and what the broker was last told: calls that
// come meanwhile change only what is wanted. So join and leave alternate, with
// update between them, whatever the interleaving. A call that failed may have
// had its effect: before anything else is told, what was announced is told again.
//
// No lock is held during a broker call. A few short ones, striped by topic, guard
// the rest, and events are announced under them, which gives each topic one order.
//
// # Crowds
//
// A topic with more members than its limit is a crowd: its joins, leaves and updates are
// announced as their number alone, at most once per CountEvery, and only where it
// changed. The event that crosses the limit upward is still announced exactly, with
// the number after it. On the way down the first number within the limit ends
// the crowd, and exact events follow. Who keeps a roll must ask for a new one after
// a Count: the next event of a user may be a leave of somebody unannounced.
//
// The number is the one that the broker gave last, plus what this node joined and
// took away since. It is asked for by Members, by a Join if that was CountEvery ago
// (not for a topic's first member here), and after each Count. So on one node it is
// exact, and between nodes late by CountEvery; each node announces its own changes.
//
// # Work
//
// All that is due later stands in a few first-in-first-out lines. One goroutine with
// one timer serves them, and there is none while they are empty. Its broker calls have
// a deadline of five seconds each; up to sixteen are under way at once.
package presence
