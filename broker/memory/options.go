package memory

import "time"

// Options sets a broker's limits. Zero is the default, and -1 none.
type Options struct {
	// MaxBytes is how much memory all histories may take together, 256 MiB by
	// default. Beyond it, the topics that were published to least recently
	// lose their oldest publications.
	MaxBytes int64

	// DedupWindow is how long a repeated Dedup is recognized, two minutes by
	// default. With -1 no repeat is.
	DedupWindow time.Duration

	// Linger is how long the epoch and the numbers of a topic are remembered
	// after its last publication has gone from its history, ten minutes by
	// default and never less than DedupWindow. A topic that is followed or has
	// members is not forgotten.
	Linger time.Duration
}

// The defaults of Options.
const (
	DefaultMaxBytes    int64 = 256 << 20
	DefaultDedupWindow       = 2 * time.Minute
	DefaultLinger            = 10 * time.Minute
)

// limits are Options with the defaults filled in.
type limits struct {
	bytes  int64 // 0: no limit
	dedup  int64 // in milliseconds; 0: none
	linger int64 // in milliseconds; 0: none
}

func (o Options) limits() limits {
	l := limits{bytes: DefaultMaxBytes}
	if o.MaxBytes != 0 {
		l.bytes = max(o.MaxBytes, 0)
	}
	l.dedup = milliseconds(o.DedupWindow, DefaultDedupWindow)
	l.linger = max(milliseconds(o.Linger, DefaultLinger), l.dedup)
	return l
}

// milliseconds returns d, or otherwise if d is 0, or 0 if it is negative.
func milliseconds(d, otherwise time.Duration) int64 {
	if d == 0 {
		d = otherwise
	}
	return wholeMilliseconds(max(d, 0))
}

// wholeMilliseconds rounds up, so that a small span does not become none.
func wholeMilliseconds(d time.Duration) int64 {
	n := d.Milliseconds()
	if time.Duration(n)*time.Millisecond < d {
		n++
	}
	return n
}
