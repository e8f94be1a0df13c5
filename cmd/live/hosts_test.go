package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

var (
	loopback  = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	everyAddr = &net.TCPAddr{IP: net.IPv6unspecified, Port: 8080}
)

// answer asks for a host and returns the answer.
func answer(h hosts, host string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
	r.Host = host
	w := httptest.NewRecorder()
	h.only(http.HandlerFunc(healthy)).ServeHTTP(w, r)
	return w
}

func TestLoopbackAnswersOnlyNamesThatNobodyElseCanOwn(t *testing.T) {
	for host, want := range map[string]int{
		"localhost":               200,
		"localhost:8080":          200,
		"LocalHost.:8080":         200,
		"127.0.0.1":               200,
		"127.0.0.1:9":             200,
		"[::1]:8080":              200,
		"[::1]":                   200,
		"evil.example":            403,
		"evil.example:8080":       403,
		"127.0.0.1.evil.example":  403,
		"localhost.evil.example":  403,
		"localhost@evil.example":  403,
		"evil.example#@127.0.0.1": 403,
		"0.0.0.0:8080":            403,
		"":                        403,
	} {
		if got := answer(newHosts(loopback, nil), host).Code; got != want {
			t.Errorf("host %q: status %d, want %d", host, got, want)
		}
	}
}

func TestLoopbackAnswersTheAddressItListensOn(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: 8080}
	if got := answer(newHosts(at, nil), "127.0.0.2:8080").Code; got != 200 {
		t.Errorf("status %d", got)
	}
}

func TestHostFlagAddsNames(t *testing.T) {
	h := newHosts(loopback, []string{"App.Example"})
	for host, want := range map[string]int{"app.example:8080": 200, "localhost": 200, "other.example": 403} {
		if got := answer(h, host).Code; got != want {
			t.Errorf("host %q: status %d, want %d", host, got, want)
		}
	}
}

func TestElsewhereEveryHostIsAnsweredUnlessSomeAreNamed(t *testing.T) {
	if got := answer(newHosts(everyAddr, nil), "any.example").Code; got != 200 {
		t.Errorf("without --host: status %d", got)
	}
	named := newHosts(everyAddr, []string{"app.example"})
	for host, want := range map[string]int{"app.example": 200, "any.example": 403} {
		if got := answer(named, host).Code; got != want {
			t.Errorf("with --host=app.example, host %q: status %d, want %d", host, got, want)
		}
	}
}

func TestRefusedHostIsToldWhichFlagAddsIt(t *testing.T) {
	body := answer(newHosts(loopback, nil), "evil.example:8080").Body.String()
	if !strings.Contains(body, "--host=evil.example") {
		t.Errorf("the answer is %q", body)
	}
}
