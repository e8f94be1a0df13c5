// Command client is a chat in a terminal, a program of its own that speaks to another one: it follows a room of
// examples/rooms, and publishes what is typed. Its connection may break as often as it likes.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live/client"
)

const usage = `client: in one terminal
  go run ./examples/rooms
and in two others, with a name for each
  go run ./examples/client -name ann
`

// said is the data of a publication in a room.
type said struct {
	From string `json:"from,omitempty"`
	Text string `json:"text"`
}

func main() {
	address := flag.String("url", "ws://127.0.0.1:8080/ws", "address of the rooms")
	name := flag.String("name", "", "who you are")
	room := flag.String("room", "room:go", "the room's topic")
	flag.Parse()
	if *name == "" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := chat(ctx, *address+"?name="+url.QueryEscape(*name), *room, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// chat shows what is said in the room, and says what it reads, until ctx ends or the server wants us no more.
func chat(ctx context.Context, address, room string, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c := client.New(client.Options{URL: address, OnState: func(s client.State) {
		if s.Phase == client.Waiting {
			log.Printf("no connection (%v), trying again in %v", s.Err, s.In.Round(time.Millisecond))
		}
	}})
	defer c.Close()
	sub, err := c.Subscribe(ctx, room, client.SubscribeOptions{Last: 10})
	if err != nil {
		return err
	}
	// What is typed cannot be waited for: a read from a terminal does not end with ctx.
	go func() { stop(speak(ctx, c, room, in)) }()
	for m := range sub.Messages(ctx) {
		show(out, &m)
	}
	if err := sub.Err(); err != nil {
		return err
	}
	if why := context.Cause(ctx); !errors.Is(why, context.Canceled) {
		return why
	}
	return nil
}

// speak publishes each line. After the last one it leaves the room open until ctx ends.
func speak(ctx context.Context, c *client.Client, room string, in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		_, err := c.Publish(ctx, room, said{Text: lines.Text()}, client.PublishOptions{})
		var refused *client.Error
		if errors.As(err, &refused) {
			log.Print(refused.Message)
		} else if err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// show writes a line.
func show(out io.Writer, m *client.Message) {
	switch {
	case m.Missing():
		fmt.Fprintln(out, "(something is missing here)")
	case m.Kind == client.KindPublication:
		var s said
		if err := m.Decode(&s); err != nil {
			log.Print(err)
			return
		}
		fmt.Fprintf(out, "%s: %s\n", s.From, s.Text)
	}
}
