package maillog

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var rawlogLine = regexp.MustCompile(`^(\d{9,}\.\d{6}) (.*)$`)

func isRawlog(lines []line) bool {
	n := 0
	for _, l := range lines {
		if rawlogLine.MatchString(l.text) {
			n++
		}
	}
	return n > 0 && n > len(lines)/2
}

// rawlogPair returns the names of both files of a pair if path is one of them.
func rawlogPair(path string) (in, out string, ok bool) {
	if base, ok := strings.CutSuffix(path, ".in"); ok {
		return path, base + ".out", true
	}
	if base, ok := strings.CutSuffix(path, ".out"); ok {
		return base + ".in", path, true
	}
	return "", "", false
}

// readRawlogPair reads both files of Dovecot's rawlog: what the client sent is "in".
func readRawlogPair(in, out string) (*Log, error) {
	type event struct {
		at  string
		dir mailwire.Direction
		line
	}
	var events []event
	for _, file := range []struct {
		path string
		dir  mailwire.Direction
	}{{in, mailwire.Client}, {out, mailwire.Server}} {
		data, err := os.ReadFile(file.path)
		if err != nil {
			return nil, fmt.Errorf("maillog: Dovecot's rawlog is a pair of files: %w", err)
		}
		for _, l := range splitLines(data) {
			m := rawlogLine.FindStringSubmatch(l.text)
			if m == nil {
				return nil, fmt.Errorf("maillog: read rawlog: %s line %d has no time, which tells where it belongs", file.path, l.number)
			}
			events = append(events, event{m[1], file.dir, line{l.number, m[2]}})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(len(a.at), len(b.at)), strings.Compare(a.at, b.at))
	})
	b := newBuilder()
	for _, e := range events {
		b.session("").add(e.number, e.dir, e.text)
	}
	return b.finish(Rawlog)
}

// readRawlog reads one file of the pair, or both in one, without their names.
func readRawlog(b *builder, lines []line) error {
	var texts []line
	for _, l := range lines {
		if m := rawlogLine.FindStringSubmatch(l.text); m != nil {
			texts = append(texts, line{l.number, m[2]})
		}
	}
	return readGoIMAP(b, texts)
}
