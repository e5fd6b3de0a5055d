package maillog

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// framer makes steps of a session's lines.
type framer struct {
	session *rawSession
	steps   []Step
	notes   []Note
}

// unit is a step, with the index of the line that it begins with.
type unit struct {
	Step
	start int
}

func (f *framer) run() {
	var units []unit
	if f.session.protocol == mailwire.POP3 {
		units = f.pop3()
	} else {
		units = append(f.imap(mailwire.Server), f.imap(mailwire.Client)...)
	}
	for i, r := range f.session.lines {
		if r.dir == mailwire.Note {
			units = append(units, unit{Step{Line: r.number, Text: r.text}, i})
		}
	}
	slices.SortStableFunc(units, func(a, b unit) int { return cmp.Compare(a.start, b.start) })
	for _, u := range units {
		if u.Dir == mailwire.Note || len(u.Text) > 0 || len(u.Gaps) > 0 {
			f.steps = append(f.steps, u.Step)
		}
	}
	if f.session.protocol == mailwire.IMAP {
		learnTags(f.steps)
	}
	f.steps = maskSecrets(f.session.protocol, f.steps)
	for _, st := range f.steps {
		for _, gap := range st.Gaps {
			f.notef(st.Line, "the log lacks %d octets, which a replay pads", gap.Octets)
		}
	}
}

// learnTags puts the tags in that readers didn't know: each is that of the next tagged response
// that answers no other command.
func learnTags(steps []Step) {
	known := make(map[string]bool)
	for _, st := range steps {
		if tag, _, _ := strings.Cut(string(st.Text), " "); st.Dir == mailwire.Client {
			known[tag] = true
		}
	}
	var unknown []*Step
	for i := range steps {
		st := &steps[i]
		text := string(trimEnd(st.Text))
		m := taggedStatus.FindStringSubmatch(text)
		switch {
		case st.Dir == mailwire.Client && strings.HasPrefix(text, unknownTag+" "):
			unknown = append(unknown, st)
		case st.Dir == mailwire.Server && m != nil && !known[m[1]] && len(unknown) > 0:
			unknown[0].Text = append([]byte(m[1]), unknown[0].Text[len(unknownTag):]...)
			unknown = unknown[1:]
		}
	}
}

func (f *framer) notef(number int, format string, args ...any) {
	f.notes = append(f.notes, Note{number, fmt.Sprintf(format, args...)})
}

// add appends a line of the log.
func (u *unit) add(r raw) {
	u.Text = append(u.Text, r.text...)
	u.gap(r.elided)
}

func (u *unit) gap(octets int64) {
	if octets <= 0 {
		return
	}
	if n := len(u.Gaps); n > 0 && u.Gaps[n-1].At == len(u.Text) {
		u.Gaps[n-1].Octets += octets
		return
	}
	u.Gaps = append(u.Gaps, Gap{At: len(u.Text), Octets: octets})
}

// stream is what one side sent.
type stream struct {
	*framer
	dir   mailwire.Direction
	lines []raw
	index []int // of each line among all of the session
	at    int   // the next line
}

func (f *framer) stream(dir mailwire.Direction) *stream {
	s := &stream{framer: f, dir: dir}
	for i, r := range f.session.lines {
		if r.dir == dir {
			s.lines, s.index = append(s.lines, r), append(s.index, i)
		}
	}
	return s
}

func (s *stream) more() bool { return s.at < len(s.lines) }

// begin makes a unit that begins with the next line.
func (s *stream) begin() *unit {
	return &unit{Step{Line: s.lines[s.at].number, Dir: s.dir}, s.index[s.at]}
}

// imap makes units of what one side of an IMAP session sent.
func (f *framer) imap(dir mailwire.Direction) (units []unit) {
	s := f.stream(dir)
	for s.more() {
		u := s.begin()
		text := s.line(u)
		for {
			size, nonSync, ok := mailwire.LiteralSize(trimEnd(text))
			if !ok || !bytes.HasSuffix(text, []byte("\n")) {
				break
			}
			if dir == mailwire.Client && !nonSync {
				// The client has to wait here: what follows is another unit.
				tag, _, _ := bytes.Cut(u.Text, []byte(" "))
				if !s.more() || s.refused(u.start, string(tag)) {
					break
				}
				units = append(units, *u)
				u = s.begin()
			}
			text = s.literal(u, size)
		}
		units = append(units, *u)
	}
	return units
}

// line moves a line to u, which may be logged in pieces, and returns it.
func (s *stream) line(u *unit) []byte {
	from := len(u.Text)
	for s.more() {
		r := s.lines[s.at]
		s.at++
		u.add(r)
		if r.elided == 0 && bytes.HasSuffix(r.text, []byte("\n")) {
			break
		}
	}
	return u.Text[from:]
}

