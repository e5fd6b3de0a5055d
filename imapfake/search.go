package imapfake

import (
	"strings"
	"unicode/utf8"
)

// searchCommands are SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8).
func searchCommands() []command {
	return []command{
		{name: "SEARCH", states: selected, parse: searchParser(false), numbers: true, noExpunge: true},
		{name: "UID SEARCH", states: selected, parse: searchParser(true), numbers: true},
	}
}

// searchKey is a row of the table of search keys.
type searchKey struct {
	name string
	// parse reads the key's arguments.
	parse func(*parser, *search) matcher
}

// matcher tells whether a message matches a key.
type matcher func(*candidate) bool

// candidate is a message that is tried.
type candidate struct {
	seq uint32
	*fetched
	texts []string // see bodyTexts
}

// search is one SEARCH command being parsed.
type search struct {
	*session
	depth int
}

// maxSearchDepth bounds how deep keys may be nested by NOT, OR and parentheses.
const maxSearchDepth = 50

func searchParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		charset := ""
		if p.word("CHARSET") {
			p.space()
			charset = p.astring()
			p.space()
		}
		match := (&search{session: s}).program(p)
		return func(s *session) error {
			if !isKnownCharset(charset) {
				// RFC 3501 §6.4.4: with the charsets that are known.
				return no("BADCHARSET (US-ASCII UTF-8)", "SEARCH knows no charset "+charset)
			}
			s.search(match, byUID)
			return nil
		}
	}
}

func isKnownCharset(name string) bool {
	return name == "" || strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "US-ASCII")
}

// word skips an atom if it is the next.
func (p *parser) word(atom string) bool {
	rest := p.text[p.pos:]
	if len(rest) <= len(atom) || rest[len(atom)] != ' ' || !strings.EqualFold(string(rest[:len(atom)]), atom) {
		return false
	}
	p.pos += len(atom)
	return true
}

// program reads search keys up to the end of the command: all must match.
func (q *search) program(p *parser) matcher {
	keys := []matcher{q.key(p)}
	for p.accept(' ') {
		keys = append(keys, q.key(p))
	}
	return allOf(keys)
}

func allOf(keys []matcher) matcher {
	if len(keys) == 1 {
		return keys[0]
	}
	return func(c *candidate) bool {
		for _, match := range keys {
			if !match(c) {
				return false
			}
		}
		return true
	}
}

// key reads one search key.
func (q *search) key(p *parser) matcher {
	if q.depth++; q.depth > maxSearchDepth {
		p.fail("search keys are nested deeper than %d", maxSearchDepth)
	}
	defer func() { q.depth-- }()
	switch c := p.peek(); {
	case c == '(':
		var keys []matcher
		p.list(false, func() { keys = append(keys, q.key(p)) })
		return allOf(keys)
	case isDigit(c) || c == '*':
		set := q.messageSet(p, false)
		return func(c *candidate) bool { return set.contains(c.seq) }
	}
	name := strings.ToUpper(p.run("a search key", isAtomChar))
	key, ok := q.srv.table.searchKeys[name]
	if !ok {
		p.fail("unknown search key %.40q (RFC 3501 §6.4.4)", name)
		return nil
	}
	return key.parse(p, q)
}

// text reads a string to look for.
func (q *search) text(p *parser) string {
	s := p.astring()
	if !utf8.ValidString(s) {
		p.fail("the string %.40q is not in the charset of the search", s)
	}
	return s
}

// search answers with the numbers or UIDs of the messages that match.
func (s *session) search(match matcher, byUID bool) {
	s.out.text("* SEARCH")
	for seq, m := range s.view.Latest().All() {
		c := candidate{seq: seq, fetched: &fetched{m, s.view.IsRecent(m.UID)}}
		if !match(&c) {
			continue
		}
		n := uint64(seq)
		if byUID {
			n = uint64(m.UID)
		}
		s.out.byte(' ').number(n)
	}
	s.out.crlf()
}
