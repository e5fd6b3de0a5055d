package mailscript

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Differences is a list of answers in which one server is known to differ from
// scripts, each with the reason. Its methods are safe for concurrent use; nil is an
// empty list.
type Differences struct {
	mu      sync.Mutex
	entries []difference
}

// difference is an entry of the list.
type difference struct {
	reason          string
	script, command string
	line            int
	answer          []symbol
	used            bool
}

// ParseDifferences reads a list. Its entries are separated by empty lines; each
// begins with comments that give the reason, and then has, once or more often,
// commands and what the server answers to each of them. Commands are named by
// their script and the beginnings of their lines, such as their tags, with commas
// in between; the answer is in the form of scripts, where \$tag is the command's tag:
//
//	# RFC 3501 §6.3.8: "the reason's words"
//	list: a7, a9
//	status: s12 STATUS
//	S: * LIST (\HasChildren) "/" ""
//	S: \$tag OK \...
func ParseDifferences(name string, text []byte) (*Differences, error) {
	p := differenceParser{name: name, list: new(Differences)}
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("mailscript: %s line %d: %w", name, i+1, err)
		}
	}
	if err := p.flush(); err != nil {
		return nil, fmt.Errorf("mailscript: %s, last entry: %w", name, err)
	}
	return p.list, nil
}

// differenceParser reads a list of differences line by line.
type differenceParser struct {
	name    string
	list    *Differences
	reason  string
	pending []difference // that have no answer yet
	answer  []string     // the lines of theirs
	number  int          // of the line
}

func (p *differenceParser) line(line string) error {
	p.number++
	switch {
	case line == "" || line[0] == '#':
		if line == "" || p.pending != nil {
			p.reason = ""
		}
		if err := p.flush(); err != nil || line == "" {
			return err
		}
		p.reason = strings.TrimSpace(p.reason + " " + strings.TrimSpace(line[1:]))
		return nil
	case strings.HasPrefix(line, "S:"):
		p.answer = append(p.answer, line)
		return nil
	case p.answer != nil:
		if err := p.flush(); err != nil {
			return err
		}
	}
	script, commands, ok := strings.Cut(line, ": ")
	if !ok || p.reason == "" {
		return fmt.Errorf("%q is no script with its commands, after a comment that gives the reason", line)
	}
	for command := range strings.SplitSeq(commands, ", ") {
		p.pending = append(p.pending, difference{reason: p.reason, script: script, command: command, line: p.number})
	}
	return nil
}

// flush ends an entry.
func (p *differenceParser) flush() error {
	if p.pending == nil && p.answer == nil {
		return nil
	}
	s := &Script{Name: p.name, captures: map[string]symbol{"tag": tagCapture}}
	if err := s.parseConversation(p.answer); err != nil {
		return errors.Unwrap(err)
	}
	if p.pending == nil || len(s.steps) != 1 || len(s.captures) != 1 {
		return errors.New(`an entry is commands, and an answer that captures nothing but \$tag`)
	}
	for _, d := range p.pending {
		d.answer = s.steps[0].text
		p.list.entries = append(p.list.entries, d)
	}
	p.pending, p.answer = nil, nil
	return nil
}

// explain returns the reason why a command of a script is answered by what matches.
func (d *Differences) explain(script, command string, matches func(answer []symbol) bool) string {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.entries {
		e := &d.entries[i]
		if e.script == script && strings.HasPrefix(command+" ", e.command+" ") && matches(e.answer) {
			e.used = true
			return e.reason
		}
	}
	return ""
}

// Unused returns the entries, each by its line and command, that explained nothing so far.
func (d *Differences) Unused() (unused []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.entries {
		if !e.used {
			unused = append(unused, fmt.Sprintf("line %d, %s: %s", e.line, e.script, e.command))
		}
	}
	return unused
}
