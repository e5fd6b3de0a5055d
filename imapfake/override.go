package imapfake

import (
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// override takes a command's place.
type override struct {
	name  string
	every bool // it takes every command's place
	run   func(*Call) error
}

func (o override) takes(cmd command) bool {
	return o.every || o.name == cmd.name && cmd.parse != nil
}

// OverrideCommand has run called in place of a command, such as "SELECT" or "UID FETCH". It
// can answer by itself, refuse the command by its error, or carry it out by [Call.Next],
// and change what is sent by [Call.Filter]. It is called whatever the session's state and
// the command's arguments are, and not for a command that can't be read, such as a line that is
// too long or a literal that is refused before it is sent. Of several overrides of a command
// the last given is called first, and its Next calls the one before it. What [Command].Run says
// of errors, goroutines and panics holds here too, but unread arguments are no error. If
// a capability is turned off that brings the command, there is nothing to override.
func OverrideCommand(name string, run func(*Call) error) Option {
	return func(s *Server) {
		s.own.check(missing(run == nil), "override of command", name)
		s.own.overrides = append(s.own.overrides, override{name: strings.ToUpper(name), run: run})
	}
}

// OverrideEveryCommand is [OverrideCommand] for every command, also those that the server
// doesn't know, which [Call.Next] answers by BAD.
func OverrideEveryCommand(run func(*Call) error) Option {
	return func(s *Server) {
		s.own.check(missing(run == nil), "override of", "every command")
		s.own.overrides = append(s.own.overrides, override{every: true, run: run})
	}
}

// override carries out a command as its overrides have it; without one, as it is.
func (s *session) override(cmd command, p *parser) (done bool, err error) {
	next := func() error {
		arguments := *p
		done, err = s.perform(cmd, &arguments)
		return err
	}
	overridden := false
	for _, o := range s.srv.own.overrides {
		if o.takes(cmd) {
			original := next
			next = func() error { return s.newCall(cmd.name, p, original).run(o.run) }
			overridden = true
		}
	}
	if !overridden {
		return s.perform(cmd, p)
	}
	if cmd.secret {
		hidden := *p
		cmd.parse(&hidden, s)
	}
	done = true
	err = next()
	return done, err
}

// filter gives the response that is complete to the filters of the command in progress, the
// last one first, and keeps what they make of it.
func (o *output) filter() {
	responses := []string{string(o.buf[o.start:])}
	// What a filter writes by itself comes before the response, unfiltered.
	o.buf = o.buf[:o.start]
	filters := o.filters
	o.filters = nil
	for _, f := range slices.Backward(filters) {
		var filtered []string
		for _, r := range responses {
			out := []string{r}
			o.protect("a filter", func() { out = f(r) })
			filtered = append(filtered, out...)
		}
		responses = filtered
	}
	for _, r := range responses {
		o.text(r).text("\r\n")
	}
	o.filters = append(filters, o.filters...)
	o.start = len(o.buf)
}

// protect calls a function of the test's author. Once one has panicked or has ended its
// goroutine none is called any more, and the session is about to end.
func (o *output) protect(what string, f func()) {
	if o.panicking != nil {
		return
	}
	mailwire.Protect("imapfake: "+what, f, func(err error) { o.panicking = err })
}

// endPanicked ends the session if a function of the test's author has panicked.
func (s *session) endPanicked() {
	if s.out.panicking == nil || s.ended {
		return
	}
	what, _, _ := strings.Cut(s.out.panicking.Error(), "\n")
	s.unselect()
	s.bye(what)
}
