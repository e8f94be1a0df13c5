package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/test/chaos/internal/link"
)

// Node is one node and its links.
type Node struct {
	*Process
	Clients *link.Link   // from clients to it
	Broker  []*link.Link // from it to redis-server, or to the other nodes

	addr atomic.Pointer[string] // where it listens itself
}

// URL is where clients connect, by way of the link. user names the user.
func (n *Node) URL(user string) string {
	return "ws://" + n.Clients.Addr() + "/ws?user=" + user
}

// Addr is where it listens itself, beside the link.
func (n *Node) Addr() string {
	if addr := n.addr.Load(); addr != nil {
		return *addr
	}
	return ""
}

// Start starts the node, and has its link lead to it.
func (n *Node) Start(ctx context.Context) error {
	addr, err := n.Process.Start(ctx)
	if err != nil {
		return err
	}
	n.addr.Store(&addr)
	n.Clients.To(addr)
	return nil
}

// Kill ends it without a word.
func (n *Node) Kill() {
	n.Process.Kill()
	n.Clients.To("")
}

// Terminate asks it to end, and waits. New clients are led to another node meanwhile, as
// a load balancer does, or nowhere if that is nil.
func (n *Node) Terminate(patience time.Duration, instead *Node) error {
	after := ""
	if instead != nil {
		after = instead.Addr()
		n.Clients.To(after)
	}
	err := n.Process.Terminate(patience)
	n.Clients.To(after)
	return err
}

// asking is for questions to nodes, each on a connection of its own.
var asking = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// get asks a node something beside the link, and returns the body of a 200.
func (n *Node) get(path string) ([]byte, error) {
	answer, err := asking.Get("http://" + n.Addr() + path)
	if err != nil {
		return nil, fmt.Errorf("asking %s for %s: %w", n.Name, path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %.200s", answer.StatusCode, body)
	}
	if err != nil {
		return nil, fmt.Errorf("asking %s for %s: %w", n.Name, path, err)
	}
	return body, nil
}

// Healthy returns nil if the node says that it is well and takes clients.
func (n *Node) Healthy() error {
	for _, path := range []string{"/healthz", "/readyz"} {
		if _, err := n.get(path); err != nil {
			return err
		}
	}
	return nil
}

// Sessions asks how many sessions the node has.
func (n *Node) Sessions() (int, error) {
	body, err := n.get("/stats")
	if err != nil {
		return 0, err
	}
	var stats struct{ Sessions int }
	if err := json.Unmarshal(body, &stats); err != nil {
		return 0, fmt.Errorf("reading the stats of %s: %w", n.Name, err)
	}
	return stats.Sessions, nil
}

// Stats asks for all that the node counts, as JSON.
func (n *Node) Stats() (string, error) {
	body, err := n.get("/stats")
	return string(body), err
}
