package client

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Order has the server at addr, host:port, do something that no client asks for, by a POST to path with query,
// names and values in turn, and returns its answer. It blocks until then, at most for Patience.
func Order(addr, path string, query ...any) (string, error) {
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(fmt.Sprint(query[i]), fmt.Sprint(query[i+1]))
	}
	over := http.Client{Timeout: Patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := over.Post("http://"+addr+path+"?"+values.Encode(), "", nil)
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
