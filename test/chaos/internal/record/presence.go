package record

import (
	"maps"
	"slices"
)

// CheckPresence compares who is shown on a topic with who is there: the number of
// sessions of each user. where says who showed it.
func CheckPresence(where string, shown, there map[string]int) []Fault {
	var found faults
	users := maps.Clone(shown)
	maps.Copy(users, there)
	for _, user := range slices.Sorted(maps.Keys(users)) {
		switch {
		case there[user] == 0:
			found.add("presence", "%s shows %s with %d sessions, who is gone", where, user, shown[user])
		case shown[user] == 0:
			found.add("presence", "%s does not show %s, who has %d sessions", where, user, there[user])
		case shown[user] != there[user]:
			found.add("presence", "%s shows %s with %d sessions, who has %d", where, user, shown[user], there[user])
		}
	}
	return found.all()
}
