package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestItWorksOverTLSWithAnHTTPClientOfTheProgram(t *testing.T) {
	r := serve(t, live.Options{})
	web := httptest.NewTLSServer(r.server.Handler())
	t.Cleanup(web.Close)
	k := newLink(t, web.Listener.Addr().String())
	c := open(t, client.Options{URL: "wss://" + k.addr(), HTTPClient: web.Client()})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	k.setDown(true)
	r.publish(t, "chat:a", 1)
	k.setDown(false)
	wants(t, s, "publication 1 #1 recovered")
	if _, err := c.Publish(soon(t), "chat:a", 2, client.PublishOptions{}); err != nil {
		t.Error(err)
	}
	wants(t, s, "publication 2 #2")
}

// plainly makes requests that nobody can watch.
type plainly struct{ http.RoundTripper }

func (p plainly) RoundTrip(r *http.Request) (*http.Response, error) {
	return p.RoundTripper.RoundTrip(r.WithContext(untold{r.Context()}))
}

// untold is a context without what it carries: it only ends.
type untold struct{ context.Context }

func (untold) Value(any) any { return nil }

func TestItWorksOverAnyTransport(t *testing.T) {
	r := serve(t, live.Options{})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := r.dial(t, client.Options{
		HTTPClient: &http.Client{Transport: plainly{transport}},
		Timeouts:   client.Timeouts{Silence: 50 * time.Millisecond, Answer: 100 * time.Millisecond, Dial: time.Second},
	})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	if _, err := c.Publish(soon(t), "chat:a", 1, client.PublishOptions{}); err != nil {
		t.Error(err)
	}
	wants(t, s, "publication 1 #1")
	r.link.setSilent(true)
	eventually(t, "it has noticed", func() bool { return c.State().Phase != client.Connected })
	r.link.setSilent(false)
	r.publish(t, "chat:a", 2)
	wantSeq(t, s, 2)
}
