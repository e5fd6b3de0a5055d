package imapfake

import (
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

var errNoFunction = errors.New("there is no function to call")

// FetchItem is a FETCH item of the test's own, for [WithFetchItem].
type FetchItem struct {
	// Name is an atom without "[" or "<", such as "X-SPAM-SCORE".
	Name string
	// Capability brings the item, as that of a [Command] does.
	Capability imap.Cap
	// Value returns the item of a message. What [Command].Run says of goroutines and panics
	// holds here too.
	Value func(*mailstore.Message) Value
}

// WithFetchItem adds an item to FETCH.
func WithFetchItem(item FetchItem) Option {
	return func(s *Server) {
		name := strings.ToUpper(item.Name)
		var err error
		switch {
		case !isName(name) || strings.ContainsAny(name, "[<") || macro(name) != nil:
			err = errors.New("the name is no atom without brackets, or that of a macro")
		case item.Value == nil:
			err = errNoFunction
		}
		s.own.check(err, "FETCH item", item.Name)
		write := func(o *output, m *fetched) {
			o.text(name).byte(' ')
			var v Value
			o.protect("the function of FETCH item "+name, func() { v = item.Value(m.Message) })
			o.value(v)
		}
		row := fetchItem{name, func(*parser) fetchAttribute { return fetchAttribute{write: write} }}
		s.own.add(extension{cap: item.Capability, fetchItems: []fetchItem{row}})
	}
}

// SearchKey is a SEARCH key of the test's own, for [WithSearchKey].
type SearchKey struct {
	// Name is an atom that doesn't begin as a set of numbers does, such as "XOWNER".
	Name string
	// Capability brings the key, as that of a [Command] does.
	Capability imap.Cap
	// Parse reads the key's arguments, if it has any, and returns what tells whether a message
	// matches. What [Command].Run says of goroutines and panics holds for both.
	Parse func(*Args) func(*mailstore.Message) bool
}

// WithSearchKey adds a key to SEARCH and all that searches.
func WithSearchKey(key SearchKey) Option {
	return func(s *Server) {
		name := strings.ToUpper(key.Name)
		var err error
		switch {
		case !isName(name) || isDigit(name[0]) || name[0] == '$':
			err = errors.New("the name is no atom, or begins as a set of numbers")
		case key.Parse == nil:
			err = errNoFunction
		}
		s.own.check(err, "SEARCH key", key.Name)
		row := searchKey{name, func(p *parser, q *search) matcher { return q.ownKey(name, key, p) }}
		s.own.add(extension{cap: key.Capability, searchKeys: []searchKey{row}})
	}
}

func (q *search) ownKey(name string, key SearchKey, p *parser) matcher {
	what := "the function of SEARCH key " + name
	var match func(*mailstore.Message) bool
	q.out.protect(what, func() { match = key.Parse(&Args{p: p, name: name, decode: q.decode}) })
	if match == nil {
		p.fail("SEARCH key %.40q has come to nothing", name)
	}
	return func(c *candidate) (matches bool) {
		q.out.protect(what, func() { matches = match(c.Message) })
		return matches
	}
}

// StatusItem is a STATUS item of the test's own, for [WithStatusItem].
type StatusItem struct {
	// Name is an atom, such as "XCOLOUR".
	Name string
	// Capability brings the item, as that of a [Command] does.
	Capability imap.Cap
	// Value returns the item of a mailbox. What [Command].Run says of goroutines and panics
	// holds here too.
	Value func(mailstore.Status) Value
}

// WithStatusItem adds an item to STATUS.
func WithStatusItem(item StatusItem) Option {
	return func(s *Server) {
		name := strings.ToUpper(item.Name)
		var err error
		switch {
		case !isName(name):
			err = errors.New("the name is no atom")
		case item.Value == nil:
			err = errNoFunction
		}
		s.own.check(err, "STATUS item", item.Name)
		row := statusItem{name: name, write: func(s *session, st mailstore.Status) {
			var v Value
			s.out.protect("the function of STATUS item "+name, func() { v = item.Value(st) })
			s.out.value(v)
		}}
		s.own.add(extension{cap: item.Capability, statusItems: []statusItem{row}})
	}
}

type (
	fetchOverride  = func(m *mailstore.Message, original string) string
	searchOverride = func(m *mailstore.Message, original bool) bool
	statusOverride = func(st mailstore.Status, original string) string
)

// OverrideFetchItem has f called with what FETCH is about to send for an item, such as
// "RFC822 {3}\r\na\r\n", and sends what f returns instead; nothing for "". The name is what comes before
// brackets: "BODY" stands for every section, but BODY.PEEK is an item of its own. What
// [Command].Run says of goroutines and panics holds here too.
func OverrideFetchItem(name string, f func(m *mailstore.Message, original string) string) Option {
	return func(s *Server) {
		s.own.check(missing(f == nil), "override of FETCH item", name)
		s.own.fetchOverrides = append(s.own.fetchOverrides, namedOverride[fetchOverride]{strings.ToUpper(name), f})
	}
}

// OverrideSearchKey has f called with whether a message matches a key, and takes what f
// returns for it. What [Command].Run says of goroutines and panics holds here too.
func OverrideSearchKey(name string, f func(m *mailstore.Message, original bool) bool) Option {
	return func(s *Server) {
		s.own.check(missing(f == nil), "override of SEARCH key", name)
		s.own.searchOverrides = append(s.own.searchOverrides, namedOverride[searchOverride]{strings.ToUpper(name), f})
	}
}

// OverrideStatusItem has f called with the value that STATUS is about to send for an item,
// such as "5", and sends what f returns instead. What [Command].Run says of goroutines and
// panics holds here too.
func OverrideStatusItem(name string, f func(st mailstore.Status, original string) string) Option {
	return func(s *Server) {
		s.own.check(missing(f == nil), "override of STATUS item", name)
		s.own.statusOverrides = append(s.own.statusOverrides, namedOverride[statusOverride]{strings.ToUpper(name), f})
	}
}

func missing(noFunction bool) error {
	if noFunction {
		return errNoFunction
	}
	return nil
}

// overrideRows changes the rows of items and keys that are overridden, in a table of the
// server's own.
func (own *ownRows) overrideRows(t *table) {
	for _, o := range own.fetchOverrides {
		if row, ok := t.fetchItems[o.name]; ok {
			t.fetchItems[o.name] = row.overridden(o.f)
		}
	}
	for _, o := range own.searchOverrides {
		if row, ok := t.searchKeys[o.name]; ok {
			t.searchKeys[o.name] = row.overridden(o.f)
		}
	}
	for _, o := range own.statusOverrides {
		if row, ok := t.statusItems[o.name]; ok {
			t.statusItems[o.name] = row.overridden(o.f)
		}
	}
}

func (row fetchItem) overridden(f fetchOverride) fetchItem {
	return fetchItem{row.name, func(p *parser) fetchAttribute {
		attr := row.parse(p)
		before := attr.replace
		attr.replace = func(o *output, m *fetched, text string) string {
			if before != nil {
				text = before(o, m, text)
			}
			o.protect("the override of FETCH item "+row.name, func() { text = f(m.Message, text) })
			return text
		}
		return attr
	}}
}

// replaced returns what is sent of an attribute that is overridden.
func (attr fetchAttribute) replaced(o *output, m *fetched) string {
	original := output{utf8: o.utf8, panicking: o.panicking}
	attr.write(&original, m)
	if original.failed != nil {
		o.failed = original.failed
	}
	o.panicking = original.panicking
	return attr.replace(o, m, string(original.buf))
}

func (row searchKey) overridden(f searchOverride) searchKey {
	return searchKey{row.name, func(p *parser, q *search) matcher {
		match := row.parse(p, q)
		return func(c *candidate) bool {
			matches := match(c)
			q.out.protect("the override of SEARCH key "+row.name, func() { matches = f(c.Message, matches) })
			return matches
		}
	}}
}

func (row statusItem) overridden(f statusOverride) statusItem {
	original := row.write
	row.write = func(s *session, st mailstore.Status) {
		out := s.out
		s.out = output{utf8: out.utf8, panicking: out.panicking}
		original(s, st)
		text := string(s.out.buf)
		out.panicking = s.out.panicking
		s.out = out
		s.out.protect("the override of STATUS item "+row.name, func() { text = f(st, text) })
		s.out.text(text)
	}
	return row
}
