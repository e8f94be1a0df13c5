package natsembed

import (
	"crypto/tls"
	"fmt"
	"net"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
)

// config makes the server's own options.
func config(o Options, name, dir string) (*server.Options, error) {
	c := &server.Options{
		ServerName:             name,
		DontListen:             o.Client == "",
		JetStream:              true,
		StoreDir:               dir,
		JetStreamMaxMemory:     o.MaxMemory,
		JetStreamMaxStore:      o.MaxDisk,
		SyncAlways:             o.SyncAlways,
		SyncInterval:           o.SyncInterval,
		MaxPayload:             int32(o.MaxPayload),
		MaxPending:             int64(max(64<<20, 4*o.MaxPayload)),
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	}
	if o.Client != "" {
		host, port, err := hostPort(o.Client)
		if err != nil {
			return nil, fmt.Errorf("natsembed: Client: %w", err)
		}
		c.Host, c.Port = host, port
	}
	if o.Listen == "" {
		return c, nil
	}
	if o.Client == "" {
		// The server joins a cluster only once it listens for clients.
		c.DontListen, c.Host, c.Port = false, "127.0.0.1", server.RANDOM_PORT
		c.CustomClientAuthentication = insiders{}
	}
	host, port, err := hostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("natsembed: Listen: %w", err)
	}
	c.Cluster = server.ClusterOpts{
		Name: o.Cluster, Host: host, Port: port, Advertise: o.Advertise,
		TLSConfig: bothWays(o.TLS), TLSTimeout: 5, AuthTimeout: 5,
	}
	if o.Secret != "" {
		c.Cluster.Username, c.Cluster.Password = secretUser, o.Secret
	}
	c.Routes = routes(o)
	return c, nil
}

// insiders lets in who is in this process, and nobody else.
type insiders struct{}

// Check is called by the server for each who connects.
func (insiders) Check(c server.ClientAuthentication) bool {
	a := c.RemoteAddress()
	return a != nil && a.Network() == "pipe"
}

// bothWays has each node ask for the other's certificate.
func bothWays(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.ClientAuth = tls.RequireAndVerifyClientCert
	if c.ClientCAs == nil {
		c.ClientCAs = c.RootCAs
	}
	return c
}

// hostPort splits an address; port 0 is any free one.
func hostPort(addr string) (string, int, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return "", 0, fmt.Errorf("port %q is not a number", text)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	if host == "" {
		host = "0.0.0.0"
	}
	return host, port, nil
}
