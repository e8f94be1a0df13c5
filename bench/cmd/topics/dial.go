package main

import "github.com/livetopics/live/bench/internal/client"

// dialAll connects n clients to a server, and has them greet it where it is centrifuge.
func dialAll(server, addr string, n int) ([]*client.Client, error) {
	list := make([]*client.Client, n)
	err := client.Together(n, client.FewAtOnce, func(i int) (err error) {
		list[i], err = dialOne(server, addr, client.SmallBuffer)
		return err
	})
	return list, err
}

func dialOne(server, addr string, buffer int) (*client.Client, error) {
	c, err := client.Dial(addr, "/ws", buffer)
	if err == nil && server == theirs {
		err = c.Hello()
	}
	return c, err
}
