package mailhtml

import (
	"html/template"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// page is what the template shows.
type page struct {
	Title    string
	Comments []string
	Style    template.CSS
	Script   template.JS
	// ScriptHash lets the script run, and no other.
	ScriptHash string
	Sessions   []*session
	Columns    [][]*session
	Blocks     []*block
	Lines      int
}

// session is one connection.
type session struct {
	Name  string // as in the transcript: imap#1
	Who   string // has logged in, as far as that can be seen
	TLS   bool
	Lines int
	Hue   int // of its colour
	// Shares tells that others are in the same column, so that blocks need a name.
	Shares bool

	column      int
	first, last int // blocks
}

// block is what client and server say about one command, or what others leave of it: lines
// of one session with no other's, and no long silence, in between.
type block struct {
	ID      int
	Session *session
	Time    string // in seconds
	Gap     string // since the block before, if that is long
	Marked  bool   // there is a mark on a part
	Parts   []*part
	Place   place
}

// part is a line, or a literal.
type part struct {
	Kind    string // client, server, note
	Mark    string // what is special: manners, fault, refusal
	Text    string
	Rest    string // of a long line
	Literal *literal
}

func newPage(title string, lines []mailwire.Line) *page {
	p := &page{Title: title, Lines: len(lines)}
	sessions := make(map[string]*session)
	var (
		before mailwire.Line
		latest time.Time // a line may tell when its first octet came, after later ones
	)
	if len(lines) > 0 {
		latest = lines[0].Time
	}
	for _, line := range lines {
		l := parse(line)
		s := sessions[l.source]
		if s == nil {
			s = &session{Name: l.source, first: len(p.Blocks), Hue: len(sessions) * 137 % 360} // the golden angle
			sessions[l.source] = s
			p.Sessions = append(p.Sessions, s)
		}
		s.learn(l)
		silence := gap(line.Time.Sub(latest))
		if silence != "" || p.begins(s, line, before) {
			p.Blocks = append(p.Blocks, &block{ID: len(p.Blocks) + 1, Session: s, Time: l.seconds, Gap: silence})
		}
		b := p.Blocks[len(p.Blocks)-1]
		s.last = b.ID - 1
		b.add(l)
		if before = line; line.Time.After(latest) {
			latest = line.Time
		}
	}
	p.arrange()
	return p
}

// begins tells whether a line begins a block, if no silence was before it.
func (p *page) begins(s *session, line, before mailwire.Line) bool {
	if len(p.Blocks) == 0 || p.Blocks[len(p.Blocks)-1].Session != s {
		return true
	}
	goesOn := line.Literal || strings.HasPrefix(string(before.Text), "+ ")
	return line.Dir == mailwire.Client && before.Dir != mailwire.Client && !goesOn
}

// gap returns how long nothing was said, if that is worth a word.
func gap(d time.Duration) string {
	switch {
	case d < 500*time.Millisecond:
		return ""
	case d < time.Minute:
		d = d.Round(100 * time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	return d.String()
}

// learn notes what a line tells about its session.
func (s *session) learn(l parsedLine) {
	s.Lines++
	switch {
	case l.Dir == mailwire.Note && strings.HasPrefix(l.text, "TLS ") && strings.Contains(l.text, " started"):
		s.TLS = true
	case l.Dir == mailwire.Client && !l.Literal:
		if m := login.FindStringSubmatch(l.text); m != nil {
			s.Who = m[1]
		}
	}
}

func (b *block) add(l parsedLine) {
	if l.Literal {
		last := b.Parts[max(0, len(b.Parts)-1):]
		if len(last) == 0 || last[0].Literal == nil || last[0].Kind != l.kind() {
			last = []*part{{Kind: l.kind(), Literal: new(literal)}}
			b.Parts = append(b.Parts, last...)
		}
		last[0].Literal.add(l)
		return
	}
	if n := len(b.Parts); l.text == "" && n > 0 && b.Parts[n-1].Literal != nil {
		return // the end of a command whose last argument the literal is
	}
	mark := l.mark()
	b.Marked = b.Marked || mark != ""
	head, rest := split(l.text)
	b.Parts = append(b.Parts, &part{Kind: l.kind(), Mark: mark, Text: head, Rest: rest})
}
