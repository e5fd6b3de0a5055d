package mailtest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// scenarioRun is the test of one run of a scenario: it fails on its own.
type scenarioRun struct {
	testing.TB
	fakes *Fakes

	mu       sync.Mutex
	failed   bool
	log      []string
	cleanups []func()
}

// runScenario runs a scenario with fresh servers in memory.
func runScenario(tb testing.TB, servers []Option, scenario func(testing.TB, *Server), prepare func(*Fakes)) *scenarioRun {
	tb.Helper()
	f, err := Start(slices.Concat(servers, []Option{InMemory()})...)
	if err != nil {
		tb.Fatal(err)
	}
	r := &scenarioRun{TB: tb, fakes: f}
	f.IMAP.tb, f.POP3.tb = r, r
	prepare(f)
	apart(func() {
		returned := false
		defer func() {
			if !returned && !r.Failed() {
				r.Error("the scenario ended its goroutine")
			}
		}()
		scenario(r, newServer(f, r))
		returned = true
	})
	r.end()
	return r
}

// apart runs f in a goroutine of its own, because FailNow ends it.
func apart(f func()) {
	var running sync.WaitGroup
	running.Go(f)
	running.Wait()
}

// end runs the cleanups and closes the servers.
func (r *scenarioRun) end() {
	for last := r.lastCleanup(); last != nil; last = r.lastCleanup() {
		apart(last)
	}
	if err := r.fakes.Close(); err != nil {
		r.Errorf("close: %v", err)
	}
}

// lastCleanup takes the cleanup that was added last; nil: there is none left.
func (r *scenarioRun) lastCleanup() func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := len(r.cleanups) - 1
	if left < 0 {
		return nil
	}
	last := r.cleanups[left]
	r.cleanups = r.cleanups[:left]
	return last
}

// problem returns what is wrong, and what was said.
func (r *scenarioRun) problem() string {
	said, _ := r.fakes.Transcript.Tail(shortSessions, shortLines)
	return strings.Join(r.log, "\n") + "\n" + said
}

func (r *scenarioRun) note(failed bool, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	if text != "" {
		r.log = append(r.log, strings.TrimSuffix(text, "\n"))
	}
}

func (r *scenarioRun) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *scenarioRun) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *scenarioRun) Error(args ...any)                 { r.note(true, fmt.Sprintln(args...)) }
func (r *scenarioRun) Errorf(format string, args ...any) { r.note(true, fmt.Sprintf(format, args...)) }
func (r *scenarioRun) Fail()                             { r.note(true, "") }
func (r *scenarioRun) Log(args ...any)                   { r.note(false, fmt.Sprintln(args...)) }
func (r *scenarioRun) Logf(format string, args ...any)   { r.note(false, fmt.Sprintf(format, args...)) }

func (r *scenarioRun) FailNow() {
	r.note(true, "")
	runtime.Goexit()
}

func (r *scenarioRun) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *scenarioRun) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
