//go:build servers

package redisbroker_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// lifeOf is how long a key has to live; -1 s is for ever, -2 s that it is not there.
func lifeOf(t *testing.T, server *redistest.Server, key string) time.Duration {
	t.Helper()
	n, err := strconv.Atoi(server.Do("PTTL", key))
	if err != nil {
		t.Fatal(err)
	}
	if n < 0 {
		return time.Duration(n) * time.Second
	}
	return time.Duration(n) * time.Millisecond
}

func TestKeysOutliveTheirPublicationsByTenMinutes(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	for name, h := range map[string]broker.History{"hour": {Size: 5, Age: time.Hour}, "second": {Size: 5, Age: time.Second}, "ever": {Size: 5}} {
		if _, err := b.History(t.Context(), name, h, broker.Query{}); err != nil {
			t.Fatal(err)
		}
		if life := lifeOf(t, server, "live:{"+name+"}:m"); life < 9*time.Minute {
			t.Errorf("%s: the numbers of what was never published to live for %v", name, life)
		}
		if _, err := b.Publish(t.Context(), &broker.Message{Topic: name, Data: []byte("1"), Dedup: "d", History: h}); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{":m", ":s"} {
			life := lifeOf(t, server, "live:{"+name+"}"+key)
			if least := h.Age + 10*time.Minute; h.Age == 0 && life != -time.Second || h.Age > 0 && (life < least-time.Minute || life > least+4*time.Minute) {
				t.Errorf("%s: the key %s lives for %v", name, key, life)
			}
		}
		if life := lifeOf(t, server, "live:{"+name+"}:d:d"); life < time.Minute || life > 2*time.Minute {
			t.Errorf("%s: a Dedup lives for %v", name, life)
		}
	}
}

func TestWhatIsFollowedDoesNotExpire(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL(), CheckEvery: 64 * time.Millisecond}, nil)
	h := broker.History{Size: 5, Age: time.Second}
	follow(t, b, "a", h)
	if _, err := b.Publish(t.Context(), &broker.Message{Topic: "a", Data: []byte("1"), History: h}); err != nil {
		t.Fatal(err)
	}
	server.Do("PEXPIRE", "live:{a}:m", "60000")
	eventually(t, "renewal", func() bool { return lifeOf(t, server, "live:{a}:m") > 9*time.Minute })
}

func TestEvenASmallHistoryOfManyPublicationsStaysSmall(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	h := broker.History{Size: 3, Age: time.Hour}
	for range 2000 {
		if _, err := b.Publish(t.Context(), &broker.Message{Topic: "a", Data: make([]byte, 100), History: h}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := strconv.Atoi(server.Do("XLEN", "live:{a}:s")); err != nil || n > 120 {
		t.Errorf("%d are stored, %v", n, err)
	}
	if p, err := b.History(t.Context(), "a", h, broker.Query{Limit: 100}); err != nil || len(p.Publications) != 3 || p.Floor != 1997 {
		t.Errorf("%d are shown after %d, %v", len(p.Publications), p.Floor, err)
	}
}
