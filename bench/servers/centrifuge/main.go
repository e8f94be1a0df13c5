// Command centrifuge is the job done with github.com/centrifugal/centrifuge as its tutorial says: the
// in-memory broker, no history, client-side subscriptions, its own JSON protocol over WebSocket with its
// own batching and pings left as they are.
package main

import (
	"log"
	"net/http"

	"github.com/centrifugal/centrifuge"

	"github.com/livetopics/live/bench/internal/host"
)

func connected(node *centrifuge.Node) centrifuge.ConnectHandler {
	return func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
			answer(centrifuge.SubscribeReply{}, nil)
		})
		client.OnPublish(func(e centrifuge.PublishEvent, answer centrifuge.PublishCallback) {
			// Published here rather than by the library, which would add who published to every
			// delivery and make its frames longer than the others'.
			result, err := node.Publish(e.Channel, e.Data)
			answer(centrifuge.PublishReply{Result: &result}, err)
		})
	}
}

// authenticated lets everybody in under no name; the library wants somebody to say so.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func main() {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		log.Fatal(err)
	}
	node.OnConnect(connected(node))
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	ws := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{})
	host.Serve(host.Centrifuge, authenticated(ws))
}
