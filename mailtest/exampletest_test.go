package mailtest_test

import (
	"context"
	"fmt"
	"testing"
)

// exampleTest stands for the *testing.T of a test in examples. What a test would log as an
// error is printed.
type exampleTest struct {
	testing.TB
	failed   bool
	cleanups []func()
}

// newTest begins a test; its end has to be deferred.
func newTest() *exampleTest { return new(exampleTest) }

func (t *exampleTest) end() {
	for len(t.cleanups) > 0 {
		last := len(t.cleanups) - 1
		f := t.cleanups[last]
		t.cleanups = t.cleanups[:last]
		f()
	}
}

func (t *exampleTest) Helper()                  {}
func (t *exampleTest) Log(...any)               {}
func (t *exampleTest) Logf(string, ...any)      {}
func (t *exampleTest) Failed() bool             { return t.failed }
func (t *exampleTest) Name() string             { return "TestExample" }
func (t *exampleTest) Context() context.Context { return context.Background() }
func (t *exampleTest) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }

func (t *exampleTest) Error(args ...any) {
	t.failed = true
	fmt.Println(args...)
}

func (t *exampleTest) Errorf(format string, args ...any) { t.Error(fmt.Sprintf(format, args...)) }

func (t *exampleTest) Fatal(args ...any) {
	t.Error(args...)
	panic("the example failed")
}

func (t *exampleTest) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }
