package engine

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestWildcardGetsWhatMatchesInTheOrderOfPublication(t *testing.T) {
	for wildcard, want := range map[string]string{
		"orders:*": "orders:1,orders:2,", "orders:**": "orders:1,orders:1:lines,orders:2,", "*": "other,", "**": "orders:1,other,orders:1:lines,orders:2,",
		"*:1": "orders:1,", "orders:*:lines": "orders:1:lines,", "others:*": "",
		"a:**:b": "", // is none, and matches nothing
	} {
		t.Run(wildcard, func(t *testing.T) {
			s := newStage(t, Options{}, 1)
			s.subscribe(s.conns[0], wildcard)
			for _, topic := range []string{"orders:1", "other", "orders:1:lines", "$sys:1", "orders:2"} {
				s.e.Publish(topic, textFrame(topic), nil)
			}
			s.settle()
			s.wantStream(0, want)
			s.e.Unsubscribe(s.conns[0], wildcard)
			s.e.Publish("orders:1", textFrame("later"), nil)
			s.settle()
			s.wantStream(0, want)
		})
	}
}

func TestPublicationIsDeliveredOnceToWhomItMatchesTwice(t *testing.T) {
	s := newStage(t, Options{}, 4)
	for i, subs := range [][]string{{"orders:1"}, {"orders:*"}, {"orders:*", "orders:1"}, {"orders:1", "orders:**", "orders:*"}} {
		s.subscribe(s.conns[i], subs...)
	}
	s.settle()
	s.onLoop(s.conns[0], func(*loop) { // one turn
		for n := range 3 {
			s.e.Publish("orders:1", numbered(n), nil)
			s.conns[3].Send(textFrame("sent"))
		}
		s.e.Publish("orders:2", textFrame("other"), nil)
		s.e.Publish("orders:1", textFrame("end"), s.conns[3])
	})
	s.settle()
	s.wantStream(0, "0,1,2,end,")
	s.wantStream(1, "0,1,2,other,end,")
	s.wantStream(2, "0,1,2,other,end,")
	s.wantStream(3, "0,sent,1,sent,2,sent,other,")
}

func TestWildcardIsCountedAndForgottenLikeATopic(t *testing.T) {
	r := newRig(t, Options{Loops: 2, NetSockets: true})
	a, b := r.fake(&fakeSocket{room: anyRoom}, silent{}), r.fake(&fakeSocket{room: anyRoom}, silent{})
	want := func(subscribers, topics, subscriptions int, wanted bool) {
		t.Helper()
		if n, w := r.e.Subscribers("orders:*"), r.e.Wanted("orders:1"); n != subscribers || w != wanted || r.e.Ready("orders:1") != wanted {
			t.Errorf("%d subscribers, wanted: %v; want %d, %v", n, w, subscribers, wanted)
		}
		if s := r.e.Stats(); s.Topics != topics || s.Subscriptions != subscriptions {
			t.Errorf("Stats has %d topics, %d subscriptions; want %d, %d", s.Topics, s.Subscriptions, topics, subscriptions)
		}
		if r.e.Wanted("other") || r.e.Subscribers("orders:1") > 1 {
			t.Error("it counts for a topic that it does not match, or as a subscriber of the topic itself")
		}
	}
	want(0, 0, 0, false)
	r.subscribe(a, "orders:*")
	want(1, 1, 1, true)
	r.subscribe(b, "orders:*", "orders:1")
	want(2, 2, 3, true)
	r.e.Unsubscribe(b, "orders:*")
	r.e.Unsubscribe(b, "orders:1")
	if added, err := r.e.Subscribe(a, "orders:*"); added || err != nil {
		t.Errorf("Subscribe once more = %v, %v; want false, nil", added, err)
	}
	want(1, 1, 1, true)
	r.settle()
	r.onLoop(a, func(l *loop) { l.drop(a, errFake) })
	want(0, 0, 0, false)
	if r.e.route.wild.wild.Load() != nil {
		t.Error("the index of wildcards is not empty")
	}
}

func TestWildcardThatIsHeldGetsEachPublicationOnce(t *testing.T) {
	s := newStage(t, Options{}, 1)
	c := s.conns[0]
	h := s.hold(c, "orders:*")
	s.publish(pub("orders:1", 90, Disconnect), pub("orders:2", 91, Disconnect))
	s.wantStream(0, "")
	catchUp(t, h, Catch{Most: 1}, Live)
	s.publish(pub("orders:1", 92, Disconnect))
	s.wantStream(0, "90,91,92,")
	if k := keptOf(s.e, "orders:*"); k != nil {
		t.Errorf("%d frames are kept, and nobody is behind", len(k.frames))
	}
}

