package livetest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/livetest"
)

// conns are the two ends of a connection.
func conns() (client, server net.Conn) { return livetest.NewPipe("192.0.2.1:1") }

func TestBytesArriveInOrderAndThenTheEnd(t *testing.T) {
	client, server := conns()
	want := bytes.Repeat([]byte("0123456789abcdef"), 3*livetest.StreamSize/16)
	wrote := make(chan error, 1)
	go func() {
		_, err := client.Write(want)
		client.Close()
		wrote <- err
	}()
	got, err := io.ReadAll(server)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %d bytes and %v, want %d", len(got), err, len(want))
	}
	if err := <-wrote; err != nil {
		t.Errorf("Write: %v", err)
	}
	if _, err := server.Write([]byte("late")); err == nil {
		t.Error("written to an end that is closed")
	}
}

func TestAWriterWaitsWhenTheBufferIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := conns()
		n := make(chan int, 1)
		go func() {
			taken, _ := server.Write(make([]byte, livetest.StreamSize+10))
			n <- taken
		}()
		synctest.Wait()
		select {
		case taken := <-n:
			t.Fatalf("%d bytes were taken", taken)
		default:
		}
		if _, err := client.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if taken := <-n; taken != livetest.StreamSize+10 {
			t.Errorf("%d bytes were taken", taken)
		}
	})
}

func TestDeadlinesEndWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := conns()
		start := time.Now()
		client.SetDeadline(start.Add(time.Second))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
		client.SetWriteDeadline(start.Add(3 * time.Second))
		n, err := client.Write(make([]byte, livetest.StreamSize+1))
		if n != livetest.StreamSize || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %d, %v", n, err)
		}
		if passed := time.Since(start); passed != 3*time.Second {
			t.Errorf("%v have passed", passed)
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v is no timeout", err)
		}
		client.SetDeadline(time.Time{})
		server.Write([]byte("x"))
		if _, err := client.Read(make([]byte, 1)); err != nil {
			t.Errorf("Read without a deadline: %v", err)
		}
		client.Close()
		server.Close()
	})
}

func TestADeadlineThatIsSetLaterWakesAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := conns()
		read := make(chan error, 1)
		go func() {
			_, err := client.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait()
		client.SetReadDeadline(time.Unix(1, 0))
		if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
	})
}

func TestHalfOfAConnectionCanBeClosed(t *testing.T) {
	client, server := livetest.NewPipe("192.0.2.1:1")
	server.CloseWrite()
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	if _, err := client.Write([]byte("still")); err != nil {
		t.Errorf("Write: %v", err)
	}
	if got := make([]byte, 5); true {
		if _, err := io.ReadFull(server, got); err != nil || string(got) != "still" {
			t.Errorf("read %q, %v", got, err)
		}
	}
	if a := server.RemoteAddr(); a.String() != "192.0.2.1:1" || a.String() != client.LocalAddr().String() || a.Network() != "livetest" {
		t.Errorf("the address is %v", a)
	}
}
