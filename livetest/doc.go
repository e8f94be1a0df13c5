// Package livetest lets a program test its own hooks and rules: a server with clients in
// memory, without ports and without sleeping.
//
//	func TestWhoIsMutedListens(t *testing.T) {
//		srv := livetest.NewServer(t, live.Options{})
//		srv.Topic("chat:{room}", room("bob")) // the rule that is tested
//
//		alice := srv.Dial(t, livetest.User("alice"))
//		bob := srv.Dial(t, livetest.User("bob"))
//		alice.Subscribe("chat:1")
//		alice.Publish("chat:1", "hello")
//		alice.Expect("chat:1", "hello")
//		if _, refusal := bob.TryPublish("chat:1", "hi"); refusal == nil {
//			t.Error("bob is muted, and could write")
//		}
//		alice.ExpectNothing()
//	}
//
// Whatever a client finds other than it should be ends the test, and shows what came in
// its place. Methods that begin with Try return a refusal instead.
//
// # Bad days
//
// A client can be stalled (Stall, Unstall), cut off (Cut) and brought back (Resume), to
// see what a rule's History, Overflow and Presence make of that:
//
//	alice.Cut()
//	srv.Publish("chat:1", []byte(`"while you were out"`))
//	alice.Resume()
//	alice.Expect("chat:1", "while you were out")
//
// # Time
//
// In a bubble of testing/synctest the server's timeouts, grace periods and ages of
// histories are of the bubble's time, and so take none of yours:
//
//	synctest.Test(t, func(t *testing.T) {
//		srv := livetest.NewServer(t, live.Options{})
//		srv.Topic("chat:{room}", live.Rule{CanSubscribe: live.Anyone, Presence: true})
//		alice, bob := srv.Dial(t, livetest.User("alice")), srv.Dial(t, livetest.User("bob"))
//		alice.Subscribe("chat:1", livetest.WithPresence())
//		bob.Subscribe("chat:1")
//		alice.ExpectEvent("chat:1", "join")
//		bob.Cut()
//		alice.ExpectEvent("chat:1", "leave") // 10 s later, at once
//	})
//
// There ExpectNothing is sure that nothing follows: it waits until all is idle. Outside of
// a bubble it knows of what the server has accepted already.
//
// # What is not as in production
//
// Clients come over a connection in memory, whose buffers take about 64 KiB in each
// direction, and the server runs without the system's poller (live.Options.NoPoller);
// all else is the server itself.
package livetest
