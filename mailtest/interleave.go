package mailtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// defaultOrders is how many orders are tried at most unless [MaxOrders] says otherwise.
	defaultOrders = 1000
	// stepLimit is how long a client may take from one step to the next.
	stepLimit = 10 * time.Second
)

// InterleaveOption chooses what [Interleave] does.
type InterleaveOption func(*interleaving)

type interleaving struct {
	max     int
	random  bool
	seed    uint64
	order   []string // one order alone
	servers []Option
}

// MaxOrders tries n orders at most, those with the fewest changes from one client to
// another first. Without it there are 1,000 at most.
func MaxOrders(n int) InterleaveOption { return func(in *interleaving) { in.max = n } }

// RandomOrders tries n orders at random, which the seed chooses, in place of all.
func RandomOrders(n int, seed uint64) InterleaveOption {
	return func(in *interleaving) { in.max, in.seed, in.random = n, seed, true }
}

// OneOrder tries the one order that a failure has reported: the names of the clients, one for
// each step, separated by spaces.
func OneOrder(order string) InterleaveOption {
	return func(in *interleaving) { in.order = strings.Fields(order) }
}

// InterleaveServers gives the servers options; they are in memory whatever these say.
func InterleaveServers(options ...Option) InterleaveOption {
	return func(in *interleaving) { in.servers = append(in.servers, options...) }
}

// Interleave shows that several clients of one account do no harm to each other, whichever
// of them is faster. It runs a scenario again and again, with fresh servers, each time with
// the clients' steps in another order. The scenario makes its accounts, names its clients, runs
// them, and checks what has to be true in any case:
//
//	mailtest.Interleave(t, func(t testing.TB, srv *mailtest.Server, clients *mailtest.Clients) {
//		alice := srv.AddAccount("alice", "secret")
//		alice.Deliver(mailtest.Mail{Subject: "hello"})
//		for _, name := range []string{"phone", "laptop"} {
//			clients.Add(name, func(step func()) {
//				app := archiver.Open(srv.IMAP.Dial) // the code under test
//				step()
//				app.CopyToArchive()
//				step()
//				app.DeleteFromInbox()
//			})
//		}
//		clients.Run()
//		alice.WantOverIMAP("Archive", "hello")
//	})
//
// A client goes on alone from one call of step to the next, while the others stand still at
// theirs; so it must not wait for what another has yet to do. The first order in which the
// scenario fails is reported, with the transcript; as orders with few changes from one client
// to another are tried first, there is none with fewer. The scenario has to do the same in the
// same order each time, and gets a t of its own.
func Interleave(tb testing.TB, scenario func(t testing.TB, srv *Server, clients *Clients), options ...InterleaveOption) {
	tb.Helper()
	in := interleaving{max: defaultOrders}
	err := apply(&in, options)
	switch {
	case err != nil:
		tb.Fatalf("mailtest: interleave: %v", err)
	case scenario == nil:
		tb.Fatal("mailtest: interleave: there is no scenario")
	case in.max < 1:
		tb.Fatalf("mailtest: interleave: %d orders at most", in.max)
	}
	more := 0 // orders that were tried, if there are more
	for n, plan := range in.plans() {
		if n == in.max {
			more = n
			break
		}
		var r *scenarioRun
		if r, err = in.run(tb, scenario, plan); err == nil && r.Failed() {
			err = fmt.Errorf("%s passed; the scenario fails in the order %q%s\n%s",
				counted(n, "order"), strings.Join(plan.taken, " "), in.origin(), r.problem())
		}
		if err != nil {
			break
		}
	}
	// Told here, as the loop's body is a function of its own, which is no helper's.
	if err != nil {
		tb.Errorf("mailtest: interleave: %v", err)
	} else if more > 0 {
		tb.Logf("mailtest: interleave: %s tried, there are more", counted(more, "order"))
	}
}

// origin says where the orders are from.
func (in *interleaving) origin() string {
	if in.random {
		return fmt.Sprintf(", chosen by the seed %d", in.seed)
	}
	return ""
}

// run runs the scenario with fresh servers.
func (in *interleaving) run(tb testing.TB, scenario func(testing.TB, *Server, *Clients), plan *plan) (*scenarioRun, error) {
	clients := &Clients{plan: plan}
	r, err := runScenario(tb, in.servers, func(t testing.TB, srv *Server) {
		clients.tb = t
		scenario(t, srv, clients)
	}, func(*Fakes) {})
	clients.over.Wait() // those that were stuck have lost their connections by now
	if err == nil && clients.stop == nil && !r.Failed() {
		err = errors.New("the scenario doesn't call Run")
	}
	return r, err
}

// plan is the order of one run: which client is next at each point where several could be.
type plan struct {
	choices []int // at the first points; after them the client that went last goes on
	order   []string
	rnd     *rand.Rand // chooses at all points, if not nil

	points []point // met in the run
	taken  []string
}

// point is one at which several clients could go on.
type point struct {
	choices int  // how many
	chosen  int  // 0 is the client that went last, if it can
	same    bool // it can
}

// changes returns how often a run left a client that could have gone on, before point n.
func (p *plan) changes(n int) (changes int) {
	for _, at := range p.points[:n] {
		if at.same && at.chosen > 0 {
			changes++
		}
	}
	return changes
}