// refused tells whether the server answered the command otherwise than by "+", before the
// client's next line.
func (s *stream) refused(start int, tag string) bool {
	for _, r := range s.session.lines[start:s.index[s.at]] {
		if m := taggedStatus.FindSubmatch(trimEnd(r.text)); r.dir == mailwire.Server && m != nil && string(m[1]) == tag {
			return true
		}
	}
	return false
}

// literal moves a literal of that size to u, and what follows it on its line, which it returns.
func (s *stream) literal(u *unit, size int64) []byte {
	if !s.more() && !s.session.exact {
		s.notef(u.Line, "the log ends before a literal of %d octets", size)
		u.gap(size)
		return s.close(u)
	}
	lines, offset, ok := s.measure(size)
	if !ok {
		return s.repair(u, size)
	}
	for _, r := range s.lines[s.at : s.at+lines] {
		u.add(r)
	}
	s.at += lines
	if offset > 0 {
		r := &s.lines[s.at]
		u.Text = append(u.Text, r.text[:offset]...)
		r.text = r.text[offset:]
	}
	if !s.session.exact && (!s.more() || s.dir == mailwire.Client && isIMAPCommand(string(trimEnd(s.lines[s.at].text)))) {
		return s.close(u)
	}
	return s.line(u)
}

// measure returns how many whole lines, and how many octets of the one after them, make up so
// many octets. It isn't ok if what follows can't follow a literal.
func (s *stream) measure(size int64) (lines, offset int, ok bool) {
	for i, r := range s.lines[s.at:] {
		if int64(len(r.text)) > size {
			return i, int(size), s.session.exact || s.follows(r.text[size:])
		}
		size -= int64(len(r.text)) + r.elided
		switch {
		case size < 0:
			return 0, 0, false
		case size == 0 && (r.elided > 0 || len(r.text) > 0):
			next := s.at + i + 1
			return i + 1, 0, s.session.exact || next == len(s.lines) || s.follows(s.lines[next].text)
		}
	}
	return len(s.lines) - s.at, 0, s.session.exact
}

// follows tells whether text can follow a literal.
func (s *stream) follows(text []byte) bool {
	text = trimEnd(text)
	switch {
	case len(text) == 0, text[0] == ')':
		return true
	case s.dir == mailwire.Client:
		return text[0] == ' ' || isIMAPCommand(string(text))
	}
	// Text that was cut at random begins with a space, too.
	return text[0] == ' ' && bytes.IndexByte([]byte(`)}"`), text[len(text)-1]) >= 0
}

// repair moves a literal to u whose size isn't the one that was announced: it ends where
// something begins that can't be part of it.
func (s *stream) repair(u *unit, size int64) []byte {
	end := s.at
	for end < len(s.lines) && !s.ends(s.lines[end].text) {
		end++
	}
	var content unit
	for _, r := range s.lines[s.at:end] {
		content.add(r)
	}
	s.at = end
	tail := s.tail(&content)
	have := int64(len(content.Text))
	for _, gap := range content.Gaps {
		have += gap.Octets
	}
	switch {
	case have > size:
		s.notef(u.Line, "a literal of %d octets has %d in the log, perhaps as its lines were wrapped: the rest is cut off", size, have)
		content.cut(size)
	case have < size:
		content.gap(size - have)
	}
	for _, gap := range content.Gaps {
		gap.At += len(u.Text)
		u.Gaps = append(u.Gaps, gap)
	}
	u.Text = append(u.Text, content.Text...)
	u.Text = append(u.Text, tail...)
	return tail
}

// ends tells whether a line can't be part of a literal.
func (s *stream) ends(text []byte) bool {
	text = trimEnd(text)
	if s.dir == mailwire.Client {
		return isIMAPCommand(string(text))
	}
	return taggedStatus.Match(text) || untagged.Match(text)
}

// tail takes off content what follows the literal in its response.
func (s *stream) tail(content *unit) []byte {
	if s.dir == mailwire.Client {
		return []byte("\r\n")
	}
	text := bytes.TrimSuffix(content.Text, []byte("\r\n"))
	from := bytes.LastIndexByte(text, '\n') + 1
	last := text[from:]
	if !bytes.HasSuffix(last, []byte(")")) {
		return []byte(")\r\n")
	}
	if last[0] != ')' && last[0] != ' ' {
		from = len(text) - 1
	}
	tail := bytes.Clone(content.Text[from:])
	content.Text = content.Text[:from]
	for i := range content.Gaps {
		content.Gaps[i].At = min(content.Gaps[i].At, from)
	}
	return tail
}

// cut leaves u no more than that many octets.
func (u *unit) cut(size int64) {
	u.Text = u.Text[:min(int64(len(u.Text)), size)]
	u.Gaps = nil
	u.gap(size - int64(len(u.Text)))
}

// close ends a unit whose rest the log lacks.
func (s *stream) close(u *unit) []byte {
	tail := []byte(")\r\n")
	if s.dir == mailwire.Client {
		tail = tail[1:]
	}
	u.Text = append(u.Text, tail...)
	return nil
}
