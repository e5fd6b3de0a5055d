package imapfake

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
)

const capInProgress imap.Cap = "INPROGRESS"

// inProgress is INPROGRESS (RFC 9585). A command that looks at one message after the
// other, FETCH, SEARCH, SORT or THREAD, tells how far it is each time that 10 seconds
// have passed, such as with a client that reads slowly, or with a function of a test's
// author that takes its time.
func inProgress() extension { return extension{cap: capInProgress} }

// progressEvery is how long a command may work without a word.
const progressEvery = 10 * time.Second

// progress is how far the command in progress is. A nil one tells nobody.
type progress struct {
	session    *session
	timer      *time.Timer
	due        atomic.Bool
	done, goal uint64 // messages; goal 0: unknown
}

// work begins to tell how far the command is with that many messages, 0 if that isn't known;
// end it.
func (s *session) work(messages uint32) *progress {
	if !s.has(capInProgress) || s.tag == "" {
		return nil
	}
	p := &progress{session: s, goal: uint64(messages)}
	p.timer = time.AfterFunc(progressEvery, func() { p.due.Store(true) })
	return p
}

func (p *progress) end() {
	if p != nil {
		p.timer.Stop()
	}
}

// step is called when the command is done with a message.
func (p *progress) step() {
	if p == nil {
		return
	}
	p.done++
	if p.due.Load() && p.done != p.goal {
		p.tell()
	}
}

func (p *progress) tell() {
	p.due.Store(false)
	p.timer.Reset(progressEvery)
	out := &p.session.out
	out.text("* OK [INPROGRESS (")
	// A response code ends at the first "]" (RFC 3501 §9, resp-text-code).
	if tag := p.session.tag; strings.Contains(tag, "]") {
		out.text("NIL")
	} else {
		out.string(tag)
	}
	out.byte(' ').number(p.done).byte(' ')
	if p.goal > 0 {
		out.number(p.goal)
	} else {
		out.text("NIL")
	}
	out.line(")] still working")
	out.flush()
}
