// Command melody is the job done with github.com/olahol/melody as its README says: the default
// configuration, a session's topics among its keys, and BroadcastFilter over them.
package main

import (
	"log"
	"net/http"

	"github.com/olahol/melody"

	"github.com/livetopics/live/bench/internal/host"
)

func main() {
	m := melody.New()
	m.HandleMessage(func(s *melody.Session, message []byte) {
		err := host.Act(message, func(topic string) {
			s.Set(topic, true)
			check(s.Write(host.Answer))
		}, func(topic string) {
			check(m.BroadcastFilter(message, func(s *melody.Session) bool {
				_, subscribed := s.Get(topic)
				return subscribed
			}))
		})
		check(err)
	})
	host.Serve(host.Founding, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check(m.HandleRequest(w, r))
	}))
}

func check(err error) {
	if err != nil {
		log.Print(err)
	}
}
