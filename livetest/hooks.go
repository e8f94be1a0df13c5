package livetest

import (
	"context"
	"net/http"
	"sync"

	"github.com/livetopics/live"
)

// userHeader is where User puts the name.
const userHeader = "Live-Test-User"

// visit is one connection as the server sees it.
type visit struct {
	greeted chan struct{} // closed when OnConnect has returned, or panicked
	left    chan struct{} // closed when OnClose has
	session *live.Session // set before greeted is closed
	err     error         // what OnClose was told; set before left is closed
}

func newVisit() *visit {
	return &visit{greeted: make(chan struct{}), left: make(chan struct{})}
}

// ticket is a session's Value from OnAuth to OnConnect, by which it is known whose
// connection it is.
type ticket struct {
	value any
	visit *visit
}

// visitKey is that of a request's visit in its context.
type visitKey struct{}

// hook puts hooks of ours around those of o, so that clients know when a session has
// begun and ended.
func hook(o *live.Options) {
	if o.OnAuth == nil {
		o.OnAuth = func(_ context.Context, r *http.Request) (any, error) { return r.Header.Get(userHeader), nil }
		if o.Identify == nil {
			o.Identify = func(value any) (string, any) {
				user, _ := value.(string)
				return user, nil
			}
		}
	}
	onAuth, onConnect, onClose, identify := o.OnAuth, o.OnConnect, o.OnClose, o.Identify
	var visits sync.Map // *live.Session to *visit
	o.OnAuth = func(ctx context.Context, r *http.Request) (any, error) {
		value, err := onAuth(ctx, r)
		if v, ours := ctx.Value(visitKey{}).(*visit); ours && err == nil {
			return &ticket{value, v}, nil
		}
		return value, err
	}
	o.OnConnect = func(ctx context.Context, s *live.Session) error {
		if t, ours := s.Value().(*ticket); ours {
			s.SetValue(t.value)
			t.visit.session = s
			visits.Store(s, t.visit)
			defer close(t.visit.greeted)
		}
		if onConnect == nil {
			return nil
		}
		return onConnect(ctx, s)
	}
	o.OnClose = func(s *live.Session, err error) {
		if v, ours := visits.LoadAndDelete(s); ours {
			v := v.(*visit)
			v.err = err
			defer close(v.left)
		}
		if onClose != nil {
			onClose(s, err)
		}
	}
	if identify != nil {
		o.Identify = func(value any) (string, any) {
			if t, early := value.(*ticket); early {
				value = t.value
			}
			return identify(value)
		}
	}
}
