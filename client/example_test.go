package client_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func Example() {
	server := live.New(live.Options{})
	server.Topic("chat:{room}", live.Rule{
		CanSubscribe: live.Anyone, CanPublish: live.Anyone, History: live.History{Size: 100},
	})
	web := httptest.NewServer(server.Handler())
	defer web.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	defer server.Shutdown(ctx)

	c := client.New(client.Options{URL: web.URL})
	defer c.Close()
	sub, err := c.Subscribe(ctx, "chat:lobby", client.SubscribeOptions{Last: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	position, err := c.Publish(ctx, "chat:lobby", "Hello", client.PublishOptions{})
	fmt.Println("accepted as", position.Seq, err)
	for m := range sub.Messages(ctx) {
		fmt.Printf("%s %s, number %d\n", m.Topic, m.Data, m.Seq)
		break
	}
	// Output:
	// accepted as 1 <nil>
	// chat:lobby "Hello", number 1
}
