package record

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// good is a run without fault: two publishers, two topics with history and one without,
// three subscribers, one of which was away for a while, and a history that was read.
func good() *Run {
	r := &Run{Heads: map[string]Position{"deep:1": {"e", 24}}}
	for n := uint32(1); n <= 12; n++ {
		for p := 1; p <= 2; p++ {
			at := time.Duration(n) * time.Second
			seq := uint64(2*n) - uint64(p%2) // as of NATS: numbers of other topics lie between
			r.Attempts = append(r.Attempts, Attempt{
				ID: MakeID(p, n), Topic: "deep:1", Outcome: Accepted, At: Position{"e", seq},
				Sent: at, Done: at + time.Millisecond, By: "n1",
			}, Attempt{ID: MakeID(p, 100+n), Topic: "plain:1", Outcome: Accepted, Sent: at, Done: at + time.Millisecond})
		}
	}
	for _, who := range []string{"c1", "c2", "history"} {
		s := &Stream{Who: who, Topic: "deep:1", Began: Position{"e", 0}, Live: true}
		plain := &Stream{Who: who, Topic: "plain:1", Live: true, Plain: true}
		for _, a := range r.Attempts {
			e := Event{ID: a.ID, At: a.At, When: a.Done}
			if a.Topic == "deep:1" {
				s.Events = append(s.Events, e)
			} else {
				plain.Events = append(plain.Events, e)
			}
		}
		slices.SortFunc(s.Events, func(a, b Event) int { return int(a.At.Seq) - int(b.At.Seq) })
		r.Streams = append(r.Streams, s, plain)
	}
	// One that came late and left early.
	whole := r.Streams[0]
	r.Streams = append(r.Streams, &Stream{Who: "c3", Topic: "deep:1", Began: Position{"e", 4}, Events: slices.Clone(whole.Events[4:9])})
	return r
}

// stream finds one of a run.
func (r *Run) stream(who, topic string) *Stream {
	for _, s := range r.Streams {
		if s.Who == who && s.Topic == topic {
			return s
		}
	}
	return nil
}

