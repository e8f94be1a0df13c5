package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// present is a rule with presence.
func present(limit int) live.Rule {
	r := open
	r.Presence, r.PresenceLimit = true, limit
	return r
}

// member is a user as presence shows them.
func member(user, info string, sessions int) string {
	return fmt.Sprintf(`{"user":%q,"info":%s,"sessions":%d}`, user, info, sessions)
}

// presenceEvent is a frame that tells of a member.
func presenceEvent(topic, event, member string) string {
	return fmt.Sprintf(`{"topic":%q,"event":%q,"data":%s}`, topic, event, member)
}

const watchRoom = `{"op":"subscribe","topic":"room","presence":true}`

// users are options whose users have a name and nothing else.
func users() live.Options { return live.Options{OnAuth: authUser, Identify: valueIsUser} }

func TestJoinAndLeaveComeOncePerUser(t *testing.T) {
	inBubble(t, users(), func(t *testing.T, r *rig) {
		r.server.Topic("room", present(0))
		watcher, _ := r.plugIn(t, asUser("watcher"))
		if s := watcher.enter(t, watchRoom); s.Count != 1 || len(s.Members) != 1 || s.Members[0].User != "watcher" {
			t.Errorf("the result is %+v", s)
		}
		phone, ps := r.plugIn(t, asUser("ann"))
		phone.join(t, "room")
		laptop, ls := r.plugIn(t, asUser("ann"))
		laptop.join(t, "room")
		watcher.wantFrames(t, presenceEvent("room", "join", member("ann", "null", 1)))
		watcher.wantNothing(t)
		if got, want := watcher.do(t, `{"op":"presence","topic":"room"}`),
			`{"members":[`+member("watcher", "null", 1)+`,`+member("ann", "null", 2)+`],"count":2}`; got != want {
			t.Errorf("present are %s, want %s", got, want)
		}
		ps.Close()
		phone.wantCloseFrame(t, 1000)
		pass(time.Minute)
		watcher.wantNothing(t)
		ls.Close()
		laptop.wantCloseFrame(t, 1000)
		pass(9 * time.Second)
		watcher.wantNothing(t)
		pass(2 * time.Second)
		watcher.wantFrames(t, presenceEvent("room", "leave", member("ann", "null", 0)))
		watcher.wantNothing(t)
	})
}

func TestAReconnectWithinTheGraceMakesNoNoise(t *testing.T) {
	inBubble(t, users(), func(t *testing.T, r *rig) {
		r.server.Topic("room", present(0))
		watcher, _ := r.plugIn(t, asUser("watcher"))
		watcher.enter(t, watchRoom)
		for range 5 {
			c, _ := r.plugIn(t, asUser("ann"))
			c.join(t, "room")
			pass(5 * time.Second)
			c.nc.Close()
			pass(9 * time.Second)
		}
		pass(time.Minute)
		watcher.wantFrames(t, presenceEvent("room", "join", member("ann", "null", 1)), presenceEvent("room", "leave", member("ann", "null", 0)))
		watcher.wantNothing(t)
	})
}

func TestACrashedConnectionLeaves(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		o := users()
		o.Timeouts.Presence = -1
		r := serve(t, kind, o)
		r.server.Topic("room", present(0))
		watcher := r.speaker(t, asUser("watcher"))
		watcher.enter(t, watchRoom)
		c := r.speaker(t, asUser("ann"))
		c.join(t, "room")
		c.nc.Close()
		watcher.wantFrames(t, presenceEvent("room", "join", member("ann", "null", 1)), presenceEvent("room", "leave", member("ann", "null", 0)))
		quick := r.speaker(t, asUser("ann"))
		quick.join(t, "room")
		quick.do(t, `{"op":"unsubscribe","topic":"room"}`)
		watcher.wantFrames(t, presenceEvent("room", "join", member("ann", "null", 1)), presenceEvent("room", "leave", member("ann", "null", 0)))
		watcher.wantNothing(t)
	})
}

func TestPresenceEventsComeOnlyToThoseWhoAsk(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		o := users()
		o.Timeouts.Presence = -1
		r := serve(t, kind, o)
		r.server.Topic("room", present(0))
		r.server.Topic("plain", open)
		c := r.speaker(t, asUser("bob"))
		if s := c.join(t, "room"); s.Members != nil {
			t.Errorf("without being asked the result is %+v", s)
		}
		if got := c.do(t, `{"op":"subscribe","topic":"plain","presence":true}`); got != "{}" {
			t.Errorf("on a topic without presence the result is %s", got)
		}
		r.speaker(t, asUser("ann")).join(t, "room")
		c.wantNothing(t)
		if s := c.enter(t, watchRoom); s.Count != 2 { // asked for later
			t.Errorf("the result is %+v", s)
		}
		r.speaker(t, asUser("eve")).join(t, "room")
		c.wantFrames(t, presenceEvent("room", "join", member("eve", "null", 1)))
		c.do(t, `{"op":"unsubscribe","topic":"room"}`)
		r.speaker(t, asUser("kim")).join(t, "room")
		c.wantNothing(t)
	})
}

