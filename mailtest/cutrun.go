package mailtest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// cutRun is the test of one run of a scenario: it fails on its own.
type cutRun struct {
	testing.TB
	fakes *Fakes

	mu       sync.Mutex
	failed   bool
	log      []string
	cleanups []func()
}

// end runs the cleanups and closes the servers.
func (r *cutRun) end() {
	for len(r.cleanups) > 0 {
		last := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		last()
	}
	if err := r.fakes.Close(); err != nil {
		r.Errorf("close: %v", err)
	}
}

// problem returns what is wrong, and what was said.
func (r *cutRun) problem() string {
	said, _ := r.fakes.Transcript.Tail(shortSessions, shortLines)
	return strings.Join(r.log, "\n") + "\n" + said
}

func (r *cutRun) note(failed bool, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	if text != "" {
		r.log = append(r.log, strings.TrimSuffix(text, "\n"))
	}
}

func (r *cutRun) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *cutRun) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *cutRun) Error(args ...any)                 { r.note(true, fmt.Sprintln(args...)) }
func (r *cutRun) Errorf(format string, args ...any) { r.note(true, fmt.Sprintf(format, args...)) }
func (r *cutRun) Fail()                             { r.note(true, "") }
func (r *cutRun) Log(args ...any)                   { r.note(false, fmt.Sprintln(args...)) }
func (r *cutRun) Logf(format string, args ...any)   { r.note(false, fmt.Sprintf(format, args...)) }

func (r *cutRun) FailNow() {
	r.note(true, "")
	runtime.Goexit()
}

func (r *cutRun) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *cutRun) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
