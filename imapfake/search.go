package imapfake

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message/charset"

	"example.org/mailfakes/mailtest/mailstore"
)

// searchCommands are SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8).
func searchCommands() []command {
	return []command{
		{name: "SEARCH", states: selected, parse: searchParser(false), numbers: true, noExpunge: true},
		{name: "UID SEARCH", states: selected, parse: searchParser(true), numbers: true},
	}
}

func searchExtensions() []extension {
	return []extension{
		eSearch(), searchRes(), sorting(), sortDisplay(), eSort(),
		threadOrderedSubject(), threadReferences(), threadRefs(),
		contextSearch(), contextSort(), partialResults(), multiSearch(), fuzzy(), i18nLevel1(),
	}
}

// searchKey is a row of the table of search keys.
type searchKey struct {
	name string
	// parse reads the key's arguments.
	parse func(*parser, *search) matcher
}

// matcher tells whether a message matches a key.
type matcher func(*candidate) bool

// candidate is a message that is tried.
type candidate struct {
	*fetched
	relevancy int    // how well it matches FUZZY keys, 1 to 100; 0: it met none
	text      []byte // room for what is decoded
}

// hit is a message that was found.
type hit struct {
	seq       uint32
	relevancy int // 1 to 100 (RFC 6203 §4)
	*mailstore.Message
}

// search is one searching command: SEARCH, SORT, THREAD or ESEARCH.
type search struct {
	*session
	byUID    bool               // the answer is in UIDs
	messages mailstore.Messages // what the numbers in the program mean
	saved    numSet             // what "$" in the program means (RFC 5182)
	decode   func(string) (string, bool)
	refused  error // the charset is unknown
	returns  returns
	match    matcher
	work     *progress

	depth  int
	modSeq bool // the highest modification sequence of the result is returned (RFC 7162 §3.1.5)
	fuzzy  bool // the key being parsed is to be matched fuzzily
	scored bool // there is a FUZZY key
}

func newSearch(s *session, byUID bool) *search {
	q := &search{session: s, byUID: byUID, decode: validUTF8, saved: s.saved}
	if s.view != nil {
		q.messages = s.view.Messages()
	}
	return q
}

// maxSearchDepth bounds how deep keys may be nested by NOT, OR and parentheses.
const maxSearchDepth = 1000

func searchParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		q := newSearch(s, byUID)
		q.returnOptions(p, imap.CapESearch, s.table.searchReturns)
		if s.rev2() && !q.returns.extended {
			q.returns.extended, q.returns.all = true, true // RFC 9051 §6.4.4
		}
		q.optionalCharset(p)
		q.criteria(p)
		return q.action(func(hits []hit) {
			if q.returns.extended {
				q.answerExtended(hits, nil)
				return
			}
			q.answer("SEARCH", hits)
		})
	}
}

func (q *search) optionalCharset(p *parser) {
	if p.word("CHARSET") {
		if q.enabled[imap.CapUTF8Accept] {
			p.fail("there is but one charset once UTF8=ACCEPT is enabled (RFC 6855 §3)")
		}
		p.space()
		q.charset(p)
		p.space()
	}
}

// criteria reads the search program at the end of the command.
func (q *search) criteria(p *parser) {
	q.match = q.program(p)
	if q.returns.relevancy && !q.scored {
		p.fail("RELEVANCY wants a FUZZY search key (RFC 6203 §4)")
	}
}

// charset reads the charset of the program's strings. One that is unknown is refused
// only when the command runs, for what else that does (RFC 5182 §2.1).
func (q *search) charset(p *parser) {
	name := p.astring()
	if strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "US-ASCII") {
		return
	}
	if _, err := charset.Reader(name, nil); err != nil {
		// RFC 3501 §7.1: the list of those that are known is optional; it is long.
		q.refused = no("BADCHARSET", "SEARCH knows no charset "+name)
	}
	q.decode = func(s string) (string, bool) { return decodeCharset(name, s) }
}

func validUTF8(s string) (string, bool) { return s, utf8.ValidString(s) }