func TestSetValueChangesWhatPresenceShows(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		type user struct{ name, mood string }
		r := serve(t, kind, live.Options{
			OnAuth: func(_ context.Context, r *http.Request) (any, error) {
				return user{r.Header.Get("Authorization"), "well"}, nil
			},
			Identify: func(v any) (string, any) { return v.(user).name, map[string]string{"mood": v.(user).mood} },
			Timeouts: live.Timeouts{Presence: -1},
		})
		r.server.Topic("room", present(0))
		watcher := &speaker{client: r.dial(t, asUser("watcher"))}
		watcher.enter(t, watchRoom)
		within(t, "the session", r.joined)
		c, s := r.speakerPair(t, asUser("ann"))
		c.join(t, "room")
		s.SetValue(user{"ann", "tired"})
		s.SetValue(user{"ann", "tired"}) // no change
		s.SetValue(user{"anna", "tired"})
		watcher.wantFrames(t,
			presenceEvent("room", "join", member("ann", `{"mood":"well"}`, 1)),
			presenceEvent("room", "update", member("ann", `{"mood":"tired"}`, 1)),
			presenceEvent("room", "leave", member("ann", `{"mood":"tired"}`, 0)),
			presenceEvent("room", "join", member("anna", `{"mood":"tired"}`, 1)))
		watcher.wantNothing(t)
	})
}

func TestServerPresence(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, users())
		r.server.Topic("room:{x}", present(2))
		r.server.Topic("plain", open)
		for _, name := range []string{"ann", "bob", "eve"} {
			_, s := r.pair(t, asUser(name))
			r.subscribe(t, s, "room:1") // by the server: present as well
		}
		m, err := r.server.Presence(t.Context(), "room:1")
		if err != nil || m.Count != 3 || len(m.List) != 2 || m.List[0].User != "ann" || string(m.List[0].Info) != "null" || m.List[0].Sessions != 1 {
			t.Errorf("present are %+v, %v", m, err)
		}
		if m, err := r.server.Presence(t.Context(), "room:2"); err != nil || m.Count != 0 || m.List == nil || len(m.List) != 0 {
			t.Errorf("in an empty room are %+v, %v", m, err)
		}
		for topic, want := range map[string]error{"plain": live.ErrNoPresence, "none": live.ErrNoPresence, "a::b": live.ErrInvalidTopic} {
			if _, err := r.server.Presence(t.Context(), topic); !errors.Is(err, want) {
				t.Errorf("Presence(%s): %v, want %v", topic, err, want)
			}
		}
		c := r.speaker(t, asUser("kim"))
		c.refused(t, live.CodeNotFound, `{"op":"presence","topic":"plain"}`)
		for op, want := range map[string]int{`"limit":1`: 1, `"limit":99`: 2} {
			var got struct {
				Members []live.Member
				Count   int
			}
			decode(t, c.do(t, `{"op":"presence","topic":"room:1",`+op+`}`), &got)
			if len(got.Members) != want || got.Count != 3 {
				t.Errorf("with %s present are %+v", op, got)
			}
		}
	})
}

func TestACrowdIsToldByACount(t *testing.T) {
	inBubble(t, users(), func(t *testing.T, r *rig) {
		r.server.Topic("room", present(3))
		watcher, _ := r.plugIn(t, asUser("watcher"))
		watcher.enter(t, watchRoom)
		const crowd = 30
		go func() { // ends with the connection
			for i := range crowd {
				c, _ := r.plugIn(t, asUser(fmt.Sprint("user", i)))
				c.join(t, "room")
			}
		}()
		settle()
		pass(5 * time.Second)
		watcher.do(t, `{"op":"ping"}`)
		last, frames := "", 0
		for ; len(watcher.kept) > 0; frames++ {
			last = watcher.next(t)
		}
		if want := fmt.Sprintf(`{"topic":"room","event":"count","data":{"count":%d}}`, crowd+1); last != want || frames > 6 {
			t.Errorf("of %d frames the last is %s, want %s", frames, last, want)
		}
		late, _ := r.plugIn(t, asUser("late"))
		if s := late.enter(t, watchRoom); s.Count != crowd+2 || len(s.Members) != 3 {
			t.Errorf("the result is %+v", s)
		}
	})
}

func TestWithoutIdentifyEverySessionIsAUser(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("room", present(0))
		a, as := r.speakerPair(t)
		b, bs := r.speakerPair(t)
		a.enter(t, watchRoom)
		s := b.enter(t, watchRoom)
		if s.Count != 2 || s.Members[0].User != as.ID() || s.Members[1].User != bs.ID() {
			t.Errorf("the result is %+v", s)
		}
		a.wantFrames(t, presenceEvent("room", "join", member(bs.ID(), "null", 1)))
		b.wantNothing(t) // not its own
	})
}

func TestAWildcardIsNotPresent(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, users())
		r.server.Topic("room:{x}", present(0))
		r.server.Topic("room:*", live.Rule{CanSubscribe: live.Anyone})
		c := r.speaker(t, asUser("ann"))
		c.join(t, "room:*")
		c.refused(t, live.CodeBadRequest, `{"op":"subscribe","topic":"room:*","presence":true}`)
		if m, err := r.server.Presence(t.Context(), "room:1"); err != nil || m.Count != 0 {
			t.Errorf("present are %+v, %v", m, err)
		}
	})
}