// next chooses one of the clients that can go on, the one that went last first.
func (p *plan) next(ready []*client, last *client) *client {
	chosen := 0
	switch n := len(p.points); {
	case p.order != nil:
		chosen = -1
		if step := len(p.taken); step < len(p.order) {
			chosen = slices.IndexFunc(ready, func(c *client) bool { return c.name == p.order[step] })
		}
		if chosen < 0 {
			return nil
		}
	case len(ready) == 1:
	case p.rnd != nil:
		chosen = p.rnd.IntN(len(ready))
	case n < len(p.choices):
		chosen = min(p.choices[n], len(ready)-1)
	}
	if len(ready) > 1 {
		p.points = append(p.points, point{len(ready), chosen, ready[0] == last})
	}
	p.taken = append(p.taken, ready[chosen].name)
	return ready[chosen]
}

// plans yields the orders to try, with their numbers. Each is run before the next is asked
// for, as only a run shows where there is a choice.
func (in *interleaving) plans() func(yield func(int, *plan) bool) {
	return func(yield func(int, *plan) bool) {
		switch {
		case in.order != nil:
			yield(0, &plan{order: in.order})
			return
		case in.random:
			rnd := rand.New(rand.NewPCG(in.seed, 0))
			for n := 0; n < in.max && yield(n, &plan{rnd: rnd}); n++ {
			}
			return
		}
		waiting := [][]*plan{{{}}} // by how many changes they have
		for n, changes := 0, 0; changes < len(waiting); {
			if len(waiting[changes]) == 0 {
				changes++
				continue
			}
			p := waiting[changes][0]
			waiting[changes] = waiting[changes][1:]
			if !yield(n, p) {
				return
			}
			n++
			for _, branch := range p.branches() {
				more := branch.after
				for len(waiting) <= more {
					waiting = append(waiting, nil)
				}
				waiting[more] = append(waiting[more], branch.plan)
			}
		}
	}
}

type branch struct {
	plan  *plan
	after int // changes that it has at least
}

// branches returns the orders that differ from the one that was run at one of the points
// after those that it was chosen by.
func (p *plan) branches() (all []branch) {
	var choices []int
	for i, at := range p.points {
		if i >= len(p.choices) {
			for c := 1; c < at.choices; c++ {
				changes := p.changes(i)
				if at.same {
					changes++
				}
				all = append(all, branch{&plan{choices: append(slices.Clone(choices), c)}, changes})
			}
		}
		choices = append(choices, at.chosen)
	}
	return all
}

// Clients are the clients of one run of [Interleave].
type Clients struct {
	tb      testing.TB
	plan    *plan
	clients []*client
	over    sync.WaitGroup
	stop    chan struct{} // closed when the run is given up
}

// client is a client that stands still or goes on.
type client struct {
	name    string
	program func(step func())
	turn    chan struct{} // it is to go on
	still   chan bool     // it has come to a step, or, false, to its end
	ended   bool
}

// Add names a client and says what it does, with calls of step where others may come
// between. A name is one word.
func (c *Clients) Add(name string, program func(step func())) {
	c.tb.Helper()
	if name == "" || strings.ContainsAny(name, " \t\r\n") || slices.ContainsFunc(c.clients, func(o *client) bool { return o.name == name }) {
		c.tb.Fatalf("mailtest: interleave: the name of a client %q isn't a word of its own", name)
	}
	if program == nil {
		c.tb.Fatalf("mailtest: interleave: client %q has nothing to do", name)
	}
	c.clients = append(c.clients, &client{name: name, program: program, turn: make(chan struct{}), still: make(chan bool)})
}

// Run runs all clients to their ends, in the order of this run.
func (c *Clients) Run() {
	c.tb.Helper()
	if len(c.clients) == 0 {
		c.tb.Fatal("mailtest: interleave: there are no clients to run")
	}
	c.stop = make(chan struct{})
	defer close(c.stop)
	for _, cl := range c.clients {
		c.over.Go(func() { cl.run(c.stop) })
	}
	var last *client
	for {
		ready := c.ready(last)
		if len(ready) == 0 {
			return
		}
		next := c.plan.next(ready, last)
		if next == nil {
			c.tb.Fatalf("mailtest: interleave: the order %q has no step for any of %s after %q",
				strings.Join(c.plan.order, " "), counted(len(ready), "client"), strings.Join(c.plan.taken, " "))
		}
		next.turn <- struct{}{}
		select {
		case more := <-next.still:
			next.ended = !more
		case <-time.After(stepLimit):
			c.tb.Fatalf("mailtest: interleave: client %q doesn't come to its next step or its end while the others stand still", next.name)
		}
		last = next
	}
}

// ready returns the clients that haven't ended, the one that went last first.
func (c *Clients) ready(last *client) (ready []*client) {
	if last != nil && !last.ended {
		ready = append(ready, last)
	}
	for _, cl := range c.clients {
		if cl != last && !cl.ended {
			ready = append(ready, cl)
		}
	}
	return ready
}

// run runs the client's program, a step whenever it has a turn.
func (cl *client) run(stop <-chan struct{}) {
	defer func() {
		select {
		case cl.still <- false:
		case <-stop:
		}
	}()
	if !cl.await(stop) {
		return
	}
	cl.program(func() {
		select {
		case cl.still <- true:
		case <-stop:
		}
		if !cl.await(stop) {
			runtime.Goexit() // the run is given up
		}
	})
}

func (cl *client) await(stop <-chan struct{}) bool {
	select {
	case <-cl.turn:
		return true
	case <-stop:
		return false
	}
}
