package natsembed

import (
	"context"
	"net"
	"net/url"
	"time"
)

// lookupWait is how long a peer's name is looked up to tell whether it is this node.
const lookupWait = 2 * time.Second

// routes are the peers as the server wants them. One may lead to this node itself: the
// server notices.
func routes(o Options) []*url.URL {
	var all []*url.URL
	for _, p := range o.Peers {
		u := &url.URL{Scheme: "nats-route", Host: p}
		if o.Secret != "" {
			u.User = url.UserPassword(secretUser, o.Secret)
		}
		all = append(all, u)
	}
	return all
}

// secretUser is the name that goes with the secret.
const secretUser = "live"

// size is how many nodes the cluster has, by the peers.
func size(o Options) int {
	nodes := make(map[string]bool)
	self := false
	for _, p := range o.Peers {
		if !nodes[p] {
			nodes[p] = true
			self = self || isSelf(o, p)
		}
	}
	if !self {
		return len(nodes) + 1
	}
	return len(nodes)
}

// isSelf reports whether the address is this node's.
func isSelf(o Options, addr string) bool {
	if addr == o.Listen || addr == o.Advertise {
		return true
	}
	host, port, _ := net.SplitHostPort(addr)
	_, own, _ := net.SplitHostPort(o.Listen)
	if port != own {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupWait)
	defer cancel()
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false
	}
	local, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, f := range found {
		for _, l := range local {
			if n, ok := l.(*net.IPNet); ok && n.IP.Equal(f.IP) {
				return true
			}
		}
	}
	return false
}

// replicas is on how many nodes things are kept.
func replicas(o Options) int {
	switch {
	case o.Replicas > 0:
		return o.Replicas
	case o.Listen == "":
		return 1
	}
	return min(size(o), 3)
}
