package protocol_test

import (
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// replyVector is a case of testdata/replies.json: one of the parts, and the frame.
type replyVector struct {
	Name, Frame string

	Result      *struct{ ID, Result string }
	Refusal     *struct{ ID, Code, Message string }
	Publication *struct {
		Topic, Data string
		Seq         uint64
		Key         string
	}
	Event      *struct{ Topic, Event, Data string }
	Subscribed *struct {
		Epoch     *string
		Seq       uint64
		Head      *uint64
		Recovered *bool
		Lost      *struct{ From, To uint64 }
		Snapshot  *string
		Members   *string
		Count     int
	}
	Position *protocol.Position
	Gap      *struct{ From, To uint64 }
	History  *struct {
		Epoch        string
		Seq          uint64
		Publications []struct {
			Seq       uint64
			Data, Key string
			At        int64
		}
	}
	Member *struct {
		User, Info string
		Sessions   int
	}
}

func replyVectors(t testing.TB) []replyVector {
	t.Helper()
	var all struct {
		About string
		Cases []replyVector
	}
	readVectors(t, "replies.json", &all)
	return all.Cases
}

// appendTo appends what the package makes of v to dst.
func (v *replyVector) appendTo(dst []byte) []byte {
	switch {
	case v.Result != nil:
		return protocol.AppendResult(dst, textOrNil(v.Result.ID), []byte(v.Result.Result))
	case v.Refusal != nil:
		return protocol.AppendRefusal(dst, textOrNil(v.Refusal.ID), v.Refusal.Code, v.Refusal.Message)
	case v.Publication != nil:
		p := v.Publication
		return protocol.AppendPublication(dst, p.Topic, []byte(p.Data), p.Seq, p.Key)
	case v.Event != nil:
		return protocol.AppendEvent(dst, v.Event.Topic, v.Event.Event, []byte(v.Event.Data))
	case v.Subscribed != nil:
		return protocol.AppendSubscribed(dst, v.subscribed())
	case v.Position != nil:
		return protocol.AppendPosition(dst, v.Position.Epoch, v.Position.Seq)
	case v.Gap != nil:
		return protocol.AppendGap(dst, v.Gap.From, v.Gap.To)
	case v.History != nil:
		return protocol.AppendHistory(dst, v.History.Epoch, v.History.Seq, v.entries())
	}
	return protocol.AppendMember(dst, v.Member.User, []byte(v.Member.Info), v.Member.Sessions)
}

func (v *replyVector) subscribed() *protocol.Subscribed {
	w := v.Subscribed
	s := &protocol.Subscribed{Seq: w.Seq, Recovered: w.Recovered, Count: w.Count}
	if w.Epoch != nil {
		s.HasPosition, s.Epoch = true, *w.Epoch
	}
	if w.Head != nil {
		s.HasHead, s.Head = true, *w.Head
	}
	if w.Lost != nil {
		s.Lost, s.LostFrom, s.LostTo = true, w.Lost.From, w.Lost.To
	}
	if w.Snapshot != nil {
		s.Snapshot = []byte(*w.Snapshot)
	}
	if w.Members != nil {
		s.Members = []byte(*w.Members)
	}
	return s
}

func (v *replyVector) entries() (entries []protocol.Entry) {
	for _, p := range v.History.Publications {
		entries = append(entries, protocol.Entry{Seq: p.Seq, Data: []byte(p.Data), Key: p.Key, At: p.At})
	}
	return entries
}

func TestRepliesAreMadeAsTheirVectors(t *testing.T) {
	for _, v := range replyVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			if got := v.appendTo([]byte("before ")); string(got) != "before "+v.Frame {
				t.Errorf("sent  %s\nwant  before %s", got, v.Frame)
			}
			if err := protocol.Check(v.appendTo(nil)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRepliesAllocateNothingWhereThereIsRoom(t *testing.T) {
	recovered := true
	s := protocol.Subscribed{
		HasPosition: true, Epoch: "e", HasHead: true, Recovered: &recovered, Lost: true, LostFrom: 1, LostTo: 2,
		Snapshot: []byte("{}"), Members: []byte("[]"), Count: 1,
	}
	entries := []protocol.Entry{{Seq: 1, Data: []byte("{\n}"), Key: "k", At: 1}, {Seq: 2}}
	id, data, room := []byte("1"), []byte("{\n}"), make([]byte, 0, 1024)
	for name, step := range map[string]func(){
		"result":      func() { protocol.AppendResult(room, id, data) },
		"refusal":     func() { protocol.AppendRefusal(room, id, protocol.CodeForbidden, "no") },
		"publication": func() { protocol.AppendPublication(room, "t", data, 7, "k") },
		"event":       func() { protocol.AppendEvent(room, "t", "join", data) },
		"subscribed":  func() { protocol.AppendSubscribed(room, &s) },
		"position":    func() { protocol.AppendPosition(room, "e", 7) },
		"gap":         func() { protocol.AppendGap(room, 1, 2) },
		"history":     func() { protocol.AppendHistory(room, "e", 7, entries) },
		"member":      func() { protocol.AppendMember(room, "u", data, 1) },
	} {
		if n := testing.AllocsPerRun(100, step); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestPublicationWithoutSeqAndKeyIsAMessage(t *testing.T) {
	for _, data := range []string{"", "1", "{\n}"} {
		got := protocol.AppendPublication(nil, "t", []byte(data), 0, "")
		if want := protocol.AppendMessage(nil, "t", []byte(data)); string(got) != string(want) {
			t.Errorf("publication %s, message %s", got, want)
		}
	}
}

func TestPublicationSizeIsRoomForTheLongestSeq(t *testing.T) {
	for _, c := range []struct{ topic, data, key string }{{"t", "1", ""}, {"t", "", "k"}, {"räume", `{"a":"b"}`, "größe"}} {
		size := protocol.PublicationSize(c.topic, []byte(c.data), c.key)
		got := protocol.AppendPublication(nil, c.topic, []byte(c.data), 1<<53-1, c.key)
		if size != len(got) {
			t.Errorf("size %d for %d bytes: %s", size, len(got), got)
		}
	}
}
