package main

import (
	"net"
	"strings"
	"testing"
)

func lines(at *net.TCPAddr, demo, colours bool) string {
	var out strings.Builder
	newBanner(at, demo, colours).write(&out)
	return out.String()
}

func TestStartUpLinesSayWhatToDoNext(t *testing.T) {
	got := lines(loopback, true, false)
	for _, want := range []string{
		"http://127.0.0.1:8080   open it in two windows",
		"ws://127.0.0.1:8080/ws",
		"\n  npx wscat -c 'ws://127.0.0.1:8080/ws?name=Terminal'\n",
		`{"op":"subscribe","id":1,"topic":"chat:lobby","last":10}`,
		"Ctrl+C",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("there are colours where nobody wants them")
	}
}

func TestStartUpLinesForEveryAddressNameOneThatWorks(t *testing.T) {
	got := lines(everyAddr, false, false)
	if !strings.Contains(got, "ws://localhost:8080/ws") || !strings.Contains(got, "every address of this machine") {
		t.Errorf("the lines are:\n%s", got)
	}
}

func TestStartUpLinesWithoutDemoSayHowToHaveIt(t *testing.T) {
	got := lines(loopback, false, false)
	if !strings.Contains(got, "--demo") || strings.Contains(got, "Chat ") {
		t.Errorf("the lines are:\n%s", got)
	}
}

func TestDemoIsOnByDefaultOnLoopbackOnly(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		at   *net.TCPAddr
		flag *bool
		want bool
	}{
		{loopback, nil, true},
		{&net.TCPAddr{IP: net.IPv6loopback}, nil, true},
		{everyAddr, nil, false},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 7)}, nil, false},
		{loopback, &no, false},
		{everyAddr, &yes, true},
	} {
		if got := (&serve{Demo: c.flag}).withDemo(c.at); got != c.want {
			t.Errorf("at %v with %v: %v, want %v", c.at, c.flag, got, c.want)
		}
	}
}
