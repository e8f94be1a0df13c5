package live

import (
	"sync"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
)

// pagesBytes is how much memory the frames of known pages may take.
const pagesBytes = 4 << 20

// pages remembers frames of history while anybody recovers: after a crash or a restart
// many do so at once, and miss the same. What came after a publication never changes, so
// a page that one has read is good for all, as long as nothing of it has gone.
type pages struct {
	mu    sync.Mutex // guards the fields below
	users int        // catchers at work
	known map[pageKey]knownPage
	order []pageKey // of known, oldest first
	bytes int
}

// pageKey says after which publication a page begins.
type pageKey struct {
	topic, epoch string
	after        uint64
}

// knownPage is the frame of a page, and its last publication.
type knownPage struct {
	frame *engine.Frame
	last  uint64
}

// enter is told that a catcher begins to work.
func (p *pages) enter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users++
}

// exit is told that one has ended. With the last of them all is forgotten.
func (p *pages) exit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users == 0 {
		p.known, p.order, p.bytes = nil, nil, 0
	}
}

func (p *pages) find(key pageKey) (knownPage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.known[key]
	return page, ok
}

func (p *pages) add(key pageKey, page knownPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.known[key]; again || p.users == 0 {
		return
	}
	if p.known == nil {
		p.known = make(map[pageKey]knownPage)
	}
	p.known[key] = page
	p.order = append(p.order, key)
	for p.bytes += len(page.frame.Bytes); p.bytes > pagesBytes && len(p.order) > 1; p.order = p.order[1:] {
		p.bytes -= len(p.known[p.order[0]].frame.Bytes)
		delete(p.known, p.order[0])
	}
}

// key is that of the page which the subscription needs next.
func (l *lag) key() pageKey { return pageKey{l.held.Topic(), l.epoch, l.after} }

// takeKnown moves the subscription to the end of a page that is known, if there is one
// of which nothing has gone since, and returns its frame and the topic's position.
func (l *lag) takeKnown(s *Server) (*engine.Frame, broker.Position, bool) {
	known, ok := s.pages.find(l.key())
	if !ok || l.page != nil {
		return nil, broker.Position{}, false
	}
	now, err := s.history(l.held.Topic(), l.rule, broker.Query{})
	if err != nil || now.Epoch != l.epoch || now.Floor > l.after {
		return nil, broker.Position{}, false
	}
	l.after = known.last
	return known.frame, now.Position, true
}

// remember makes a page known that was read for the subscription when it was at key,
// if it is the same for all.
func (l *lag) remember(s *Server, key pageKey, page *broker.Page, frame *engine.Frame) {
	if frame == nil || len(page.Publications) == 0 || key.epoch != page.Epoch || page.Floor > key.after {
		return
	}
	for i := range page.Publications {
		if page.Publications[i].Origin != "" {
			return // some do not get it
		}
	}
	s.pages.add(key, knownPage{frame, l.after})
}
