package mailwire

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	// tailLiteral is how many lines of a server's literal are shown.
	tailLiteral = 8
	// tailSpare is how many more may be shown where the literal then is whole.
	tailSpare = 3
	// tailOctets is how much of a long line of the server's is shown.
	tailOctets = 400
)

// Tail returns the last lines, in the transcript's text form, of the sessions in which
// something was said last: at most that many lines of each. Long lines and literals of the
// server are cut. Comments say which lines are missing. Whole is true if none are and nothing is cut.
func (t *Transcript) Tail(sessions, lines int) (text string, whole bool) {
	kept, dropped, start := t.snapshot()
	var records []Record
	for _, r := range kept {
		records = slices.AppendSeq(records, r.lines())
	}
	all, cut := shorten(Lines(records))
	shown, left := choose(all, lastSpoken(all, sessions), lines)

	var b []byte
	if dropped > 0 {
		b = fmt.Appendf(b, "# %d earlier octets were dropped\n", dropped)
	}
	whole = !cut && dropped == 0
	for i, line := range all {
		if !shown[i] {
			whole = false
			continue
		}
		if n := left[line.Session]; n > 0 {
			b = fmt.Appendf(b, "# %s of %s#%d left out\n", count(n, "earlier line"), line.Protocol, line.Session)
			delete(left, line.Session)
		}
		b = line.Append(b, start)
	}
	if len(left) > 0 { // nothing of these is shown
		n := 0
		for _, of := range left {
			n += of
		}
		b = append(fmt.Appendf(nil, "# %s of %s left out\n", count(n, "line"), count(len(left), "other session")), b...)
	}
	return string(b), whole
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// run is a literal of the server's in a transcript.
type run struct {
	lines   int // how many it has
	seen    int // how many of them shorten has come to
	elision int // where shorten has put what stands for the rest; 0: nowhere yet
}

// serverLiterals returns the literal of the server's that each line is in, or nil.
func serverLiterals(lines []Line) []*run {
	current := make(map[int]*run) // by session
	of := make([]*run, len(lines))
	for i, line := range lines {
		switch {
		case line.Dir != Server:
		case !line.Literal:
			delete(current, line.Session)
		default:
			if current[line.Session] == nil {
				current[line.Session] = new(run)
			}
			of[i] = current[line.Session]
			of[i].lines++
		}
	}
	return of
}

// shorten cuts the server's long literals and lines, and tells whether there were any.
// What a client sent stays: a script can leave out only what it receives.
func shorten(lines []Line) (short []Line, cut bool) {
	literals := serverLiterals(lines)
	for i, line := range lines {
		if l := literals[i]; l != nil && l.lines > tailLiteral+tailSpare {
			if l.seen++; l.seen > tailLiteral {
				short, cut = l.elide(short, line), true
				continue
			}
		}
		if line.Dir == Server && len(line.Text) > tailOctets {
			n := tailOctets
			for n > tailOctets-utf8.UTFMax && !utf8.RuneStart(line.Text[n]) {
				n--
			}
			head := line
			head.Text, line.Text, line.Elided = line.Text[:n:n], nil, int64(len(line.Text)-n)
			short, cut = append(short, head), true
		}
		short = append(short, line)
	}
	return short, cut
}

// elide has one line of short stand for those of the literal from here on.
func (l *run) elide(short []Line, line Line) []Line {
	octets := int64(len(line.Text)) + line.Elided
	if l.elision > 0 {
		short[l.elision].Elided += octets
		return short
	}
	l.elision = len(short)
	line.Text, line.Elided = nil, octets
	return append(short, line)
}

// lastSpoken returns the sessions in which client or server said something last.
func lastSpoken(lines []Line, limit int) map[int]bool {
	last := make(map[int]int) // by session
	for i, line := range lines {
		if line.Dir != Note || last[line.Session] == 0 {
			last[line.Session] = i
		}
	}
	sessions := make([]int, 0, len(last))
	for session := range last {
		sessions = append(sessions, session)
	}
	slices.SortFunc(sessions, func(a, b int) int { return cmp.Compare(last[b], last[a]) })
	chosen := make(map[int]bool)
	for _, session := range sessions[:min(limit, len(sessions))] {
		chosen[session] = true
	}
	return chosen
}

// choose tells which lines are shown, the last ones of the chosen sessions, and how many
// of each session aren't.
func choose(lines []Line, sessions map[int]bool, limit int) (shown []bool, left map[int]int) {
	shown, left = make([]bool, len(lines)), make(map[int]int)
	n := make(map[int]int)
	for i, line := range slices.Backward(lines) {
		if shown[i] = sessions[line.Session] && n[line.Session] < limit; shown[i] {
			n[line.Session]++
		} else {
			left[line.Session]++
		}
	}
	// What begins amid a literal would look like commands, unless all that is shown is that literal.
	outside := make(map[int]bool)
	for i, line := range lines {
		outside[line.Session] = outside[line.Session] || shown[i] && !line.Literal
	}
	begun := make(map[int]bool)
	for i, line := range lines {
		if !shown[i] || begun[line.Session] {
			continue
		}
		if line.Literal && outside[line.Session] && left[line.Session] > 0 {
			shown[i] = false
			left[line.Session]++
			continue
		}
		begun[line.Session] = true
	}
	return shown, left
}
