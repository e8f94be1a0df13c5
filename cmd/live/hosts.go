package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// hosts are the names that requests may come for. A web page can have its own
// name resolve to 127.0.0.1 and would then be of the same origin as a server
// there, so a server on loopback answers only names that nobody else can own.
type hosts struct {
	all   bool
	names map[string]bool
}

// newHosts returns the names to answer for a server at that address: on loopback
// those of loopback and the added ones; elsewhere all, unless some are added,
// which then hold besides those of loopback.
func newHosts(at *net.TCPAddr, added []string) hosts {
	h := hosts{
		all:   !at.IP.IsLoopback() && len(added) == 0,
		names: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, at.IP.String(): true},
	}
	for _, name := range added {
		h.names[hostname(name)] = true
	}
	return h
}

// only passes requests for these hosts on to next and refuses others with 403.
func (h hosts) only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := hostname(r.Host); !h.all && !h.names[name] {
			plain(w, http.StatusForbidden, fmt.Sprintf(
				"This server does not answer for the host %q. If it should: live serve --host=%s\n", name, name))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostname returns a Host header's name in lower case, without port, brackets
// and the final dot: RFC 9110, section 7.2.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
