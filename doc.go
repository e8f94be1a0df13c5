// Package live is realtime publish and subscribe: clients hold a WebSocket, their
// sessions subscribe to topics, and anything in a program publishes to a topic; every
// subscriber has it a moment later.
//
//	var server *live.Server // declared first: the hooks refer to it
//
//	func main() {
//		server = live.New(live.Options{
//			OnMessage: func(ctx context.Context, s *live.Session, topic string, data []byte) {
//				switch topic {
//				case "join":
//					server.Subscribe(s, "chat:lobby")
//				case "chat:lobby":
//					server.Publish(topic, data)
//				}
//			},
//		})
//		http.Handle("/ws", server.Handler())
//		http.ListenAndServe("127.0.0.1:8080", nil)
//	}
//
// In a browser, ten lines of script are the other end:
//
//	const socket = new WebSocket("ws://127.0.0.1:8080/ws")
//	socket.onopen = () => {
//		socket.send(JSON.stringify({topic: "join"}))
//		socket.send(JSON.stringify({topic: "chat:lobby", data: {text: "Hello everyone!"}}))
//	}
//	socket.onmessage = (event) => {
//		const {topic, data} = JSON.parse(event.data)
//		console.log(topic, data)
//	}
//
// # Rules
//
// A rule for a pattern of topics does most of that by itself. Clients then subscribe and
// publish by operations, {"op":"subscribe","id":1,"topic":"chat:lobby"}, and are
// answered:
//
//	server.Topic("chat:{room}", live.Rule{
//		CanSubscribe: live.Anyone,
//		CanPublish:   live.Anyone,
//		History:      live.History{Size: 100, Age: time.Hour},
//		Presence:     true,
//	})
//
// In a pattern {name} stands for one segment, and {name...} at the end for all that are
// left; Match.Param returns what it stands for. The most specific pattern wins:
//
//	pattern         matches                       not
//	news            news                          news:eu
//	chat:{room}     chat:lobby                    chat, chat:lobby:7
//	chat:lobby      chat:lobby, before the above
//	files:{path...} files:a, files:a:b:c          files
//	orders:*        a client's subscription to orders:*, which gets orders:7
//	orders:**       a client's subscription to orders:**, which gets orders:7 and orders:7:items
//
// What no rule allows is refused. Rules bind clients; what the program itself does needs none.
//
// # The nouns
//
// A Session is one client's connection. A topic is a name such as chat:lobby:
// segments joined by colons, at most 255 bytes, without spaces and without * { }.
// It need not be created, exists while somebody is subscribed to it, and costs
// nothing else. A Message is what travels: {"topic":…,"data":…}, both ways, where
// data is any JSON value. A hook is a function of yours in Options. A Rule says what
// holds on the topics of a pattern. A Position is a place in what a topic with History
// remembers: a client that comes back names the last one it saw, and gets what follows.
//
// # What holds
//
// What one goroutine publishes to a topic reaches every subscriber in that order,
// and all subscribers of a topic see one order. What one goroutine publishes and
// sends reaches a session in that order. After Subscribe has returned nothing that
// is published is missed; after Unsubscribe has returned nothing that is published
// is delivered.
//
// A session that does not read what it is sent is closed with code 4008 once
// Options.QueueSize messages wait for it, unless the topic's Rule has another Overflow:
// memory stays bounded, and nobody else is slowed down. What was delivered to the
// operating system and not to the client by then is lost, as it is when a connection
// breaks, on topics without History. On those with one a client recovers it, or is told
// what is gone. docs/guarantees.md has the whole list, and the test for each line.
//
// # The flows
//
// Inbound: upgrade, then the engine's loop reads the socket, and hands whole
// messages to the session's mailbox; a goroutine that lives while there is something
// in it runs operations and calls the hooks. Outbound: Publish checks the data and
// gives it to the broker, which numbers and stores it where the topic has History; then
// one frame for all is made and put into the inbox of every loop that has subscribers;
// a loop's turn writes all that came together, one system call per session.
package live
