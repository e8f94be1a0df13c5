package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// user is what OnAuth knows of a connection, and a session's Value.
type user struct {
	ID    string
	Teams []string
	Admin bool
}

// users says whose token it is. A real program asks its session store, or checks a signature.
var users = map[string]user{
	"token-of-ann": {ID: "ann", Teams: []string{"red"}},
	"token-of-bob": {ID: "bob", Admin: true},
}

// canSubscribe is the whole of the rule, and nothing else: it is easy to read, to test, and to find. A topic
// that no case names is forbidden, so that a new kind of topic is closed until somebody opens it.
func canSubscribe(u user, topic string) bool {
	kind, rest, _ := strings.Cut(topic, ":")
	switch kind {
	case "public":
		return true
	case "user":
		return rest == u.ID
	case "team":
		return slices.Contains(u.Teams, rest)
	case "admin":
		return u.Admin
	}
	return false
}

func authenticate(_ context.Context, r *http.Request) (any, error) {
	u, ok := users[r.URL.Query().Get("token")]
	if !ok {
		return nil, errors.New("no such token")
	}
	return u, nil
}
