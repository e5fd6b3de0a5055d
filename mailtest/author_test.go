package mailtest_test

import (
	"fmt"
	"strings"
	"testing"
)

// author is a testing.TB whose failures can be looked at.
type author struct {
	testing.TB
	fatal    string
	log      strings.Builder
	errors   []string
	failed   bool
	cleanups []func()
}

func (a *author) Helper()          {}
func (a *author) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }
func (a *author) Failed() bool     { return a.failed }

func (a *author) Fatal(args ...any) { a.Fatalf("%s", fmt.Sprint(args...)) }

func (a *author) Fatalf(format string, args ...any) {
	a.fatal = fmt.Sprintf(format, args...)
	a.failed = true
	panic(a)
}

func (a *author) Error(args ...any) { a.Errorf("%s", fmt.Sprint(args...)) }

func (a *author) Errorf(format string, args ...any) {
	a.errors = append(a.errors, fmt.Sprintf(format, args...))
	a.failed = true
}

func (a *author) Logf(format string, args ...any) { fmt.Fprintf(&a.log, format, args...) }

// run runs a test of the author's to its end.
func (a *author) run(test func()) {
	defer func() {
		if r := recover(); r != nil && r != any(a) {
			panic(r)
		}
		for i := len(a.cleanups) - 1; i >= 0; i-- {
			a.cleanups[i]()
		}
	}()
	test()
}
