// Package client is a client of a Live server. It connects, comes back after a lost
// connection, and gets then what it missed:
//
//	c := client.New(client.Options{URL: "wss://example.com/ws"})
//	defer c.Close()
//
//	sub, err := c.Subscribe(ctx, "chat:lobby", client.SubscribeOptions{Last: 50})
//	if err != nil {
//		return err
//	}
//	for m := range sub.Messages(ctx) {
//		switch m.Kind {
//		case client.KindPublication:
//			fmt.Printf("%s\n", m.Data)
//		case client.KindLost, client.KindGap:
//			fmt.Println("something is missing here")
//		}
//	}
//
// There are three types to know. A Client is a connection that renews itself. A
// Subscription is what comes of one topic. A Message is one thing in that stream: a
// publication, or a marker of what happened at this place.
//
// # What a subscription gets
//
// On a topic with history every publication comes at most once, in order, over all
// reconnects; what is missing is told in its place, by a message of KindLost or KindGap.
// What is not told is not missing. Subscription.Position says how far the program has
// got, and SubscribeOptions.Since goes on there, in another process too.
//
// On a topic without history, and of a wildcard, what is published while there is no
// connection is gone. A message of KindLost stands where the stream begins again.
//
// # What waits
//
// A subscription that is not read holds up nothing else: replies and other topics go on.
// What came waits in its own buffer, SubscribeOptions.Buffer and BufferBytes at most.
// When that is full, a topic with history is left until the program has read what is
// there, and then subscribed to again from that position, so that nothing is missing. On
// a topic without history the oldest go, and a message of KindGap says how many.
//
// # Publishing
//
// Publish waits until the server has accepted the publication. One whose answer was lost
// with the connection is sent again, with the same dedup, so that it is published once.
//
// # Goroutines
//
// A client has one goroutine, and two more for each of its connections, of which there is
// one, or two during a drain. Close waits for all of them. Every method may be called by
// many goroutines at once. Those that take a context return when it ends, when the client
// is closed, or when what they wait for has come.
package client
