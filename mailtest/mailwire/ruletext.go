package mailwire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// String returns the rule as one line that [ParseRule] reads, unless there is a Go
// function in it.
func (r Rule) String() string {
	if r.event.word == nil {
		return ""
	}
	line := r.event.append(nil)
	for _, t := range r.terms {
		line = t.append(append(line, ' '))
	}
	return string(line)
}

func (t term) append(line []byte) []byte {
	line = append(line, t.word.name...)
	for _, arg := range t.args {
		line = append(line, ' ')
		switch arg := arg.(type) {
		case string:
			line = appendWord(line, arg)
		case words:
			line = appendWord(line, arg.text)
		case *regexp.Regexp:
			if arg != nil {
				line = appendWord(line, arg.String())
			}
		case int:
			line = strconv.AppendInt(line, int64(arg), 10)
		case float64:
			line = strconv.AppendFloat(line, arg, 'g', -1, 64)
		case time.Duration:
			line = append(line, arg.String()...)
		default:
			line = append(line, "(func)"...)
		}
	}
	return line
}

// appendWord appends s, quoted in one of Go's two ways unless it is plain.
func appendWord(line []byte, s string) []byte {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '`'
	})
	switch {
	case plain:
		return append(line, s...)
	case strings.ContainsAny(s, `\"`) && strconv.CanBackquote(s):
		return append(append(append(line, '`'), s...), '`')
	}
	return strconv.AppendQuote(line, s)
}

// ParseRule reads a rule from a line: an event, then matchers and actions in any order, each a word
// with its arguments. An argument with spaces, quotes, or other than printable ASCII is quoted in
// one of Go's two ways; in others a backslash is just that. The documentation of the package lists
// the words. An error tells the column and, of a word that isn't known, the nearest one that is.
func ParseRule(line string) (Rule, error) {
	var r Rule
	p := ruleParser{line: line}
	for {
		word, more, err := p.next()
		if err == nil && !more {
			break
		}
		var t term
		if err == nil {
			t, err = p.term(word, r.event.word == nil)
		}
		if err == nil && r.event.word == nil {
			r.event = t
		} else if err == nil {
			r = r.add(t, nil)
			err = r.err
		}
		if err != nil {
			return Rule{}, fmt.Errorf("mailwire: rule, column %d: %w", p.start+1, err)
		}
	}
	if r.event.word == nil {
		return Rule{}, fmt.Errorf("mailwire: rule: no event; want one of %s", strings.Join(names(events), ", "))
	}
	return r, r.Err()
}

// ruleParser divides a line into words.
type ruleParser struct {
	line       string
	start, pos int // of the last word, and where the next is looked for
}

// next returns the next word, unquoted.
func (p *ruleParser) next() (word string, more bool, err error) {
	rest := strings.TrimLeftFunc(p.line[p.pos:], unicode.IsSpace)
	p.start = len(p.line) - len(rest)
	p.pos = p.start
	if rest == "" {
		return "", false, nil
	}
	if rest[0] != '"' && rest[0] != '`' {
		n := strings.IndexFunc(rest, unicode.IsSpace)
		if n < 0 {
			n = len(rest)
		}
		p.pos += n
		return rest[:n], true, nil
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return "", false, errors.New("the quoted string has no end, or an escape that Go doesn't know")
	}
	if after := rest[len(quoted):]; after != "" && !unicode.IsSpace([]rune(after)[0]) {
		return "", false, errors.New("want a space after the quoted string")
	}
	p.pos += len(quoted)
	word, err = strconv.Unquote(quoted)
	return word, true, err
}

// term reads the arguments of a keyword.
func (p *ruleParser) term(word string, first bool) (term, error) {
	known := slices.Concat(matchers, actions)
	what := "matcher or action"
	if first {
		known, what = events, "event"
	}
	i := slices.IndexFunc(known, func(k keyword) bool { return k.name == word })
	if i < 0 && strings.ContainsAny(p.line[p.start:p.start+1], "\"`") {
		return term{}, fmt.Errorf("want a %s, not %q; an argument is quoted as a whole, such as \"NO [LIMIT] later\"", what, word)
	}
	if i < 0 {
		return term{}, fmt.Errorf("unknown %s %q%s", what, word, suggest(word, names(known)))
	}
	t := term{word: &known[i]}
	for _, param := range t.word.params {
		if param.parse == nil {
			return t, fmt.Errorf("%s takes a Go function, which has no text form", word)
		}
		arg, more, err := p.next()
		if err == nil && !more {
			err = fmt.Errorf("want %s", param.name)
		}
		var value any
		if err == nil {
			value, err = param.parse(arg)
		}
		if err == nil {
			value, err = param.settle(value)
		}
		if err != nil {
			return t, fmt.Errorf("%s: %w", word, err)
		}
		t.args = append(t.args, value)
	}
	return t, nil
}

func names(list []keyword) []string {
	all := make([]string, 0, len(list))
	for _, k := range list {
		all = append(all, k.name)
	}
	return all
}

// suggest names the known word that is nearest, if one is near.
func suggest(word string, known []string) string {
	word = strings.ToLower(word)
	best, distance := "", 1+len(word)/2
	for _, k := range known {
		if d := editDistance(word, k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return "; want one of " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the octets to insert, remove and change. Long words are far from all.
func editDistance(a, b string) int {
	if len(a) > 2*len(b)+2 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
