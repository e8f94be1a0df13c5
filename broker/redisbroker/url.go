package redisbroker

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Times of the connections. An answer that does not come within answerTimeout breaks
// the connection, and all calls that wait on it fail.
const (
	dialTimeout   = 2 * time.Second
	answerTimeout = 2 * time.Second
	pingEvery     = time.Second
)

// clientOptions makes the options of the connections.
func (o Options) clientOptions() (rueidis.ClientOption, error) {
	c, err := parseURL(o.URL)
	if err != nil {
		return c, err
	}
	c.Dialer.Timeout = dialTimeout
	c.Dialer.KeepAlive = pingEvery
	c.ConnWriteTimeout = answerTimeout
	c.DisableCache = true
	c.DisableRetry = true // the broker's own is bounded
	// Without it the first calls would each own the connection, and one that ends early
	// would close it.
	c.AlwaysPipelining = true
	c.ShuffleInit = len(c.InitAddress) > 1
	c.ClusterOption.ShardsRefreshInterval = 2 * time.Second // until then a new server is not known
	c.ClusterOption.MaxMovedRedirections = 5
	if c.Sentinel.MasterSet != "" {
		c.Sentinel.TopologyRefreshInterval = 5 * time.Second
	}
	if o.Client != nil {
		o.Client(&c)
	}
	return c, nil
}

// parseURL reads a URL, or several with commas between.
func parseURL(s string) (all rueidis.ClientOption, err error) {
	if s == "" {
		s = "redis://127.0.0.1:6379"
	}
	parts, err := splitURL(s)
	if err != nil {
		return all, err
	}
	for i, part := range parts {
		one, err := rueidis.ParseURL(part)
		if err != nil {
			return all, errors.New("redisbroker: the URL is not one of a server: " + withoutURL(err))
		}
		if i == 0 {
			all = one
			continue
		}
		if one.SelectDB != 0 {
			all.SelectDB = one.SelectDB
		}
		for _, addr := range one.InitAddress {
			if !slices.Contains(all.InitAddress, addr) {
				all.InitAddress = append(all.InitAddress, addr)
			}
		}
	}
	if len(all.InitAddress) > 1 && all.SelectDB != 0 && all.Sentinel.MasterSet == "" {
		return all, fmt.Errorf("redisbroker: the URL names database %d, and a cluster has none but 0", all.SelectDB)
	}
	return all, nil
}

// splitURL makes URLs of one host each: of a list, or of one with several hosts.
func splitURL(s string) ([]string, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return nil, errors.New("redisbroker: the URL has no scheme such as redis://")
	}
	if strings.Contains(rest, "://") {
		parts := strings.Split(s, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return parts, nil
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		end = i
	}
	hosts, tail := rest[:end], rest[end:]
	user := ""
	if i := strings.LastIndexByte(hosts, '@'); i >= 0 {
		user, hosts = hosts[:i+1], hosts[i+1:]
	}
	var parts []string
	for host := range strings.SplitSeq(hosts, ",") {
		parts = append(parts, scheme+"://"+user+strings.TrimSpace(host)+tail)
	}
	return parts, nil
}

// withoutURL is the error's text without the URL, which may have a password.
func withoutURL(err error) string {
	var inner interface{ Unwrap() error }
	if errors.As(err, &inner) && inner.Unwrap() != nil {
		return inner.Unwrap().Error()
	}
	return err.Error()
}