func TestWildcardWithMoreThanIsKeptIsHoled(t *testing.T) {
	s := newStage(t, Options{}, 1)
	h := s.hold(s.conns[0], "orders:*")
	s.publishRange("orders:1", 1, keptFrames+1, Disconnect)
	catchUp(t, h, all(keptFrames), Holed)
}

// A subscription to the topic itself, which is behind, is to get the topic's publications
// in order: a wildcard must not bring them before.
func TestTopicThatIsBehindIsNotDeliveredByAWildcard(t *testing.T) {
	s := newStage(t, Options{}, 1)
	c := s.conns[0]
	s.subscribe(c, "orders:*")
	h := s.hold(c, "orders:1")
	s.publish(pub("orders:1", 1, Disconnect), pub("orders:2", 50, Disconnect))
	s.wantStream(0, "50,")
	catchUp(t, h, all(0), Live)
	s.publish(pub("orders:1", 2, Disconnect))
	s.wantStream(0, "50,1,2,")
	s.hold(c, "orders:1")
	s.publish(pub("orders:1", 3, Disconnect))
	s.e.Unsubscribe(c, "orders:1")
	s.publish(pub("orders:1", 4, Disconnect))
	s.wantStream(0, "50,1,2,4,")
}

func TestReplayOfATopicIsNotDisturbedByAWildcard(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "orders:1", "orders:*")
	s.publishEach("orders:1", 1, 5, Replay)
	s.drain(c)
	f := await(s.rig, told, "Behind")
	s.publishEach("orders:1", 6, 7, Replay)
	s.wantStream(0, "")
	catchUp(t, f.held, all(3), Live)
	s.wantDrained("4,5,6,7,")
}

func TestReplayOfAWildcardIsDisconnect(t *testing.T) {
	s, c, _ := replayStage(t, Options{QueueSize: 2}, "orders:*")
	s.publishEach("orders:1", 1, 3, Replay)
	if !errors.Is(c.Err(), ErrTooSlow) {
		t.Errorf("ended with %v, want ErrTooSlow", c.Err())
	}
}

func TestPublishWaitsForTheInboxOfAWildcardsSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, InboxSize: 4, IdleTimeout: -1})
		r.patience = time.Hour
		c := r.fake(&fakeSocket{room: anyRoom}, silent{})
		r.subscribe(c, "orders:*")
		r.settle()
		goOn := make(chan struct{})
		c.loop.inbox.push(command{kind: cmdCall, fn: func() { <-goOn }})
		published := 0
		go func() { // owner: the test; ends when the loop goes on
			for range 10 {
				r.e.Publish("orders:1", numbered(1), nil)
				published++
			}
		}()
		if synctest.Wait(); published != 3 {
			t.Errorf("%d publications are in an inbox of 4 beside one command, want 3", published)
		}
		close(goOn)
		if synctest.Wait(); published != 10 {
			t.Errorf("%d publications went in once the loop went on, want 10", published)
		}
	})
}

func TestSubscribersOfTopicAndWildcardsSeeOneOrderOnAllLoops(t *testing.T) {
	const publishers, each = 3, 200
	r := newRig(t, Options{Loops: 3, NetSockets: true})
	streams := make([]string, 6)
	for i := range streams {
		c := r.fake(&fakeSocket{room: anyRoom, wrote: func(_ *Conn, b []byte) { streams[i] += payloads(b) }}, silent{})
		r.subscribe(c, [][]string{{"orders:1"}, {"orders:*"}, {"orders:**", "orders:1"}}[i%3]...)
	}
	r.settle()
	done := make(chan struct{})
	for who := range publishers {
		go func() { // owner: the test, which waits for it; ends when all is published
			for n := range each {
				r.e.Publish("orders:1", textFrame(fmt.Sprintf("%d.%d", who, n)), nil)
			}
			done <- struct{}{}
		}()
	}
	for range publishers {
		await(r, done, "a publisher")
	}
	r.settle()
	for i, s := range streams {
		if s != streams[0] || s == "" {
			t.Errorf("subscriber %d saw another order than the first", i)
		}
	}
}
