package imapfake

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// capGmail says that mailboxes are labels.
const capGmail imap.Cap = "X-GM-EXT-1"

// gmail is Gmail's X-GM-EXT-1, as Google documents it and as its server was seen to act
// where the documentation is silent. It is had on request only, since it changes what
// EXPUNGE does, and clients act otherwise when they see it.
func gmail() extension {
	number := func(name string, of func(*mailstore.Message) uint64) (fetchItem, searchKey) {
		return fetchItem{name, func(*parser) fetchAttribute {
				return fetchAttribute{write: func(o *output, m *fetched) { o.text(name).byte(' ').number(of(m.Message)) }}
			}}, searchKey{name, func(p *parser, _ *search) matcher {
				p.space()
				n := p.numberUpTo(math.MaxUint64)
				return func(c *candidate) bool { return of(c.Message) == n }
			}}
	}
	messageItem, messageKey := number("X-GM-MSGID", gmailMessageID)
	threadItem, threadKey := number("X-GM-THRID", gmailThreadID)
	return extension{
		cap: capGmail, onRequest: true,
		onLogin:    func(s *session) { s.account.UseLabels() },
		fetchItems: []fetchItem{messageItem, threadItem, gmailLabelsItem()},
		storeItems: []storeItem{{"X-GM-LABELS", parseStoreLabels}},
		searchKeys: []searchKey{messageKey, threadKey, {"X-GM-LABELS", parseLabelKey}, {"X-GM-RAW", parseRawKey}},
	}
}

// gmailMessageID returns a message's X-GM-MSGID. It is built as Gmail's are: the internal
// date in milliseconds, then 20 bits. So it is too long for a floating-point number, and
// not in the order of arrival.
func gmailMessageID(m *mailstore.Message) uint64 {
	const low, dateBits = 20, 44
	millis := uint64(max(0, m.InternalDate.UnixMilli())) & (1<<dateBits - 1)
	return millis<<low | m.ID&(1<<low-1)
}

// gmailThreadID returns a message's X-GM-THRID. Messages share it that begin with the
// same ancestor, as far as their own headers tell, and have the same base subject (RFC
// 5256 §2.1), as in THREADID. It is that ancestor's Message-ID in 63 bits.
func gmailThreadID(m *mailstore.Message) uint64 {
	value, _ := structure.Value(m.Raw(), m.Structure().Header, "Subject")
	base := casemap(parseSubject(structure.DecodeHeader(value)).base)
	sum := sha256.Sum256([]byte(threadID(m) + " " + base))
	return binary.BigEndian.Uint64(sum[:]) >> 1
}
