package imapfake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Command is a command of the test's own, for [WithCommand].
type Command struct {
	// Name is an atom such as "XPING", or one after "UID ". Case doesn't matter.
	Name string
	// Capability is listed by CAPABILITY and brings the command: without it there is none
	// ([WithoutCapabilities]). It may be one that the server has anyway; empty: the
	// command is always there.
	Capability imap.Cap
	// States are those that allow the command; in others it is answered by BAD.
	States States
	// Messages: the command works on messages. New ones are announced before it runs, and
	// unless its name begins with UID, no EXPUNGE is sent in answer (RFC 3501 §7.4.1).
	Messages bool
	// Run carries the command out. A nil error is answered by OK, an [*imap.Error] by what it
	// says, and any other error by NO. Arguments that Run leaves unread are answered by BAD.
	// It runs in the session's goroutine, several sessions may call it at once, and it must
	// not close the server. If it panics, the session ends with BYE, and [Server.Close] returns
	// the panic with its stack.
	Run func(*Call) error
}

// WithCommand adds a command. One that the server has already is no matter for it but for
// [OverrideCommand].
func WithCommand(c Command) Option {
	return func(s *Server) {
		row := command{
			name: strings.ToUpper(c.Name), states: c.States, numbers: c.Messages,
			noExpunge: c.Messages && !strings.HasPrefix(strings.ToUpper(c.Name), "UID "),
		}
		row.parse = func(p *parser, _ *session) action {
			arguments := *p
			p.pos, p.literals = len(p.text), nil
			return func(s *session) error { return s.runOwn(row, c.Run, &arguments) }
		}
		s.own.check(checkCommand(c), "command", c.Name)
		s.own.add(extension{cap: c.Capability, commands: []command{row}})
	}
}

func checkCommand(c Command) error {
	switch name, _ := strings.CutPrefix(strings.ToUpper(c.Name), "UID "); {
	case !isName(name) || name == "UID":
		return errors.New("the name is no atom")
	case c.States&AnyState == 0 || c.States&^AnyState != 0:
		return errors.New("the states are none of a session's")
	case c.Run == nil:
		return errors.New("there is no function to run")
	}
	return nil
}

// isName tells whether a name is an atom (RFC 3501 §4.1).
func isName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r > '~' || !isAtomChar(byte(r)) })
}

func (s *session) runOwn(cmd command, run func(*Call) error, arguments *parser) error {
	c := s.newCall(cmd.name, arguments, func() error { return unknownCommand(cmd.name) })
	err := c.run(run)
	if err == nil && s.out.panicking == nil {
		err = c.Args().End()
	}
	return err
}

// ownRows is what a test's author adds to a server's table.
type ownRows struct {
	extensions      []extension
	overrides       []override
	fetchOverrides  []namedOverride[fetchOverride]
	searchOverrides []namedOverride[searchOverride]
	statusOverrides []namedOverride[statusOverride]

	caps []imap.Cap // that the rows bring; set by addTo
	errs []error
}

// namedOverride changes the row of a name.
type namedOverride[F any] struct {
	name string
	f    F
}

func (own *ownRows) empty() bool {
	return own.extensions == nil && own.overrides == nil && own.fetchOverrides == nil &&
		own.searchOverrides == nil && own.statusOverrides == nil
}

// check keeps what is wrong with a row of the table.
func (own *ownRows) check(err error, kind, name string) {
	if err != nil {
		own.errs = append(own.errs, fmt.Errorf("imapfake: %s %q: %w", kind, name, err))
	}
}

func (own *ownRows) add(ext extension) { own.extensions = append(own.extensions, ext) }

// names are those of a table's rows, each with its kind.
type names map[[2]string]bool

// take notes an extension's rows and returns the first whose name is taken already, such as
// "command NOOP".
func (taken names) take(ext extension) (twice string) {
	note := func(kind, name string) {
		key := [2]string{kind, name}
		if taken[key] && twice == "" {
			twice = kind + " " + name
		}
		taken[key] = true
	}
	for _, c := range ext.commands {
		note("command", c.name)
	}
	for _, i := range ext.fetchItems {
		note("FETCH item", i.name)
	}
	for _, k := range ext.searchKeys {
		note("SEARCH key", k.name)
	}
	for _, i := range ext.statusItems {
		note("STATUS item", i.name)
	}
	return twice
}

// addTo adds the rows to those that the server has anyway. The error joins all that is
// wrong with them.
func (own *ownRows) addTo(all []extension) ([]extension, error) {
	if own.empty() {
		return all, nil
	}
	known, taken := make(map[imap.Cap]bool), make(names)
	for _, ext := range all {
		known[ext.cap] = true
		taken.take(ext)
	}
	errs := slices.Clone(own.errs)
	for _, ext := range own.extensions {
		ext.cap = canonicalCap(ext.cap, known)
		if ext.cap != "" && !isName(string(ext.cap)) {
			errs = append(errs, fmt.Errorf("imapfake: capability %q is no atom", ext.cap))
		}
		if twice := taken.take(ext); twice != "" {
			errs = append(errs, fmt.Errorf("imapfake: there is a %s already; it can be overridden", twice))
		}
		if known[ext.cap] || ext.cap == "" {
			ext.shown = func(*session) bool { return false } // by the row that has it already
		} else {
			known[ext.cap] = true
			own.caps = append(own.caps, ext.cap)
		}
		all = append(all, ext)
	}
	return all, errors.Join(append(errs, own.unknownOverrides(taken)...)...)
}

// canonicalCap returns a capability as one that is known is written, or in capitals.
func canonicalCap(c imap.Cap, known map[imap.Cap]bool) imap.Cap {
	for name := range known {
		if equalCap(name, c) {
			return name
		}
	}
	return imap.Cap(strings.ToUpper(string(c)))
}

// unknownOverrides returns an error for each override of what the server never has.
func (own *ownRows) unknownOverrides(known names) (errs []error) {
	overridden := make(names)
	for _, o := range own.overrides {
		if !o.every {
			overridden[[2]string{"command", o.name}] = true
		}
	}
	for _, o := range own.fetchOverrides {
		overridden[[2]string{"FETCH item", o.name}] = true
	}
	for _, o := range own.searchOverrides {
		overridden[[2]string{"SEARCH key", o.name}] = true
	}
	for _, o := range own.statusOverrides {
		overridden[[2]string{"STATUS item", o.name}] = true
	}
	compare := func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }
	for _, key := range slices.SortedFunc(maps.Keys(overridden), compare) {
		if !known[key] {
			errs = append(errs, fmt.Errorf("imapfake: there is no %s %q to override", key[0], key[1]))
		}
	}
	return errs
}
