// Package mailminimize shortens a transcript of package mailwire to what still makes
// something fail: delta debugging over its sessions, then over commands with their answers,
// then over single responses and notes, then over the lines of literals and messages.
package mailminimize

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"example.org/mailfakes/mailtest/mailwire"
)

// Minimize returns the shortest transcript that it finds, and of which fails tells that it
// fails as well as the given one, whose text form is text. It tries candidates in an order that
// depends on nothing else, each one once, until nothing more can be left out or ctx is done,
// and then returns the best one so far without an error.
//
// After each phase in which something was left out progress, which may be nil, gets a line of text
// that says so. An error means that text is no transcript, or doesn't fail itself.
func Minimize(ctx context.Context, text []byte, fails func(ctx context.Context, candidate []byte) bool, progress func(string)) ([]byte, error) {
	records, err := mailwire.ParseTranscript(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("mailminimize: %w", err)
	}
	if !fails(ctx, text) {
		return nil, errors.New("mailminimize: the whole transcript doesn't fail")
	}
	if progress == nil {
		progress = func(string) {}
	}
	m := &minimizer{ctx: ctx, fails: fails, tried: make(map[[sha256.Size]byte]bool)}
	m.items, m.parts = divide(records)
	if !m.test() {
		return nil, errors.New("mailminimize: the transcript without its comments doesn't fail")
	}
	progress(fmt.Sprintf("at first %d lines", lines(render(m.parts))))
	for changed := true; changed && ctx.Err() == nil; {
		changed = false
		for _, p := range phases {
			if !m.reduce(p.units(m.items)) {
				continue
			}
			changed = true
			progress(fmt.Sprintf("without %s %d lines, after %d runs", p.name, lines(render(m.parts)), m.runs))
		}
	}
	return render(m.parts), nil
}

func lines(text []byte) int { return bytes.Count(text, []byte("\n")) }

// minimizer is a transcript of which less and less is kept.
type minimizer struct {
	ctx   context.Context
	fails func(context.Context, []byte) bool
	items []*item
	parts []*part                    // of all items, in order
	tried map[[sha256.Size]byte]bool // by a sum of the text
	runs  int
}

// unit is what is left out together.
type unit []*bool

func (u unit) set(gone bool) {
	for _, flag := range u {
		*flag = gone
	}
}

// reduce leaves out as many of the units as it can, first many at once, then single ones,
// and tells whether it did.
func (m *minimizer) reduce(units []unit) (changed bool) {
	for size := max(1, len(units)); size > 0; {
		again := false
		// From the end, because what comes late seldom matters to what comes before.
		for end := len(units); end > 0; {
			start := max(0, end-size)
			if m.without(units[start:end]) {
				units = append(units[:start:start], units[end:]...)
				changed, again = true, true
			}
			end = start
		}
		if size > 1 || !again {
			size /= 2
		}
	}
	return changed
}

// without leaves units out if the rest still fails.
func (m *minimizer) without(units []unit) bool {
	if m.ctx.Err() != nil {
		return false
	}
	for _, u := range units {
		u.set(true)
	}
	if m.test() {
		return true
	}
	for _, u := range units {
		u.set(false)
	}
	return false
}

// test tells whether what is left fails.
func (m *minimizer) test() bool {
	text := render(m.parts)
	sum := sha256.Sum256(text)
	if failed, ok := m.tried[sum]; ok {
		return failed
	}
	m.runs++
	failed := len(text) > 0 && m.fails(m.ctx, text) && m.ctx.Err() == nil
	m.tried[sum] = failed
	return failed
}
