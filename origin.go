package live

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// originPattern is an entry of Options.Origins.
type originPattern struct {
	scheme, host string // host with its port, if it has one
	subdomains   bool   // the host ends in "." + host
	any          bool
}

func parseOrigins(list []string) ([]originPattern, error) {
	var patterns []originPattern
	for _, entry := range list {
		if entry == "*" {
			patterns = append(patterns, originPattern{any: true})
			continue
		}
		scheme, host, ok := strings.Cut(strings.ToLower(entry), "://")
		host, subdomains := strings.CutPrefix(host, "*.")
		if !ok || scheme == "" || host == "" || strings.ContainsAny(host, "/*?#@") {
			return nil, fmt.Errorf("live: Options.Origins: %q is no origin: write https://example.com, https://*.example.com or *", entry)
		}
		patterns = append(patterns, originPattern{scheme: scheme, host: host, subdomains: subdomains})
	}
	return patterns, nil
}

// originAllowed decides whether a browser may connect: a page of another site could
// else open a session with the cookies of whoever looks at it (RFC 6455, section 10.2).
func (s *Server) originAllowed(r *http.Request) bool {
	if s.opts.CheckOrigin != nil {
		return s.opts.CheckOrigin(r)
	}
	given := r.Header.Values("Origin")
	if len(given) == 0 {
		return true // not a browser
	}
	if len(given) > 1 {
		return false
	}
	u, err := url.Parse(strings.ToLower(given[0]))
	if err != nil {
		return false
	}
	if u.Host != "" && u.Host == strings.ToLower(r.Host) {
		return true
	}
	for _, p := range s.origins {
		if p.matches(u) {
			return true
		}
	}
	return false
}

func (p originPattern) matches(u *url.URL) bool {
	switch {
	case p.any:
		return true
	case p.scheme != u.Scheme:
		return false
	case p.subdomains:
		return strings.HasSuffix(u.Host, "."+p.host)
	}
	return p.host == u.Host
}
