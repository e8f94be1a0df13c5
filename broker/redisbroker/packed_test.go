package redisbroker_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
)

func TestAPublicationComesBackAsItWasPacked(t *testing.T) {
	for _, m := range []broker.Message{
		{},
		{Data: []byte("1")},
		{Key: "k", Origin: "o", Data: []byte(`{"n":1}`)},
		{Key: strings.Repeat("k", 128), Origin: strings.Repeat("o", 300), Data: bytes.Repeat([]byte{0, 255}, 1000)},
	} {
		packed := redisbroker.Pack(&m)
		_, _, p, err := redisbroker.Unpack("p" + packed)
		if err != nil || p.Key != m.Key || p.Origin != m.Origin || !bytes.Equal(p.Data, m.Data) {
			t.Errorf("%+v comes back as %+v, %v", m, p, err)
		}
		epoch, _, p, err := redisbroker.Unpack("hE1:7:99:" + packed)
		if err != nil || epoch != "E1" || p.Seq != 7 || p.At != 99 || !bytes.Equal(p.Data, m.Data) {
			t.Errorf("with history %+v comes back as %s %+v, %v", m, epoch, p, err)
		}
		_, id, p, err := redisbroker.Unpack("wid7:" + packed)
		if err != nil || id != "id7" || !bytes.Equal(p.Data, m.Data) {
			t.Errorf("two ways %+v comes back as %s %+v, %v", m, id, p, err)
		}
		p, err = redisbroker.UnpackEntry("7-99", packed)
		if err != nil || p.Seq != 7 || p.At != 99 || p.Key != m.Key {
			t.Errorf("of the stream %+v comes back as %+v, %v", m, p, err)
		}
	}
}

func TestWhatIsNoPublicationIsRefused(t *testing.T) {
	for _, s := range []string{
		"", "x", "p", "p\x00", "p\x05abc", "p\xff\xff\xff\xff\xff\xff", "h", "hE", "hE:1", "hE:1:2", "hE:0:2:\x00\x00",
		"hE:x:2:\x00\x00", "hE:1:x:\x00\x00", "h:1:2:\x00\x00", "hE:9007199254740993:2:\x00\x00", "w:\x00\x00", "wid",
	} {
		if _, _, p, err := redisbroker.Unpack(s); err == nil {
			t.Errorf("%q is taken for %+v", s, p)
		}
	}
	for _, id := range []string{"", "1", "-", "x-1", "1-x"} {
		if p, err := redisbroker.UnpackEntry(id, "\x00\x00"); err == nil {
			t.Errorf("%q is taken for %+v", id, p)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add("p\x01k\x01odata")
	f.Add("hE:1:2:\x00\x00data")
	f.Add("wid:\x00\x00")
	f.Fuzz(func(t *testing.T, s string) {
		epoch, id, p, err := redisbroker.Unpack(s)
		if err != nil {
			return
		}
		head := "p"
		if epoch != "" {
			head = fmt.Sprintf("h%s:%d:%d:", epoch, p.Seq, p.At)
		} else if id != "" {
			head = "w" + id + ":"
		}
		again := head + redisbroker.Pack(&broker.Message{Key: p.Key, Origin: p.Origin, Data: p.Data})
		epoch2, id2, p2, err := redisbroker.Unpack(again)
		if err != nil || epoch2 != epoch || id2 != id || p2.Seq != p.Seq || p2.At != p.At ||
			p2.Key != p.Key || p2.Origin != p.Origin || !bytes.Equal(p2.Data, p.Data) {
			t.Errorf("%q became %q: %v", s, again, err)
		}
	})
}
