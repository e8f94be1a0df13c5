package link

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take.
const patience = 10 * time.Second

// echoing is a link to a server that sends back what it gets.
func echoing(t *testing.T) *Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // owner: the test; ends when its cleanup closes the listener
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { // owner: the test; ends with the connection, which the link cuts
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.To(listener.Addr().String())
	t.Cleanup(func() {
		l.Close()
		listener.Close()
		<-done
	})
	return l
}

// dial connects through a link, and has made sure that it leads to the other end.
func dial(t *testing.T, l *Link) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	say(t, c, "hello")
	hear(t, c, "hello")
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("heard %q and %v, not %q", got, err, text)
	}
}

// end is how a connection ends.
func end(t *testing.T, c net.Conn) error {
	t.Helper()
	_, err := io.Copy(io.Discard, c)
	return err
}

func TestALinkForwardsAllBytesBothWays(t *testing.T) {
	c := dial(t, echoing(t))
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(rand.Uint32())
	}
	wrote := make(chan error, 1)
	go func() { // owner: the test, which waits for it
		_, err := c.Write(sent)
		c.(*net.TCPConn).CloseWrite()
		wrote <- err
	}()
	got, err := io.ReadAll(c)
	if err := errors.Join(err, <-wrote); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, sent) {
		t.Error("what came back is another than what was sent")
	}
}

func TestACutIsAResetOrAnEnd(t *testing.T) {
	l := echoing(t)
	c := dial(t, l)
	if n := l.Cut(All, true); n != 1 {
		t.Errorf("%d connections were cut", n)
	}
	if err := end(t, c); !errors.Is(err, syscall.ECONNRESET) {
		t.Error("the reset is seen as", err)
	}
	c = dial(t, l)
	l.Cut(All, false)
	if err := end(t, c); err != nil {
		t.Error("the end is seen as", err)
	}
}

func TestWhatIsPausedComesLaterAndWhole(t *testing.T) {
	l := echoing(t)
	c := dial(t, l)
	n, resume := l.Pause(All, time.Hour)
	if n != 1 {
		t.Errorf("%d connections are paused", n)
	}
	say(t, c, "wait")
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a paused link forwards:", err)
	}
	c.SetDeadline(time.Now().Add(patience))
	resume()
	hear(t, c, "wait")
}

func TestAPausedConnectionCanBeCut(t *testing.T) {
	l := echoing(t)
	c := dial(t, l)
	_, resume := l.Pause(All, time.Hour)
	defer resume()
	say(t, c, "never")
	l.Cut(All, true)
	if err := end(t, c); !errors.Is(err, syscall.ECONNRESET) {
		t.Error("the reset is seen as", err)
	}
}

func TestAPauseEndsByItself(t *testing.T) {
	l := echoing(t)
	c := dial(t, l)
	l.Pause(All, time.Millisecond)
	say(t, c, "soon")
	hear(t, c, "soon")
}

func TestADelayedLinkForwardsAllTheSame(t *testing.T) {
	l := echoing(t)
	c := dial(t, l)
	l.Delay(2 * time.Millisecond)
	for _, text := range []string{"one", "two", "three"} {
		say(t, c, text)
		hear(t, c, text)
	}
}

func TestALinkThatRefusesOrLeadsNowhereResets(t *testing.T) {
	l := echoing(t)
	kept := dial(t, l)
	refused := func() {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr())
		if err == nil {
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			_, err = c.Read(make([]byte, 1))
		}
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection was not refused:", err)
		}
	}
	l.Refuse(true)
	refused()
	l.Refuse(false)
	dial(t, l)
	l.To("")
	refused()
	say(t, kept, "still here")
	hear(t, kept, "still here")
}

func TestAShareOfTheConnectionsIsCut(t *testing.T) {
	l := echoing(t)
	for range 40 {
		dial(t, l)
	}
	n := l.Cut(Share{Of: 0.5, Random: rand.New(rand.NewPCG(1, 2))}, true)
	if n < 5 || n > 35 {
		t.Errorf("half of 40 is %d", n)
	}
}
