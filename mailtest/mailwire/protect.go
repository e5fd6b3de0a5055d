package mailwire

import (
	"fmt"
	"runtime/debug"
)

// Protect calls f, a function of a test's author that a server was given, and calls failed
// if f doesn't return: because it panicked, or because it ended the goroutine as
// testing.T.FailNow does, which then goes on ending.
func Protect(what string, f func(), failed func(error)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if r := recover(); r != nil {
			failed(fmt.Errorf("%s panicked: %v\n%s", what, r, debug.Stack()))
		} else {
			failed(fmt.Errorf("%s ended its goroutine, as testing.T.FailNow does", what))
		}
	}()
	f()
	returned = true
}
