package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// Errors of JetStream by its numbers.
const (
	codeNotFound      = 10037 // no such message
	codeNoPeers       = 10005 // too few servers for the replicas
	codeNoStream      = 10059
	codeWrongLast     = 10071 // the subject has a newer message than expected
	codeWrongLastTerm = 10164 // the same, found while others are under way
	codeInProcess     = 10158 // the same Dedup is being stored
	codeDisabled      = 10076
	codeNoAccount     = 10039
	codeAlone         = 10074 // replicas without a cluster
	codeNameInUse     = 10058
	codeTooBig        = 10054
	codeOldServer     = 10025 // invalid JSON, a field that it does not know
)

// apiError is what JetStream answers instead of a result.
type apiError struct {
	Code    int    `json:"code"`
	ErrCode int    `json:"err_code"`
	Text    string `json:"description"`
}

func (e *apiError) Error() string {
	return fmt.Sprintf("JetStream says: %s (%d)", e.Text, e.ErrCode)
}

// Unwrap says which of the broker's errors it is.
func (e *apiError) Unwrap() error {
	switch e.ErrCode {
	case codeDisabled, codeNoAccount, codeAlone:
		return broker.ErrUnsupported
	case codeTooBig:
		return broker.ErrTooLarge
	}
	return broker.ErrUnavailable
}

// is reports whether err is this one of JetStream's.
func is(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.ErrCode == c {
			return true
		}
	}
	return false
}

// errNoJetStream says what to do about it.
var errNoJetStream = fmt.Errorf("%w: this NATS keeps no histories, since it runs without JetStream:"+
	" start nats-server with -js, or enable JetStream for the account", broker.ErrUnsupported)

// api asks JetStream, and decodes its answer into out.
func (b *Broker) api(ctx context.Context, verb string, in, out any) error {
	var data []byte
	if in != nil {
		var err error
		if data, err = json.Marshal(in); err != nil {
			return fmt.Errorf("natsbroker: failed to encode a request: %w", err)
		}
	}
	m, err := b.ask(ctx, &nats.Msg{Subject: "$JS.API." + verb, Data: data})
	if errors.Is(err, errNobodyThere) && !b.jetstream.Load() {
		return errNoJetStream
	}
	if err != nil {
		return fmt.Errorf("natsbroker: JetStream %s: %w", verb, err)
	}
	var failed struct {
		Error *apiError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &failed); err != nil {
		return fmt.Errorf("natsbroker: JetStream %s: %w: %w", verb, broker.ErrUnavailable, err)
	}
	if e := failed.Error; e != nil {
		if e.ErrCode == codeDisabled || e.ErrCode == codeNoAccount {
			return errNoJetStream
		}
		return fmt.Errorf("natsbroker: JetStream %s: %w", verb, e)
	}
	b.jetstream.Store(true)
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(m.Data, out); err != nil {
		return fmt.Errorf("natsbroker: JetStream %s: %w: %w", verb, broker.ErrUnavailable, err)
	}
	return nil
}

// ask sends a request, again if it only reads and nobody answers: a stream that gets a
// new leader meanwhile says nothing.
func (b *Broker) ask(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	reads := strings.HasPrefix(m.Subject, "$JS.API.STREAM.MSG.GET.") || strings.HasPrefix(m.Subject, "$JS.API.STREAM.INFO.")
	if !reads {
		return b.calls.one(ctx, m, answerWait)
	}
	for try := 1; ; try++ {
		a, err := b.calls.one(ctx, m, readWait)
		if try == readTries || !errors.Is(err, errNoAnswer) {
			return a, err
		}
	}
}

// stored is a message of a stream.
type stored struct {
	subject string
	seq     uint64
	at      time.Time
	pending uint64 // how many come after it, where that was asked
	data    []byte
}

// get asks the leader of a stream for the newest message of a subject, or for the
// first from a number on. Its error is codeNotFound if there is none.
func (b *Broker) get(ctx context.Context, stream string, q getRequest) (stored, error) {
	var answer struct {
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Time    time.Time `json:"time"`
			Data    []byte    `json:"data"`
		} `json:"message"`
	}
	if err := b.api(ctx, "STREAM.MSG.GET."+stream, q, &answer); err != nil {
		return stored{}, err
	}
	m := &answer.Message
	return stored{subject: m.Subject, seq: m.Seq, at: m.Time, data: m.Data}, nil
}

// getRequest asks for messages of a stream.
type getRequest struct {
	Seq       uint64     `json:"seq,omitempty"`
	Last      string     `json:"last_by_subj,omitempty"`
	Next      string     `json:"next_by_subj,omitempty"`
	Batch     int        `json:"batch,omitempty"`
	MaxBytes  int        `json:"max_bytes,omitempty"`
	Start     *time.Time `json:"start_time,omitempty"`
	MultiLast []string   `json:"multi_last,omitempty"`
	UpTo      uint64     `json:"up_to_seq,omitempty"`
}

// streamState is what there is in a stream.
type streamState struct {
	Messages uint64 `json:"messages"`
	First    uint64 `json:"first_seq"`
	Last     uint64 `json:"last_seq"`
}
