package natsembed

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Options says what a node is. The zero Options is a single node in memory.
type Options struct {
	// Dir is where the node keeps its name and its data. "" keeps nothing: data are in
	// memory, and the name is another at each start.
	Dir string

	// Name tells the nodes of a cluster apart and must stay the same. By default one is
	// made and kept in Dir.
	Name string

	// Listen is the address for the other nodes, host:port; an empty host is all of the
	// machine's. "" is a single node.
	Listen string

	// Peers are the addresses of the nodes, host:port, this one's among them or not.
	Peers []string

	// Advertise is the address that other nodes are told to reach this one by, where
	// that is not Listen.
	Advertise string

	// Cluster is the name of the cluster, "live" by default. Nodes of another cluster are refused.
	Cluster string

	// Secret is what nodes know each other by. It is sent as it is: use TLS too on a
	// network that others can listen to.
	Secret string

	// TLS has this node's certificate, and in RootCAs those whom it trusts: each node has
	// to show a certificate of theirs to the other, whichever of them connects.
	TLS *tls.Config

	// Insecure allows nodes that anybody can join, on an address that others can reach.
	Insecure bool

	// Replicas is on how many nodes histories are kept: 1, 3 or 5; by default on as many
	// as there are nodes, three at most.
	Replicas int

	// SyncAlways has each publication be on disk before it is acknowledged. See the
	// package comment.
	SyncAlways bool

	// SyncInterval is how often else things are made sure to be on disk, two minutes by
	// default.
	SyncInterval time.Duration

	// MaxMemory bounds in bytes what is kept in memory, one GiB by default. Publishing to
	// topics with history fails when it is used up.
	MaxMemory int64

	// MaxDisk bounds in bytes what is kept in Dir, three quarters of what the disk has free
	// by default.
	MaxDisk int64

	// MaxPayload is the largest publication in bytes, 17 MiB by default.
	MaxPayload int

	// Client is an address to open for clients of NATS, such as the nats command; anybody
	// who reaches it may do anything. "" opens none.
	Client string

	// Logger gets the server's log, its notices as Debug. nil logs nothing.
	Logger *slog.Logger
}

// What Options have by default.
const (
	DefaultMaxMemory  = 1 << 30
	DefaultMaxPayload = 17 << 20
)

func (o Options) withDefaults() Options {
	if o.Cluster == "" {
		o.Cluster = "live"
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = DefaultMaxMemory
	}
	if o.MaxPayload == 0 {
		o.MaxPayload = DefaultMaxPayload
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// check refuses what cannot work, or is open to all by mistake.
func (o Options) check() error {
	if o.Listen == "" {
		if len(o.Peers) > 0 {
			return errors.New("natsembed: Peers without Listen: a node of a cluster needs an address for the others")
		}
		return nil
	}
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("natsembed: Listen is not host:port: %w", err)
	}
	if len(o.Peers) == 0 {
		return errors.New("natsembed: Listen without Peers: a cluster needs to know its nodes")
	}
	for _, p := range o.Peers {
		if _, _, err := net.SplitHostPort(p); err != nil {
			return fmt.Errorf("natsembed: peer %q is not host:port: %w", p, err)
		}
	}
	if o.Secret == "" && o.TLS == nil && !o.Insecure && !loopback(host) {
		return fmt.Errorf("natsembed: anybody could join the cluster at %s: set Secret or TLS, listen on 127.0.0.1, or say Insecure", o.Listen)
	}
	if strings.ContainsAny(o.Name+o.Cluster, " \t\r\n.*>/\\") {
		return errors.New("natsembed: Name and Cluster must be without spaces and . * > / \\")
	}
	if o.Replicas < 0 || o.Replicas > 5 {
		return fmt.Errorf("natsembed: Replicas is %d, and can be 1 to 5", o.Replicas)
	}
	return nil
}

// loopback reports whether only this machine reaches the host.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
