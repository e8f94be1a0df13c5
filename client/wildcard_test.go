package client_test

import (
	"testing"

	"github.com/livetopics/live/client"
)

func TestWildcardsMatch(t *testing.T) {
	for _, c := range []struct {
		wildcard, topic string
		want            bool
	}{
		{"orders:*", "orders:7", true},
		{"orders:*", "orders", false},
		{"orders:*", "orders:7:a", false},
		{"orders:*", "order:7", false},
		{"orders:**", "orders:7", true},
		{"orders:**", "orders:7:a", true},
		{"orders:**", "orders", false},
		{"*:7", "orders:7", true},
		{"*:7", "orders:8", false},
		{"a:*:c", "a:b:c", true},
		{"a:*:c", "a:b:c:d", false},
		{"*", "a", true},
		{"**", "a:b", true},
		{"**", "$sys:a", false},
		{"$sys:*", "$sys:a", true},
	} {
		if got := client.Matches(c.wildcard, c.topic); got != c.want {
			t.Errorf("%s matches %s: %v", c.wildcard, c.topic, got)
		}
	}
}
