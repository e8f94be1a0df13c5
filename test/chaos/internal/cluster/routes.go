package cluster

import (
	"strings"

	"github.com/livetopics/live/test/chaos/internal/link"
)

// routes are the links between nodes: one from each to each other. What nodes tell each
// other of where they are leads nowhere, or they would connect beside the links.
type routes struct {
	at      []string // where each node listens
	links   [][]*link.Link
	nowhere []*link.Link
}

func newRoutes(nodes int) (*routes, error) {
	r := &routes{}
	for range nodes {
		at, err := freeAddress()
		if err != nil {
			return nil, err
		}
		nowhere, err := link.Listen("127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		r.at, r.nowhere = append(r.at, at), append(r.nowhere, nowhere)
	}
	for i := range nodes {
		r.links = append(r.links, make([]*link.Link, nodes))
		for j := range nodes {
			if i == j {
				continue
			}
			l, err := linkTo(r.at[j])
			if err != nil {
				return nil, err
			}
			r.links[i][j] = l
		}
	}
	return r, nil
}

// of lists the links from and to node i.
func (r *routes) of(i int) []*link.Link {
	var all []*link.Link
	for j := range r.at {
		if i != j {
			all = append(all, r.links[i][j], r.links[j][i])
		}
	}
	return all
}

// peers are where node i reaches the others.
func (r *routes) peers(i int) string {
	var all []string
	for j, l := range r.links[i] {
		if i != j {
			all = append(all, l.Addr())
		}
	}
	return strings.Join(all, ",")
}

func (r *routes) close() {
	for i, row := range r.links {
		r.nowhere[i].Close()
		for _, l := range row {
			if l != nil {
				l.Close()
			}
		}
	}
}
