package mailscript

import (
	"slices"

	"example.org/mailfakes/mailtest/mailwire"
)

// goal says when enough responses have been read.
type goal struct {
	count         int      // as many at least
	tags          []string // that are to be answered
	continuations int
	pending       bool // a command was in progress, whose end is the end of it all
	trailing      bool // something is to follow that end
	unknown       bool // whatever comes, up to where the client would go on
}

func newGoal(s *session, want []response) (g goal) {
	g.pending = len(s.pending) > 0
	for _, w := range want {
		p := parseIMAP(w.text)
		switch {
		case w.is(unknown):
			return goal{pending: g.pending, unknown: true, count: 1, tags: slices.Clone(s.pending)}
		case w.is(anything), w.optional:
			continue
		case s.protocol == mailwire.POP3:
		case p.isContinuation():
			g.continuations++
		case p.isTagged() && isPlain(p.tag):
			g.tags = append(g.tags, string(octets(p.tag)))
		}
		g.count++
		g.trailing = !p.isTagged() && !p.isContinuation()
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
		return got >= g.count && (!g.unknown || len(s.pending) == 0 || s.continuing)
	}
	if g.pending && len(s.pending) == 0 && !g.trailing || g.unknown && got > 0 && s.continuing {
		return true
	}
	return got >= g.count && len(g.tags) == 0 && g.continuations <= 0
}
