// Package mizu is a small web application on [http.ServeMux]: handlers that return an error, and JSON in
// and out. It is a convenience, not a framework: what it lacks, net/http has, and both mix freely.
//
//	app := mizu.New()
//	app.Get("/ws", mizu.Compat(server.Handler())) // server is a *live.Server
//	app.Post("/rooms/{room}/messages", func(c *mizu.Ctx) error {
//		var message struct{ Text string }
//		if err := c.BodyJSON(&message); err != nil {
//			return err // 400, 413 or 415, with a sentence that says why
//		}
//		… return mizu.Error(422, "text is empty: write something")
//		return c.Status(202).JSON(message)
//	})
//	app.OnShutdown(server.Shutdown) // net/http forgets a connection once it is a WebSocket
//	err := app.Listen("127.0.0.1:8080")
//
// Patterns are those of [http.ServeMux] without the method: "/items/{id}", "/files/{path...}", "/{$}".
// An error is answered as {"error":{"status":404,"message":"no such room"}}; one that is not a StatusError
// goes to the log, and the client learns no more than 500. Writers are not wrapped: Hijack works.
package mizu
