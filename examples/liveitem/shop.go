package main

import "sync"

// item is what is shown, and the data of every publication: the whole of it, so that a client that missed one
// is right again with the next.
//
// A client keeps the highest version that it has seen and drops lower ones. That settles every race at once:
// of two changes made at the same time, and of a change with the first look at the item.
type item struct {
	ID      string `json:"id"`
	Price   int    `json:"price"` // in cents
	Version int    `json:"version"`
}

// shop is the program's database. It knows nothing of who watches.
type shop struct {
	mu    sync.Mutex // guards items
	items map[string]item
}

func newShop() *shop {
	return &shop{items: map[string]item{"tea": {"tea", 450, 1}, "coffee": {"coffee", 390, 1}}}
}

func (p *shop) get(id string) (item, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, ok := p.items[id]
	return it, ok
}

// reprice sets the price of an item, in cents, and returns the item as it is now.
func (p *shop) reprice(id string, price int) (item, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, ok := p.items[id]
	if ok {
		it.Price, it.Version = price, it.Version+1
		p.items[id] = it
	}
	return it, ok
}
