package mailtest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
)

// defaultCuts is how many cuts are tried at most unless [CutSample] says otherwise.
const defaultCuts = 5000

// CutOption chooses what [CutEverywhere] does.
type CutOption func(*cutting)

type cutting struct {
	between bool
	sample  int
	seed    uint64
	servers []Option
}

// CutBetween cuts where commands and responses end alone, and not within them.
func CutBetween() CutOption { return func(c *cutting) { c.between = true } }

// CutSample cuts at n places, which the seed chooses from all. Without it there are 5,000 at
// most.
func CutSample(n int, seed uint64) CutOption {
	return func(c *cutting) { c.sample, c.seed = n, seed }
}

// CutServers gives the servers options; they are in memory whatever these say.
func CutServers(options ...Option) CutOption {
	return func(c *cutting) { c.servers = append(c.servers, options...) }
}

// CutEverywhere shows that a client survives the loss of its connection at any point. It
// runs a scenario once undisturbed, to see which octets pass, and then again and again,
// with fresh servers, cutting a connection after each octet that a server or its client
// sends. The scenario makes its accounts, runs the client, which may fail or
// connect again, and checks what has to be true in any case:
//
//	mailtest.CutEverywhere(t, func(t testing.TB, srv *mailtest.Server) {
//		alice := srv.AddAccount("alice", "secret")
//		alice.Deliver(mailtest.Mail{Subject: "hello"})
//		saved, _ := importer.Run(srv.POP3.Dial) // the code under test
//		if len(saved)+len(alice.Messages()) == 0 {
//			t.Error("the message is lost")
//		}
//	})
//
// The first cut at which the scenario fails is reported, with the transcript, and as a
// rule that repeats it; those that come later aren't tried. The servers are in memory, so the
// client connects by srv.IMAP.Dial or srv.POP3.Dial. The scenario has to connect in the
// same order each time, and gets a t of its own.
//
// The race detector finds a race within go-imap's client (v2.0.0-beta.8) that is cut amid
// the literal of a FETCH; [CutBetween] has none of these cuts.
func CutEverywhere(tb testing.TB, scenario func(t testing.TB, srv *Server), options ...CutOption) {
	tb.Helper()
	c := cutting{sample: defaultCuts}
	err := apply(&c, options)
	switch {
	case err != nil:
		tb.Fatalf("mailtest: cut everywhere: %v", err)
	case scenario == nil:
		tb.Fatal("mailtest: cut everywhere: there is no scenario")
	case c.sample < 1:
		tb.Fatalf("mailtest: cut everywhere: a sample of %d places", c.sample)
	}
	var seen wireLog
	r, err := runScenario(tb, c.servers, scenario, seen.watch)
	if err == nil && r.failed {
		// Once more, as the transcript of the first run has a note on each line that was watched.
		if again, _ := runScenario(tb, c.servers, scenario, func(*Fakes) {}); again != nil && again.failed {
			r = again
		}
		err = fmt.Errorf("the scenario fails without a cut:\n%s", r.problem())
	}
	cuts := seen.cuts(c.between)
	if err == nil && len(cuts) == 0 {
		err = errors.New("there is nothing to cut: the scenario made no connection by srv.IMAP.Dial or srv.POP3.Dial")
	}
	if err != nil {
		tb.Errorf("mailtest: cut everywhere: %v", err)
		return
	}
	if all := len(cuts); all > c.sample {
		cuts = choose(cuts, c.sample, c.seed)
		tb.Logf("mailtest: cut everywhere: %d of %d places, chosen by the seed %d", c.sample, all, c.seed)
	}
	for i, cut := range cuts {
		r, err := runScenario(tb, c.servers, scenario, func(f *Fakes) { f.endpoint(cut.protocol).Inject(cut.rule()) })
		if err != nil {
			tb.Fatalf("mailtest: cut everywhere: %v", err)
		}
		if r.failed {
			tb.Errorf("mailtest: cut everywhere: %s of %d passed; the scenario fails %s\nrule: %s\n%s",
				counted(i, "cut"), len(cuts), cut, cut.rule(), r.problem())
			return
		}
	}
}

func (f *Fakes) endpoint(p mailwire.Protocol) *Endpoint {
	if p == mailwire.IMAP {
		return f.IMAP
	}
	return f.POP3
}

// cut is a place where a connection is cut.
type cut struct {
	protocol mailwire.Protocol
	session  int
	input    bool // of the client
	octets   int
	within   string // the beginning of the command or response
}

func (c cut) rule() mailwire.Rule {
	if c.input {
		return mailwire.OnAccept().Session(c.session).CutInputAfter(c.octets)
	}
	return mailwire.OnAccept().Session(c.session).CutAfter(c.octets)
}

func (c cut) String() string {
	sender := "server"
	if c.input {
		sender = "client"
	}
	return fmt.Sprintf("when %s session %d is cut after %s of the %s, at %q", c.protocol, c.session, counted(c.octets, "octet"), sender, c.within)
}

// passed is a command or response that has passed.
type passed struct {
	cut  // before it, or, of the client, at its end
	size int
}

// wireLog collects what passes.
type wireLog struct {
	mu  sync.Mutex
	all []passed
	sum map[cut]int // octets so far, of a session and direction
}

func (l *wireLog) watch(f *Fakes) {
	l.sum = make(map[cut]int)
	for _, e := range []*Endpoint{f.IMAP, f.POP3} {
		e.Inject(mailwire.OnResponse("").Do(func(h *mailwire.Hit) { l.add(h, false) }))
		e.Inject(mailwire.On("*").Do(func(h *mailwire.Hit) { l.add(h, true) }))
		e.Inject(mailwire.OnStep().Do(func(h *mailwire.Hit) { l.add(h, true) }))
	}
}

func (l *wireLog) add(h *mailwire.Hit, input bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stream := cut{protocol: h.Protocol, session: h.Session, input: input}
	at := stream
	at.octets, at.within = l.sum[stream], beginning(h, input)
	l.all = append(l.all, passed{at, len(h.Text)})
	l.sum[stream] += len(h.Text)
}

// beginning returns what a report shows of a command or response. That is no password.
func beginning(h *mailwire.Hit, input bool) string {
	const shown = 60
	if input {
		return h.Command
	}
	return string(h.Text[:min(len(h.Text), shown)])
}

// cuts returns the places to cut at, in the order in which they passed.
func (l *wireLog) cuts(between bool) []cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []cut
	for _, p := range l.all {
		step := 1
		if between {
			step = max(p.size, 1)
		}
		for i := 0; i < p.size; i += step {
			c := p.cut
			c.octets += i
			if c.input { // after the octet: before the first is where the answer before it ends
				c.octets = p.octets + min(i+step, p.size)
			}
			all = append(all, c)
		}
	}
	return all
}

// choose returns n cuts in their order.
func choose(cuts []cut, n int, seed uint64) []cut {
	picked := rand.New(rand.NewPCG(seed, 0)).Perm(len(cuts))[:max(n, 0)]
	slices.SortFunc(picked, cmp.Compare[int])
	some := make([]cut, 0, len(picked))
	for _, i := range picked {
		some = append(some, cuts[i])
	}
	return some
}
