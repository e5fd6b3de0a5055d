package mailminimize

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// item is a command, a response or a note.
type item struct {
	session  sessionKey
	exchange int  // of a command and what answers it, from 1; 0: what comes before
	single   bool // it can be left out alone
	gone     bool
	parts    []*part
}

type sessionKey struct {
	protocol mailwire.Protocol
	number   int
}

// part is a line of an item.
type part struct {
	mailwire.Line
	item  *item
	place int // in its item
	gone  bool
}

// announcement finds the size of the literal that a line announces.
var announcement = regexp.MustCompile(`\{\d+(\+?\}\r\n)$`)

// render returns what is left in text form. The sizes of literals that were shortened are
// made to fit.
func render(parts []*part) (text []byte) {
	for _, p := range parts {
		if p.gone || p.item.gone {
			continue
		}
		r := p.Record
		if size, shortened := p.literalBehind(); shortened {
			r.Text = announcement.ReplaceAll(r.Text, fmt.Appendf(nil, "{%d$1", size))
		}
		text = r.Append(text, time.Time{})
	}
	return text
}

// literalBehind returns the size of what is left of the literal that begins behind a part.
func (p *part) literalBehind() (size int64, shortened bool) {
	if p.Literal {
		return 0, false
	}
	for _, next := range p.item.parts[p.place+1:] {
		switch {
		case !next.Literal:
			return size, shortened
		case next.gone:
			shortened = true
		default:
			size += int64(len(next.Text)) + next.Elided
		}
	}
	return size, shortened
}

// phases are what is left out in turn.
var phases = []struct {
	name  string
	units func([]*item) []unit
}{
	{"sessions", func(items []*item) []unit {
		return grouped(items, func(it *item) (any, bool) { return it.session, true })
	}},
	{"commands", func(items []*item) []unit {
		type key struct {
			session  sessionKey
			exchange int
		}
		return grouped(items, func(it *item) (any, bool) { return key{it.session, it.exchange}, it.exchange > 0 })
	}},
	{"responses", func(items []*item) []unit {
		return grouped(items, func(it *item) (any, bool) { return it, it.single })
	}},
	{"lines of literals", linesOfLiterals},
}

// grouped returns units of the items that are left, in the order of their first ones.
func grouped(items []*item, key func(*item) (any, bool)) (units []unit) {
	places := make(map[any]int)
	for _, it := range items {
		k, ok := key(it)
		if !ok || it.gone {
			continue
		}
		place, known := places[k]
		if !known {
			place = len(units)
			places[k] = place
			units = append(units, nil)
		}
		units[place] = append(units[place], &it.gone)
	}
	return units
}

// linesOfLiterals returns the lines of what servers sent as literals and messages.
func linesOfLiterals(items []*item) (units []unit) {
	for _, it := range items {
		for _, p := range it.parts {
			if !it.gone && !p.gone && p.Literal && p.Dir == mailwire.Server {
				units = append(units, unit{&p.gone})
			}
		}
	}
	return units
}

// divide puts the records of a transcript together to items. Both come in order; a command
// and what answers it can be interleaved.
func divide(records []mailwire.Record) (items []*item, parts []*part) {
	sessions := make(map[sessionKey]*session)
	for _, line := range mailwire.Lines(records) {
		key := sessionKey{line.Protocol, line.Session}
		s := sessions[key]
		if s == nil {
			s = &session{key: key}
			sessions[key] = s
		}
		it, isNew := s.take(line)
		if isNew {
			items = append(items, it)
		}
		p := &part{Line: line, item: it, place: len(it.parts)}
		it.parts = append(it.parts, p)
		parts = append(parts, p)
	}
	return items, parts
}

// session is where a session stands.
type session struct {
	key     sessionKey
	last    [mailwire.Server + 1]*item // by direction, the one that the next line may go on
	begun   [mailwire.Server + 1]bool  // and it does
	all     []*exchange
	open    []*exchange // not answered
	greeted bool
	lines   bool // POP3: amid an answer of several lines
}

type exchange struct {
	number    int
	tag, name string
	step      bool // the client's next line belongs to it
}

// take returns the item that the line belongs to, and whether it begins it.
func (s *session) take(line mailwire.Line) (it *item, isNew bool) {
	if line.Dir == mailwire.Note {
		return &item{session: s.key, exchange: s.current(), single: !bytes.HasPrefix(line.Text, []byte("open"))}, true
	}
	last := s.last[line.Dir]
	goesOn := last != nil && (s.begun[line.Dir] || line.Literal)
	s.begun[line.Dir] = goesOnBehind(line)
	if goesOn {
		return last, false
	}
	it = &item{session: s.key}
	s.last[line.Dir] = it
	switch {
	case line.Dir == mailwire.Client:
		it.exchange = s.command(line)
	case !s.greeted:
		s.greeted = true
	case line.Protocol == mailwire.POP3:
		s.pop3(it, line)
	default:
		s.imap(it, line)
	}
	return it, true
}

// goesOnBehind tells whether the next line of the direction belongs to the same command or response.
func goesOnBehind(line mailwire.Line) bool {
	if !bytes.HasSuffix(line.Text, []byte("\r\n")) {
		return true
	}
	// Of a literal with a secret nobody knows where it ends; its line has ended.
	secret := line.Dir == mailwire.Client && bytes.Contains(line.Text, []byte("***"))
	return line.Literal && line.Protocol == mailwire.IMAP && !secret
}

// current returns the exchange that what isn't the client's belongs to.
func (s *session) current() int {
	switch {
	case len(s.open) > 0:
		return s.open[0].number
	case len(s.all) > 0:
		return s.all[len(s.all)-1].number
	}
	return 0
}

// command returns the exchange of a client's line.
func (s *session) command(line mailwire.Line) int {
	if n := len(s.open); n > 0 && s.open[n-1].step {
		e := s.open[n-1]
		e.step = e.name != "IDLE" // DONE is all
		return e.number
	}
	words := strings.Fields(string(line.Text))
	e := &exchange{number: len(s.all) + 1}
	if line.Protocol == mailwire.IMAP && len(words) > 0 {
		e.tag, words = words[0], words[1:]
	}
	e.name = strings.ToUpper(strings.Join(words, " "))
	name, argument, _ := strings.Cut(e.name, " ")
	switch {
	case line.Protocol == mailwire.POP3:
		e.step = name == "AUTH" && argument != ""
	case name == "IDLE", name == "AUTHENTICATE":
		e.name, e.step = name, true
	}
	s.all, s.open = append(s.all, e), append(s.open, e)
	return e.number
}

func (s *session) imap(it *item, line mailwire.Line) {
	tag, _, _ := bytes.Cut(bytes.TrimRight(line.Text, "\r\n"), []byte(" "))
	it.exchange = s.current()
	switch string(tag) {
	case "*":
		it.single = true
		return
	case "+":
		return
	}
	for i, e := range s.open {
		if e.tag == string(tag) {
			it.exchange = e.number
			s.open = append(s.open[:i:i], s.open[i+1:]...)
			return
		}
	}
	it.single = true
}

func (s *session) pop3(it *item, line mailwire.Line) {
	text := string(bytes.TrimRight(line.Text, "\r\n"))
	it.exchange = s.current()
	switch {
	case s.lines && text == ".":
		s.lines = false
	case s.lines:
		it.single = true
		return
	case text == "+", strings.HasPrefix(text, "+ "):
		return
	case len(s.open) > 0 && strings.HasPrefix(text, "+OK") && mailwire.IsPOP3Multiline(s.open[0].name):
		s.lines = true
		return
	}
	if len(s.open) > 0 {
		s.open = s.open[1:]
	}
}
