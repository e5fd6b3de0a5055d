package imapfake

import (
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// baseSearchKeys are those of RFC 9051 §6.4.4; RFC 3501 §6.4.4 has some more.
func baseSearchKeys() []searchKey {
	keys := []searchKey{
		noArgument("ALL", func(*candidate) bool { return true }),
		{"KEYWORD", func(p *parser, _ *search) matcher { return withFlag(parseKeyword(p)) }},
		{"UNKEYWORD", func(p *parser, _ *search) matcher { return not(withFlag(parseKeyword(p))) }},
		{"NOT", parseNot},
		{"OR", parseOr},
		{"UID", func(p *parser, q *search) matcher {
			p.space()
			return q.inSet(p, true)
		}},
		size("LARGER", func(have, limit int64) bool { return have > limit }),
		size("SMALLER", func(have, limit int64) bool { return have < limit }),
	}
	for _, f := range []struct {
		name string
		flag imap.Flag
	}{
		{"ANSWERED", imap.FlagAnswered}, {"DELETED", imap.FlagDeleted}, {"DRAFT", imap.FlagDraft},
		{"FLAGGED", imap.FlagFlagged}, {"SEEN", imap.FlagSeen},
	} {
		keys = append(keys, noArgument(f.name, withFlag(f.flag)), noArgument("UN"+f.name, not(withFlag(f.flag))))
	}
	for name, holds := range map[string]func(day, limit time.Time) bool{
		"BEFORE": time.Time.Before,
		"ON":     time.Time.Equal,
		"SINCE":  func(day, limit time.Time) bool { return !day.Before(limit) },
	} {
		keys = append(keys, date(name, internalDay, holds), date("SENT"+name, sentDay, holds))
	}
	return append(keys, textSearchKeys()...)
}

func noArgument(name string, match matcher) searchKey {
	return searchKey{name, func(*parser, *search) matcher { return match }}
}

func withFlag(flag imap.Flag) matcher { return func(c *candidate) bool { return c.HasFlag(flag) } }

func not(match matcher) matcher { return func(c *candidate) bool { return !match(c) } }

func parseKeyword(p *parser) imap.Flag {
	p.space()
	return imap.Flag(p.atom())
}

func parseNot(p *parser, q *search) matcher {
	p.space()
	return not(q.key(p))
}

func parseOr(p *parser, q *search) matcher {
	p.space()
	a := q.key(p)
	p.space()
	b := q.key(p)
	return func(c *candidate) bool { return a(c) || b(c) }
}

func size(name string, holds func(have, limit int64) bool) searchKey {
	return searchKey{name, func(p *parser, _ *search) matcher {
		p.space()
		limit := p.number64()
		return func(c *candidate) bool { return holds(c.Size(), limit) }
	}}
}

// date is a key that compares days, disregarding time and timezone (RFC 3501 §6.4.4).
func date(name string, of func(*candidate) (time.Time, bool), holds func(day, limit time.Time) bool) searchKey {
	return searchKey{name, func(p *parser, _ *search) matcher {
		p.space()
		limit := p.date()
		return func(c *candidate) bool {
			t, ok := of(c)
			day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return ok && holds(day, limit)
		}
	}}
}

func internalDay(c *candidate) (time.Time, bool) { return c.InternalDate, true }

func sentDay(c *candidate) (time.Time, bool) {
	value, ok := structure.Value(c.Raw(), c.Structure().Header, "Date")
	if !ok {
		return time.Time{}, false
	}
	return structure.Date(value)
}
