package imapfake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// objectID is OBJECTID (RFC 8474); CREATE asks for it.
func objectID() extension {
	return extension{
		cap: imap.CapObjectID,
		onSelect: func(s *session, st mailstore.Status) {
			s.out.text("* OK [").text(mailboxIDCode(st)).line("] mailbox id")
		},
		fetchItems: []fetchItem{
			objectIDItem("EMAILID", emailID),
			objectIDItem("THREADID", threadID),
		},
		searchKeys: []searchKey{
			objectIDKey("EMAILID", emailID),
			objectIDKey("THREADID", threadID),
		},
		statusItems: []statusItem{{name: "MAILBOXID", write: func(s *session, st mailstore.Status) {
			s.out.byte('(').text(mailboxID(st)).byte(')')
		}}},
	}
}

// The letters keep ids of different kinds apart and no id looks like a number (§8.1).

func mailboxID(st mailstore.Status) string { return "F" + strconv.FormatUint(st.ID, 10) }

func emailID(m *mailstore.Message) string { return "M" + strconv.FormatUint(m.ID, 10) }

// threadID returns the id of the thread that a message belongs to: a digest of the
// message id that its thread began with, as far as its own header tells. It depends
// on nothing else, so that it never changes (§5.2), copies share it, and it doesn't
// matter in which order, or whether, the thread's other messages arrive.
func threadID(m *mailstore.Message) string {
	raw, header := m.Raw(), m.Structure().Header
	// RFC 5322 §3.6.4: References begins with the first message of the thread.
	for _, name := range []string{"References", "In-Reply-To", "Message-ID"} {
		for _, value := range structure.Values(raw, header, name) {
			if id := firstMessageID(value); id != "" {
				return threadIDOf(id)
			}
		}
	}
	return threadIDOf(emailID(m))
}

func threadIDOf(root string) string {
	sum := sha256.Sum256([]byte(root))
	return "T" + hex.EncodeToString(sum[:12])
}

// firstMessageID returns the first message id of an unfolded value, with its angle
// brackets, and "" if there is none.
func firstMessageID(value string) string {
	for {
		start := strings.IndexByte(value, '<')
		if start < 0 {
			return ""
		}
		value = value[start:]
		length := strings.IndexByte(value, '>') + 1
		if length == 0 {
			return ""
		}
		// Folding amid an id is obsolete, but allowed (RFC 5322 §4.5.4).
		if id := strings.Join(strings.Fields(value[:length]), ""); id != "<>" {
			return id
		}
		value = value[length:]
	}
}

func objectIDItem(name string, of func(*mailstore.Message) string) fetchItem {
	return fetchItem{name, func(*parser) fetchAttribute {
		return fetchAttribute{write: func(o *output, m *fetched) {
			o.text(name).text(" (").text(of(m.Message)).byte(')')
		}}
	}}
}

func objectIDKey(name string, of func(*mailstore.Message) string) searchKey {
	return searchKey{name, func(p *parser, _ *search) matcher {
		p.space()
		id := p.objectID()
		return func(c *candidate) bool { return of(c.Message) == id }
	}}
}

// objectID reads an objectid (RFC 8474 §7).
func (p *parser) objectID() string {
	id := p.run("an object id", func(c byte) bool { return isAlphanumeric(c) || c == '_' || c == '-' })
	if len(id) > 255 {
		p.fail("an object id has at most 255 characters (RFC 8474 §7)")
	}
	return id
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c)
}

// mailboxIDCode returns the response code MAILBOXID (RFC 8474 §4.1).
func mailboxIDCode(st mailstore.Status) string { return "MAILBOXID (" + mailboxID(st) + ")" }
