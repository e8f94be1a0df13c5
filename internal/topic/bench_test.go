package topic_test

import (
	"testing"

	"github.com/livetopics/live/internal/topic"
)

func BenchmarkValid(b *testing.B) {
	for _, name := range []string{"a", "chat:room:1234567890", "chat:räume:größe:日本"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := topic.Valid(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
