package imapfake

import (
	"time"

	"github.com/emersion/go-imap/v2"
)

// within is WITHIN (RFC 5032).
func within() extension {
	return extension{cap: imap.CapWithin, searchKeys: []searchKey{
		age("OLDER", func(received, limit int64) bool { return received <= limit }),
		age("YOUNGER", func(received, limit int64) bool { return received >= limit }),
	}}
}

// age is a key that compares a message's internal date with the time some seconds
// ago, to the second (RFC 5032 §2).
func age(name string, holds func(received, limit int64) bool) searchKey {
	return searchKey{name, func(p *parser, _ *search) matcher {
		p.space()
		interval := p.number()
		if interval == 0 {
			p.fail("0 is no interval (RFC 5032 §3, nz-number)")
		}
		limit := time.Now().Unix() - int64(interval)
		return func(c *candidate) bool { return holds(c.InternalDate.Unix(), limit) }
	}}
}
