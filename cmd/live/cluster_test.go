package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livetopics/live/cmd/live/internal/wstest"
)

// freeAddrs are addresses where nobody listens.
func freeAddrs(t *testing.T, n int) []string {
	t.Helper()
	var addrs []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at the end, so that they differ
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// nodeArgs are the flags of the i-th node.
func nodeArgs(t *testing.T, addrs []string, i int) []string {
	return []string{
		"--cluster-listen=" + addrs[i], "--cluster-peers=" + strings.Join(addrs, ","),
		"--cluster-secret=s3cret", "--cluster-dir=" + t.TempDir(), fmt.Sprint("--node=node", i), "--drain=5s",
	}
}

// readiness asks a node whether it takes clients.
func readiness(t *testing.T, addr string) (status int, text string) {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(b)
}

// untilReady waits until a node's readiness is as wanted.
func untilReady(t *testing.T, addr string, want int) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		status, text := readiness(t, addr)
		if status == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: readiness is %d %q, want %d", addr, status, text, want)
		}
		<-tick.C
	}
}

func TestThreeNodesAreOneChat(t *testing.T) {
	addrs := freeAddrs(t, 3)
	var nodes []*process
	for i := range addrs {
		nodes = append(nodes, begin(t, nodeArgs(t, addrs, i)...))
	}
	var clients []*wstest.Client
	for i, n := range nodes {
		untilReady(t, n.addr, http.StatusOK)
		c := wstest.Dial(t, n.addr)
		c.SendText(fmt.Sprintf(`{"op":"call","id":1,"topic":"name","data":{"name":"person%d"}}`, i))
		var name struct{ ID int }
		c.NextInto(&name)
		enter(t, c)
		clients = append(clients, c)
	}
	clients[1].SendText(`{"op":"publish","topic":"chat:lobby","data":{"text":"hi"}}`)
	for i, c := range clients {
		var said struct{ From, Text string }
		c.Expect("chat:lobby", &said)
		if said.From != "person1" || said.Text != "hi" {
			t.Errorf("node %d: heard %+v", i, said)
		}
	}
	nodes[0].signal(syscall.SIGTERM)
	var event struct{ Event string }
	if clients[0].NextInto(&event); event.Event != "drain" {
		t.Errorf("before it shuts down the node says %+v", event)
	}
	untilReady(t, nodes[0].addr, http.StatusServiceUnavailable)
	clients[0].Hangup()
	if code, errs := nodes[0].wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, errs)
	}
	clients[2].SendText(`{"op":"publish","topic":"chat:lobby","data":{"text":"still here"}}`)
	var said struct{ From, Text string }
	clients[1].Expect("chat:lobby", &said)
	if said.Text != "still here" {
		t.Errorf("after one node has gone: heard %+v", said)
	}
}

// enter subscribes to the lobby, as soon as the cluster can answer for it.
func enter(t *testing.T, c *wstest.Client) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		c.SendText(`{"op":"subscribe","id":2,"topic":"chat:lobby"}`)
		var answer struct{ Error struct{ Code string } }
		c.NextInto(&answer)
		if answer.Error.Code == "" {
			return
		}
		if answer.Error.Code != "unavailable" || time.Now().After(deadline) {
			t.Fatalf("subscribe is answered %+v", answer)
		}
	}
}

func TestANodeOpenToEverybodyIsRefused(t *testing.T) {
	code, _, errs := output("serve", "--addr=127.0.0.1:0", "--cluster-listen=0.0.0.0:0", "--cluster-peers=127.0.0.1:1")
	if code != exitFailed || !strings.Contains(errs, "anybody could join") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestABrokerThatIsAwayAtTheStartIsWaitedFor(t *testing.T) {
	for _, broker := range []string{"nats://127.0.0.1:1", "redis://127.0.0.1:1"} {
		p := begin(t, "--broker="+broker)
		if status, text := readiness(t, p.addr); status != http.StatusServiceUnavailable {
			t.Errorf("%s: readiness is %d %q", broker, status, text)
		}
		p.signal(syscall.SIGTERM)
		if code, errs := p.wait(); code != 0 {
			t.Errorf("%s: exit code %d: %s", broker, code, errs)
		}
	}
}
