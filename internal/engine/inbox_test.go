package engine

import (
	"sync"
	"testing"
	"testing/synctest"
)

func newInbox(limit int) (*inbox, *bell) {
	b, p := &inbox{}, newBell()
	b.init(limit, p)
	return b, p
}

func TestInboxGivesCommandsInTheirOrder(t *testing.T) {
	b, _ := newInbox(10)
	for kind := range uint8(3) {
		b.push(command{kind: kind})
	}
	for i, c := range b.take(nil) {
		if int(c.kind) != i {
			t.Errorf("command %d is %d", i, c.kind)
		}
	}
	if rest := b.take(nil); len(rest) != 0 {
		t.Errorf("%d commands are there twice", len(rest))
	}
}

func TestInboxLetsCallersWaitUntilItIsNotFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := newInbox(2)
		waited := false
		b.wait()
		b.push(command{})
		b.push(command{})
		go func() { // owner: the test; ends when there is room
			b.wait()
			waited = true
		}()
		synctest.Wait()
		if b.take(nil); waited {
			t.Error("wait returned from a full inbox")
		}
		synctest.Wait()
		if waited {
			t.Error("wait returned while what was taken was not done")
		}
		b.done(1)
		synctest.Wait()
		if !waited {
			t.Error("wait goes on although there is room")
		}
	})
}

func TestInboxTakesAPushWhileItIsFull(t *testing.T) {
	b, _ := newInbox(1)
	b.push(command{})
	if !b.push(command{}) || !b.full() {
		t.Error("push was refused by a full inbox, or it is not full")
	}
}

func TestInboxThatClosesLetsEverybodyGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := newInbox(1)
		b.push(command{})
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(b.wait)
		}
		synctest.Wait()
		b.close()
		waiting.Wait()
		if b.push(command{}) {
			t.Error("a closed inbox took a command")
		}
		b.wait()
	})
}

func TestInboxParksOnlyWhileItIsEmpty(t *testing.T) {
	b, p := newInbox(10)
	b.push(command{})
	if b.park() {
		t.Error("park with a command there")
	}
	b.take(nil)
	if !b.park() {
		t.Error("no park although there is no command")
	}
	b.push(command{})
	b.push(command{})
	if len(p.rung) != 1 {
		t.Errorf("the bell rang %d times for two commands to a parked loop, want once", len(p.rung))
	}
	b.unpark()
}

// A wake-up that is lost leaves the loop asleep with something in its inbox: the
// test would never end.
func TestInboxLosesNoWakeUp(t *testing.T) {
	const pushers, each = 4, 5000
	b, p := newInbox(8)
	var all sync.WaitGroup
	for range pushers {
		all.Go(func() {
			for range each {
				b.wait()
				b.push(command{})
			}
		})
	}
	var batch []command
	for n := 0; n < pushers*each; {
		clear(batch)
		batch = b.take(batch)
		b.done(len(batch))
		if n += len(batch); n == pushers*each {
			break
		}
		p.arm(noTime)
		if b.park() {
			p.sleep()
			b.unpark()
		}
	}
	all.Wait()
	if b.size.Load() != 0 {
		t.Errorf("%d commands are counted in an empty inbox", b.size.Load())
	}
}