// rules are the names of the faults of a run, each once.
func rules(list []Fault) []string {
	var names []string
	for _, f := range list {
		names = append(names, f.Rule)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestAGoodRunHasNoFault(t *testing.T) {
	r := good()
	r.PlainOrder = true
	if found := r.Check(); len(found) != 0 {
		t.Error(found)
	}
}

// planted are faults by name: what is done to a good run, and the rule that must find it.
var planted = map[string]struct {
	plant func(r *Run)
	rule  string
}{
	"dropped": {func(r *Run) { drop(r.stream("c1", "deep:1"), 5) }, "missing"},
	"dropped at the end": {func(r *Run) {
		s := r.stream("c1", "deep:1")
		s.Events = s.Events[:len(s.Events)-1]
	}, "missing"},
	"dropped for one who left":          {func(r *Run) { drop(r.stream("c3", "deep:1"), 2) }, "missing"},
	"dropped at the beginning":          {func(r *Run) { drop(r.stream("c1", "deep:1"), 0) }, "missing"},
	"not in the history":                {func(r *Run) { drop(r.stream("history", "deep:1"), 7) }, "missing"},
	"acknowledged and given to nobody":  {acknowledgedOnly, "missing"},
	"acknowledged beyond the history":   {func(r *Run) { r.Heads["deep:1"] = Position{"e", 23} }, "head"},
	"doubled":                           {func(r *Run) { double(r.stream("c1", "deep:1"), 5, 24) }, "twice"},
	"doubled under its own number":      {func(r *Run) { repeat(r.stream("c1", "deep:1"), 5) }, "order"},
	"doubled on a plain topic":          {func(r *Run) { repeat(r.stream("c2", "plain:1"), 5) }, "twice"},
	"published twice":                   {func(r *Run) { again(r) }, "identity"},
	"swapped":                           {func(r *Run) { swap(r.stream("c2", "deep:1"), 3) }, "order"},
	"swapped without their numbers":     {func(r *Run) { swapIDs(r.stream("c2", "deep:1"), 3) }, "identity"},
	"swapped on a plain topic":          {func(r *Run) { r.PlainOrder = true; swapFar(r.stream("c2", "plain:1")) }, "order"},
	"altered":                           {func(r *Run) { r.stream("c2", "deep:1").Strange = []string{"the body is altered"} }, "invented"},
	"invented":                          {func(r *Run) { invent(r.stream("c2", "deep:1"), MakeID(9, 9)) }, "invented"},
	"of another topic":                  {func(r *Run) { invent(r.stream("c2", "deep:1"), MakeID(1, 101)) }, "invented"},
	"of another topic on a plain topic": {func(r *Run) { invent(r.stream("c2", "plain:1"), MakeID(1, 1)) }, "invented"},
	"refused and delivered":             {func(r *Run) { r.Attempts[0].Outcome = Refused }, "refused"},
	"acknowledged at another place":     {func(r *Run) { r.Attempts[0].At.Seq = 77 }, "identity"},
	"unknown and delivered twice": {func(r *Run) {
		r.Attempts[0].Outcome = Unknown
		again(r)
	}, "identity"},
	"numbers against time": {func(r *Run) {
		r.Attempts[0].Sent, r.Attempts[0].Done = 20*time.Second, 21*time.Second
	}, "time"},
	"another epoch without a word":  {func(r *Run) { turn(r.stream("c1", "deep:1"), 6, false) }, "missing"},
	"an epoch of its own":           {func(r *Run) { turn(r.stream("c1", "deep:1"), 6, true) }, "identity"},
	"a loss announced":              {func(r *Run) { tell(r.stream("c1", "deep:1"), 6, 0) }, "announced"},
	"a loss announced too narrowly": {func(r *Run) { r.MayLose = true; tellNarrow(r.stream("c1", "deep:1"), 6) }, "missing"},
	"back to an old epoch": {func(r *Run) {
		s := r.stream("c1", "deep:1")
		s.Events = append(s.Events, Event{At: Position{"f", 0}}, Event{At: Position{"e", 24}})
	}, "order"},
	"two epochs": {func(r *Run) { r.Heads["deep:1"] = Position{"f", 24} }, "announced"},
}

func TestEveryPlantedFaultIsFound(t *testing.T) {
	for name, p := range planted {
		t.Run(name, func(t *testing.T) {
			r := good()
			p.plant(r)
			if found := r.Check(); !slices.Contains(rules(found), p.rule) {
				t.Errorf("the rule %q did not find it: %v", p.rule, found)
			}
		})
	}
}

func drop(s *Stream, i int) { s.Events = slices.Delete(s.Events, i, i+1) }

// acknowledgedOnly adds one that its publisher believes to be there.
func acknowledgedOnly(r *Run) {
	r.Attempts = append(r.Attempts, Attempt{
		ID: MakeID(3, 1), Topic: "deep:1", Outcome: Accepted, At: Position{"e", 25}, Sent: time.Minute, Done: time.Minute,
	})
	r.Heads["deep:1"] = Position{"e", 25}
}

// double has event i once more, under the number seq.
func double(s *Stream, i int, seq uint64) {
	e := s.Events[i]
	e.At.Seq = seq
	s.Events = append(s.Events, e)
}

func repeat(s *Stream, i int) { s.Events = slices.Insert(s.Events, i, s.Events[i]) }

// again has the first publication at a second place, for all.
func again(r *Run) {
	for _, s := range r.Streams {
		if s.Topic == "deep:1" && s.Live {
			double(s, 0, 25)
		}
	}
	r.Heads["deep:1"] = Position{"e", 25}
}

func swap(s *Stream, i int) { s.Events[i], s.Events[i+1] = s.Events[i+1], s.Events[i] }

func swapIDs(s *Stream, i int) {
	s.Events[i].ID, s.Events[i+1].ID = s.Events[i+1].ID, s.Events[i].ID
}

func swapFar(s *Stream) { s.Events[2], s.Events[6] = s.Events[6], s.Events[2] }

func invent(s *Stream, id ID) {
	s.Events = append(s.Events, Event{ID: id, At: Position{"e", 25}})
}

// turn puts what comes from i on into another epoch, with a word or without.
func turn(s *Stream, i int, told bool) {
	for j := i; j < len(s.Events); j++ {
		s.Events[j].At.Epoch = "f"
	}
	if told {
		s.Events = slices.Insert(s.Events, i, Event{At: Position{"f", s.Events[i].At.Seq - 1}})
	}
}

// tell replaces event i by a loss that begins at from.
func tell(s *Stream, i int, from uint64) {
	s.Events[i].ID, s.Events[i].From = 0, from
}

// tellNarrow replaces events i and i+1 by a loss of the second alone.
func tellNarrow(s *Stream, i int) {
	tell(s, i+1, s.Events[i+1].At.Seq)
	drop(s, i)
}

func TestAnAnnouncedLossIsTakenWhereItMayBe(t *testing.T) {
	for _, from := range []uint64{0, 13} {
		r := good()
		r.MayLose = true
		tell(r.stream("c1", "deep:1"), 12, from)
		if found := r.Check(); len(found) != 0 {
			t.Error(found)
		}
		r.MayLose = false
		r.stream("c1", "deep:1").Lossy = true
		if found := r.Check(); len(found) != 0 {
			t.Error("lossy topic:", found)
		}
	}
}

func TestANewEpochIsTakenWhereTheBrokerMayLose(t *testing.T) {
	r := good()
	r.MayLose = true
	r.Heads["deep:1"] = Position{"f", 1}
	r.Attempts = append(r.Attempts, Attempt{
		ID: MakeID(3, 1), Topic: "deep:1", Outcome: Accepted, At: Position{"f", 1}, Sent: time.Minute, Done: time.Minute,
	})
	for _, who := range []string{"c1", "c2", "history"} {
		s := r.stream(who, "deep:1")
		s.Events = append(s.Events[:20], Event{At: Position{"f", 0}}, Event{ID: MakeID(3, 1), At: Position{"f", 1}})
	}
	if found := r.Check(); len(found) != 0 {
		t.Error(found)
	}
	s := r.stream("c2", "deep:1")
	s.Events = s.Events[:len(s.Events)-1]
	if found := rules(r.Check()); !slices.Equal(found, []string{"missing"}) {
		t.Error("what the new epoch has is missing, and found was", found)
	}
}

func TestWhatWasNotAnsweredMayBeMadeAgainInANewEpoch(t *testing.T) {
	for _, mayLose := range []bool{true, false} {
		r := good()
		r.MayLose = mayLose
		r.Heads["deep:1"] = Position{"f", 1}
		again := Event{ID: MakeID(1, 12), At: Position{"f", 1}}
		for _, s := range r.Streams {
			if s.Topic == "deep:1" && s.Live {
				s.Events = append(s.Events, Event{At: Position{"f", 0}}, again)
			}
		}
		for i := range r.Attempts {
			if r.Attempts[i].ID == again.ID {
				r.Attempts[i].At, r.Attempts[i].Done = again.At, time.Minute
			}
		}
		if found := r.Check(); (len(found) == 0) != mayLose {
			t.Errorf("may lose %v: %v", mayLose, found)
		}
	}
}

func TestAnUnknownPublicationMayComeOnceOrNotAtAll(t *testing.T) {
	r := good()
	r.Attempts[0].Outcome = Unknown
	r.Attempts = append(r.Attempts, Attempt{ID: MakeID(3, 1), Topic: "deep:1"})
	if found := r.Check(); len(found) != 0 {
		t.Error(found)
	}
}

func TestWithoutNumbersAMoveMayBringAPublicationTwice(t *testing.T) {
	r := good()
	s := r.stream("c2", "plain:1")
	repeat(s, 5)
	at := s.Events[5].When
	s.Moves = [][2]time.Duration{{at - time.Second, at}}
	if found := r.Check(); len(found) != 0 {
		t.Error(found)
	}
	s.Moves = [][2]time.Duration{{at + time.Second, at + 2*time.Second}}
	if found := rules(r.Check()); !slices.Equal(found, []string{"twice"}) {
		t.Error("one that comes twice without a move:", found)
	}
}

func TestWithoutNumbersANewConnectionMayBringAPublicationTwice(t *testing.T) {
	r := good()
	r.PlainOrder = true
	s := r.stream("c2", "plain:1")
	s.Events = append(s.Events, Event{})
	s.Events = append(s.Events, s.Events[5:8]...)
	if found := r.Check(); len(found) != 0 {
		t.Error(found)
	}
	s.Events = append(s.Events, s.Events[6])
	if found := rules(r.Check()); !slices.Contains(found, "twice") {
		t.Error("one that comes twice on one connection:", found)
	}
}

func TestWhatIsMissedWithoutNumbersIsCounted(t *testing.T) {
	r := good()
	drop(r.stream("c1", "plain:1"), 3)
	repeat(r.stream("c2", "plain:1"), 3)
	if missed, twice := r.Plain(); missed != 1 || twice != 1 {
		t.Errorf("%d were missed and %d came twice", missed, twice)
	}
}

func TestPresenceIsComparedBothWays(t *testing.T) {
	there := map[string]int{"ann": 1, "bob": 2, "cid": 1}
	if found := CheckPresence("n1", map[string]int{"ann": 1, "bob": 2, "cid": 1}, there); len(found) != 0 {
		t.Error(found)
	}
	found := CheckPresence("n1", map[string]int{"ann": 1, "bob": 1, "dan": 1}, there)
	if len(found) != 3 || !strings.Contains(found[2].Text, "dan") {
		t.Error(found)
	}
}

func TestABodyIsReadAsItWasMadeAndNoByteMayChange(t *testing.T) {
	body := Body("deep:1", MakeID(3, 17))
	if id, err := ReadBody("deep:1", body); err != nil || id != MakeID(3, 17) {
		t.Fatal(id, err)
	}
	for i := range body {
		altered := bytes.Clone(body)
		altered[i]++
		if _, err := ReadBody("deep:1", altered); err == nil {
			t.Errorf("byte %d was changed, and not noticed: %s", i, altered)
		}
	}
	if _, err := ReadBody("deep:2", body); err == nil {
		t.Error("a body of another topic was taken")
	}
}

func TestManyFaultsOfOneCauseAreTold(t *testing.T) {
	r := good()
	for n := range uint32(100) {
		invent(r.stream("c1", "deep:1"), MakeID(5, n))
	}
	found := r.Check()
	if len(found) > 3*(mostFaults+1) {
		t.Errorf("%d faults were told", len(found))
	}
}
