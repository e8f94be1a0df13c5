package memory

import "crypto/rand"

// epoch is shared by all topics made under it. A new one begins when a topic of
// it is forgotten that was published to, so that a later topic of that name has
// another.
type epoch struct{ name string }

// epochLength is how many of the 32 letters and digits an epoch's name has: 60
// random bits.
const epochLength = 12

func newEpoch() *epoch { return &epoch{name: rand.Text()[:epochLength]} }
