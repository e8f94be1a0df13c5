package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Options of a Client. Only URL or URLs must be set. For numbers and durations 0 is the
// default.
type Options struct {
	// URL is the address of the server: "wss://example.com/ws". Its query is kept.
	URL string

	// URLs are addresses of servers of one cluster, besides URL. They are tried in a
	// random order, the next at once after one that fails.
	URLs []string

	// ID names this client over its reconnects: at most 64 bytes. Random by default.
	ID string

	// Token is called for each attempt to connect, and returns the credentials: "" for
	// none. An error counts as a failed attempt. ctx ends when the attempt is given up.
	Token func(ctx context.Context) (string, error)

	// Header is sent with each handshake.
	Header http.Header

	// HTTPClient makes the handshakes. By default the client has one of its own, with
	// the settings of http.DefaultTransport. Its Timeout bounds a handshake; its Transport
	// must give up when the context of a request ends.
	HTTPClient *http.Client

	// DialContext makes the connections of the client's own HTTPClient.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// Backoff is how long to wait before coming back.
	Backoff Backoff

	// ReadLimit is the largest message in bytes that is taken from the server; 64 MiB by
	// default. A larger one ends the client with code 1009: it would come again.
	ReadLimit int64

	// WriteLimit is the largest message in bytes that is sent to the server; 64 KiB by
	// default, as much as a server takes by default. A larger one is refused with
	// ErrTooLarge: the server would end the client for good, with code 1009.
	WriteLimit int

	// Requests is how many requests may be under way at once; 1024 by default. The next
	// ones wait.
	Requests int

	// Timeouts are how long the server may take.
	Timeouts Timeouts

	// Buffer and BufferBytes bound what Client.Messages has not taken yet, as those of
	// SubscribeOptions do.
	Buffer, BufferBytes int

	// OnState is told of every change of the connection, one at a time and in order. It
	// must return soon, and must not call Close. The client does not come back while it
	// runs.
	OnState func(State)

	// Logger is told of connections that come and go. Nothing is logged by default.
	Logger *slog.Logger
}

// Timeouts are how long a server may take.
type Timeouts struct {
	// Dial is for one attempt, from the token to the server's welcome; 10 s by default.
	Dial time.Duration

	// Silence is after how long without a sign of life the server is asked for one; 25 s
	// by default. While an answer is waited for, Answer is enough.
	Silence time.Duration

	// Answer is how long the server then has to give one, before the connection is given
	// up; 10 s by default. A request itself may take longer.
	Answer time.Duration

	// Stable is how long a connection must last before the next loss counts as the first
	// again; 5 s by default.
	Stable time.Duration

	// Close is how long the server may take to answer a close frame; 1 s by default.
	Close time.Duration
}

// errBadOptions is in errors that only other options can mend.
var errBadOptions = errors.New("client: bad options")

func orDefault[T int | int64 | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}

// complete puts the defaults in, and returns what is wrong.
func (o *Options) complete() error {
	orDefault(&o.ReadLimit, 64<<20)
	orDefault(&o.WriteLimit, 64<<10)
	orDefault(&o.Requests, 1024)
	orDefault(&o.Buffer, defaultBuffer)
	orDefault(&o.BufferBytes, defaultBufferBytes)
	orDefault(&o.Timeouts.Dial, 10*time.Second)
	orDefault(&o.Timeouts.Silence, 25*time.Second)
	orDefault(&o.Timeouts.Answer, 10*time.Second)
	orDefault(&o.Timeouts.Stable, 5*time.Second)
	orDefault(&o.Timeouts.Close, time.Second)
	orDefault(&o.Backoff.First, time.Second)
	orDefault(&o.Backoff.Most, 30*time.Second)
	if o.ID == "" {
		o.ID = randomID()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	urls := slices.Clone(o.URLs)
	if o.URL != "" {
		urls = append(urls, o.URL)
	}
	if len(urls) == 0 {
		return fmt.Errorf("%w: no URL", errBadOptions)
	}
	for i, u := range urls {
		named, err := withID(u, o.ID)
		if err != nil {
			return err
		}
		urls[i] = named
	}
	slices.Sort(urls)
	o.URLs = slices.Compact(urls)
	return nil
}

// withID adds the client's name to an address that has none.
func withID(address, id string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errBadOptions, err)
	}
	if !slices.Contains([]string{"ws", "wss", "http", "https"}, u.Scheme) || u.Host == "" {
		return "", fmt.Errorf("%w: %q is no address of a WebSocket, such as wss://example.com/ws", errBadOptions, address)
	}
	query := u.Query()
	if !query.Has("client") {
		query.Set("client", id)
		u.RawQuery = query.Encode()
	}
	return u.String(), nil
}
