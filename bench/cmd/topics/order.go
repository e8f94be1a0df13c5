package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/livetopics/live/bench/internal/process"
)

// order has a server do something that no client asks for, and returns its answer.
func order(s *process.Server, path string, query ...any) (string, error) {
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(fmt.Sprint(query[i]), fmt.Sprint(query[i+1]))
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Post("http://"+s.Addr+path+"?"+values.Encode(), "", nil)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", path, answer.Status, body)
	}
	return string(body), err
}

// publish has the server publish, and returns the position of the last publication.
func publish(s *process.Server, query ...any) (epoch string, seq uint64, err error) {
	body, err := order(s, "/publish", query...)
	if err != nil {
		return "", 0, err
	}
	epoch, number, _ := strings.Cut(body, " ")
	seq, err = strconv.ParseUint(number, 10, 64)
	return epoch, seq, err
}
