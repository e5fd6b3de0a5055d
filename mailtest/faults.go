package mailtest

import (
	"fmt"

	"example.org/mailfakes/mailtest/mailwire"
)

// Inject has the server's connections misbehave as the rule says, from now on: see package
// [mailwire]. A rule that makes no sense fails the test; without a test, the error comes
// out of [Fakes.Close].
func (e *Endpoint) Inject(r mailwire.Rule) *mailwire.Injection {
	h, err := e.faults.Inject(r)
	if err == nil {
		return h
	}
	if e.tb != nil {
		e.tb.Helper()
		e.tb.Fatal(err)
	}
	return e.faults.Reject(r, err)
}

// Hold stops each session at that command until the test releases it: the server gets the
// command after [mailwire.Injection.Release], and [mailwire.Injection.Wait] waits until one
// has come. The next such command is stopped again, be it the client's second attempt;
// [mailwire.Injection.Remove] lets go both of those that are stopped and of those to come.
func (e *Endpoint) Hold(command string) *mailwire.Injection {
	if e.tb != nil {
		e.tb.Helper()
	}
	return e.Inject(mailwire.On(command).Hold())
}

// FailOnUnfired fails the test at its end for each rule of [Endpoint.Inject] that never fired.
// With [Start] it is Close that returns them as an error.
func FailOnUnfired() Option { return func(s *settings) { s.ends.unfired = true } }

// unfired returns the rules that never fired.
func unfired(endpoints ...*Endpoint) (errs []error) {
	for _, e := range endpoints {
		for _, h := range e.faults.Unfired() {
			errs = append(errs, fmt.Errorf("mailtest: %s: the fault %q never fired; it matched %s", e.name, h.Rule(), counted(h.Matched(), "time")))
		}
	}
	return errs
}
