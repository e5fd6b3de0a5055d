package mailtest

import (
	"fmt"
	"path/filepath"
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
	helpers  map[string]bool // functions that called Helper
}

// runScenario runs a scenario with fresh servers in memory. An error says why these can't be.
func runScenario(tb testing.TB, servers []Option, scenario func(testing.TB, *Server), prepare func(*Fakes)) (*scenarioRun, error) {
	f, err := Start(slices.Concat(servers, []Option{InMemory()})...)
	if err != nil {
		return nil, err
	}
	r := &scenarioRun{TB: tb, fakes: f, helpers: make(map[string]bool)}
	f.IMAP.tb, f.POP3.tb = r, r
	prepare(f)
	defer f.beforeTimeout(tb)()
	apart(func() {
		returned := false
		defer func() {
			if !returned && !r.Failed() {
				r.note(true, "the scenario ended its goroutine")
			}
		}()
		scenario(r, newServer(f, r))
		returned = true
	})
	r.end()
	return r, nil
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
		r.note(true, fmt.Sprintf("close: %v", err))
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

// Helper has what the calling function reports told with the line that called it.
func (r *scenarioRun) Helper() {
	var caller [1]uintptr
	runtime.Callers(2, caller[:])
	frame, _ := runtime.CallersFrames(caller[:]).Next()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.helpers[frame.Function] = true
}

// line returns the line that a report is about, which no helper has.
func (r *scenarioRun) line() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		if !more || !r.helpers[frame.Function] && !strings.Contains(frame.Function, ".(*scenarioRun).") {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
	}
}

// say notes what the author reports.
func (r *scenarioRun) say(failed bool, text string) { r.note(failed, r.line()+": "+text) }

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

func (r *scenarioRun) Error(args ...any)                 { r.say(true, fmt.Sprintln(args...)) }
func (r *scenarioRun) Errorf(format string, args ...any) { r.say(true, fmt.Sprintf(format, args...)) }
func (r *scenarioRun) Fail()                             { r.note(true, "") }
func (r *scenarioRun) Log(args ...any)                   { r.say(false, fmt.Sprintln(args...)) }
func (r *scenarioRun) Logf(format string, args ...any)   { r.say(false, fmt.Sprintf(format, args...)) }

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
