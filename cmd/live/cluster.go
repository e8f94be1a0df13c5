package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
	"github.com/livetopics/live/broker/redisbroker"
)

// clustering is the flags by which several servers become one.
type clustering struct {
	Broker string `placeholder:"URL" help:"Share publications with other servers by nats://HOST:4222 or redis://HOST:6379 (tls://, rediss://; several with commas). Without it and --cluster-listen this server is alone."`
	Node   string `placeholder:"NAME" help:"What people call this server among others; the host's name by default."`

	ClusterListen string   `placeholder:"HOST:PORT" help:"Be a node of a cluster that needs nothing else: NATS runs inside, and other nodes connect here."`
	ClusterPeers  []string `placeholder:"HOST:PORT" help:"The addresses of all nodes, this one's may be among them."`
	ClusterDir    string   `placeholder:"DIR" help:"Where a node keeps what topics remember, and its name. Without it that is in memory."`
	ClusterSecret string   `placeholder:"TEXT" help:"What nodes know each other by; better in LIVE_CLUSTER_SECRET than on the command line."`
	ClusterCert   string   `placeholder:"FILE" help:"This node's certificate, for TLS between nodes; --cluster-key and --cluster-ca go with it."`
	ClusterKey    string   `placeholder:"FILE" help:"The certificate's key."`
	ClusterCA     string   `name:"cluster-ca" placeholder:"FILE" help:"Whose certificates other nodes have to show."`
	ClusterSync   bool     `help:"Have each publication on disk before it is acknowledged: slower, and safe when the power fails on all nodes at once."`
}

// schemes are those of a broker's URL, and what opens it.
var schemes = map[string]string{"nats": "nats", "tls": "nats", "ws": "nats", "wss": "nats", "redis": "redis", "rediss": "redis"}

// check refuses flags that do not go together.
func (c *clustering) check() error {
	switch {
	case c.Broker != "" && c.ClusterListen != "":
		return errors.New("--broker and --cluster-listen are both given: the one is a server elsewhere, the other has it inside")
	case c.ClusterListen == "" && (len(c.ClusterPeers) > 0 || c.ClusterDir != "" || c.ClusterSecret != "" || c.ClusterCert != ""):
		return errors.New("a node of a cluster needs --cluster-listen=HOST:PORT, where other nodes connect to it")
	case (c.ClusterCert == "") != (c.ClusterKey == "") || (c.ClusterCert == "") != (c.ClusterCA == ""):
		return errors.New("--cluster-cert, --cluster-key and --cluster-ca go together")
	}
	if c.Broker != "" {
		if _, err := c.scheme(); err != nil {
			return err
		}
	}
	for _, addr := range append([]string{c.ClusterListen}, c.ClusterPeers...) {
		if addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("%s is not the address of a node: write HOST:PORT, for example 10.0.0.1:6222", addr)
		}
	}
	return nil
}

// scheme returns which broker the URL is of.
func (c *clustering) scheme() (string, error) {
	for _, one := range strings.Split(c.Broker, ",") {
		u, err := url.Parse(one)
		if err != nil || schemes[u.Scheme] == "" || u.Host == "" {
			return "", fmt.Errorf("--broker=%s is not a broker's URL: write nats://HOST:4222 or redis://HOST:6379", hidden(one))
		}
	}
	scheme, _, _ := strings.Cut(c.Broker, "://")
	return schemes[scheme], nil
}

// alone reports whether this server is no part of a cluster.
func (c *clustering) alone() bool { return c.Broker == "" && c.ClusterListen == "" }

// opened is a cluster's broker, and what runs inside this process for it.
type opened struct {
	open  broker.Open // nil: memory
	about string      // for people; "" for a server that is alone
	close func(context.Context) error
}

// open starts what the flags ask for.
func (c *clustering) open(log *slog.Logger) (opened, error) {
	nothing := func(context.Context) error { return nil }
	if c.alone() {
		return opened{close: nothing}, nil
	}
	if c.ClusterListen != "" {
		return c.embed(log)
	}
	scheme, err := c.scheme()
	if err != nil {
		return opened{}, err
	}
	o := opened{about: "shares " + hidden(c.Broker), close: nothing}
	if scheme == "redis" {
		o.open = redisbroker.New(redisbroker.Options{URL: c.Broker, Logger: log})
	} else {
		o.open = natsbroker.New(natsbroker.Options{URL: c.Broker, Logger: log})
	}
	return o, nil
}

// embed starts a node of NATS inside this process.
func (c *clustering) embed(log *slog.Logger) (opened, error) {
	certificates, err := c.tls()
	if err != nil {
		return opened{}, err
	}
	node, err := natsembed.Start(natsembed.Options{
		Dir: c.ClusterDir, Listen: c.ClusterListen, Peers: c.ClusterPeers,
		Secret: c.ClusterSecret, TLS: certificates, SyncAlways: c.ClusterSync, Logger: log,
	})
	if err != nil {
		return opened{}, fmt.Errorf("start this node of the cluster: %w", err)
	}
	about := fmt.Sprintf("node %s at %s, histories on %d", node.Name(), node.Addr(), node.Replicas())
	return opened{node.Broker(natsbroker.Options{Logger: log}), about, node.Shutdown}, nil
}

// tls reads the nodes' certificates, nil if there are none.
func (c *clustering) tls() (*tls.Config, error) {
	if c.ClusterCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.ClusterCert, c.ClusterKey)
	if err != nil {
		return nil, fmt.Errorf("read the node's certificate: %w", err)
	}
	pem, err := os.ReadFile(c.ClusterCA)
	if err != nil {
		return nil, fmt.Errorf("read the nodes' authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--cluster-ca=%s has no certificate in it", c.ClusterCA)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}, nil
}

// hidden is URLs without their passwords.
func hidden(urls string) string {
	var list []string
	for _, one := range strings.Split(urls, ",") {
		if u, err := url.Parse(one); err == nil {
			one = u.Redacted()
		} else {
			one = "…"
		}
		list = append(list, one)
	}
	return strings.Join(list, ",")
}
