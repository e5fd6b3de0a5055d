package mailtest

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// lastWords is how long before go test ends everything by -timeout it is told what was said.
const lastWords = 2 * time.Second

// deadlineOf returns when go test ends a test by -timeout, if it does. A bubble of
// testing/synctest has another clock.
func deadlineOf(tb testing.TB) (at time.Time, ok bool) {
	timed, ok := tb.(interface{ Deadline() (time.Time, bool) })
	if !ok || inBubble() {
		return time.Time{}, false
	}
	return timed.Deadline()
}

// beforeTimeout has standard error tell what was said when go test is about to end a test by
// -timeout: that leaves no log, and a client that hangs has come to some command. It does so
// until stop is called.
func (f *Fakes) beforeTimeout(tb testing.TB) (stop func()) {
	at, ok := deadlineOf(tb)
	if !ok || *showTranscript == showNone {
		return func() {}
	}
	timer := time.AfterFunc(time.Until(at)-lastWords, func() {
		if said, _ := f.Transcript.Tail(shortSessions, shortLines); said != "" {
			fmt.Fprintf(os.Stderr, "mailtest: %s is about to be ended by -timeout; mail transcript (C: client, S: server):\n%s", tb.Name(), said)
		}
	})
	return func() { timer.Stop() }
}
