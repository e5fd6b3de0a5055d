package mailscript

import (
	"slices"

	"example.org/mailfakes/mailtest/mailwire"
)

// goal says when enough responses have been read.
type goal struct {
	count         int      // as many at least; 0: it isn't known
	tags          []string // that are to be answered
	continuations int
	pending       bool // a command was in progress, whose end is the end of it all
}

func newGoal(s *session, want []response) (g goal) {
	g.pending = len(s.pending) > 0
	for _, w := range want {
		switch p := parseIMAP(w.text); {
		case w.is(unknown):
			return goal{pending: g.pending, count: 1 - len(s.pending), tags: slices.Clone(s.pending)}
		case s.protocol == mailwire.POP3:
		case w.is(anything), w.optional:
			g.count--
		case p.isContinuation():
			g.continuations++
		case p.isTagged() && isPlain(p.tag):
			g.tags = append(g.tags, string(octets(p.tag)))
		}
		g.count++
	}
	return g
}

// reached takes notice of a response.
func (g *goal) reached(r response) {
	switch p := parseIMAP(r.text); {
	case p.isContinuation():
		g.continuations--
	case p.isTagged():
		if i := slices.Index(g.tags, string(octets(p.tag))); i >= 0 {
			g.tags = slices.Delete(g.tags, i, i+1)
		}
	}
}

// done tells whether that is enough of responses.
func (g *goal) done(s *session, got int) bool {
	if s.protocol == mailwire.POP3 {
		return got >= g.count
	}
	if g.pending && len(s.pending) == 0 {
		return true
	}
	return got >= g.count && len(g.tags) == 0 && g.continuations <= 0
}