func decodeCharset(name, s string) (string, bool) {
	r, err := charset.Reader(name, strings.NewReader(s))
	if err != nil {
		return "", true // the command fails for that
	}
	text, err := io.ReadAll(r)
	return string(text), err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// word skips an atom if it is the next.
func (p *parser) word(atom string) bool {
	rest := p.text[p.pos:]
	if len(rest) <= len(atom) || rest[len(atom)] != ' ' || !strings.EqualFold(string(rest[:len(atom)]), atom) {
		return false
	}
	p.pos += len(atom)
	return true
}

// program reads search keys up to the end of the command: all must match.
func (q *search) program(p *parser) matcher {
	keys := []matcher{q.key(p)}
	for p.accept(' ') {
		keys = append(keys, q.key(p))
	}
	return allOf(keys)
}

func allOf(keys []matcher) matcher {
	if len(keys) == 1 {
		return keys[0]
	}
	return func(c *candidate) bool {
		for _, match := range keys {
			if !match(c) {
				return false
			}
		}
		return true
	}
}

func (q *search) key(p *parser) matcher {
	if q.depth++; q.depth > maxSearchDepth {
		p.fail("%w", no(imap.ResponseCodeLimit, fmt.Sprintf("search keys are nested deeper than %d", maxSearchDepth)))
	}
	defer func() { q.depth-- }()
	switch c := p.peek(); {
	case c == '(':
		var keys []matcher
		p.list(false, func() { keys = append(keys, q.key(p)) })
		return allOf(keys)
	case isDigit(c) || c == '*' || c == '$' && q.has(imap.CapSearchRes):
		return q.inSet(p, false)
	}
	name := strings.ToUpper(p.run("a search key", isAtomChar))
	key, ok := q.table.searchKeys[name]
	if !ok {
		p.fail("unknown search key %.40q (RFC 3501 §6.4.4)", name)
		return nil
	}
	return key.parse(p, q)
}

// inSet reads a set of sequence numbers or UIDs. It is kept as UIDs, which stay the
// same for as long as the search has a context (RFC 5267 §4.3). Numbers above the last
// message's are no error (RFC 7377 §2).
func (q *search) inSet(p *parser, byUID bool) matcher {
	var uids messageSet
	switch {
	case q.has(imap.CapSearchRes) && p.accept('$'):
		uids = q.saved.resolve(0)
	case byUID:
		last := imap.UID(0)
		if m := q.messages.At(q.messages.Len()); m != nil {
			last = m.UID
		}
		uids = p.numSet().resolve(uint32(last))
	default:
		q.refuseNumbers(p)
		for _, r := range p.numSet().resolve(q.messages.Len()) {
			if first, last := q.messages.At(max(r.first, 1)), q.messages.At(min(r.last, q.messages.Len())); first != nil && last != nil {
				uids = append(uids, numRange{uint32(first.UID), uint32(last.UID)})
			}
		}
	}
	return func(c *candidate) bool { return uids.contains(uint32(c.UID)) }
}

// text reads a string to look for.
func (q *search) text(p *parser) string {
	s := p.astring()
	text, ok := q.decode(s)
	if !ok {
		p.fail("the string %.40q is not in the charset of the search", s)
	}
	return text
}

// action returns what the command does: it searches the selected mailbox and answers.
func (q *search) action(answer func([]hit)) action {
	return func(s *session) error {
		if q.refused != nil {
			if q.returns.save {
				s.saved = nil // RFC 5182 §2.1: by a NO, too
			}
			return q.refused
		}
		q.enableModSeq()
		ms := s.view.Latest()
		q.work = s.work(ms.Len())
		hits := q.hits(ms, s.isRecent)
		q.work.end()
		answer(hits)
		return nil
	}
}

// enableModSeq does what a search by modification sequence does besides
// (RFC 7162 §3.1, CONDSTORE enabling commands).
func (q *search) enableModSeq() {
	if q.modSeq {
		q.enableCondStore()
	}
}

// hits returns the messages that match, in mailbox order.
func (q *search) hits(ms mailstore.Messages, isRecent func(imap.UID) bool) []hit {
	var hits []hit
	var f fetched
	c := candidate{fetched: &f}
	for seq, m := range ms.All() {
		f, c.relevancy = fetched{m, isRecent(m.UID)}, 0
		if q.match(&c) {
			hits = append(hits, c.hit(seq))
		}
		q.work.step()
	}
	return hits
}

// hit returns the candidate as found. What no string decided is a perfect match.
func (c *candidate) hit(seq uint32) hit {
	if c.relevancy == 0 {
		c.relevancy = 100
	}
	return hit{seq, c.relevancy, c.Message}
}

// number returns how the answer names a message.
func (q *search) number(h hit) uint32 {
	if q.byUID {
		return uint32(h.UID)
	}
	return h.seq
}

// answer writes the numbers or UIDs of what was found, as SEARCH or SORT.
func (q *search) answer(response string, hits []hit) {
	q.out.text("* ").text(response)
	for _, h := range hits {
		q.out.byte(' ').number(uint64(q.number(h)))
	}
	if q.modSeq && len(hits) > 0 {
		q.out.text(" (MODSEQ ").number(highestModSeqOf(hits)).byte(')')
	}
	q.out.crlf()
}

func highestModSeqOf(hits []hit) uint64 {
	var highest uint64
	for _, h := range hits {
		highest = max(highest, h.ModSeq)
	}
	return highest
}
