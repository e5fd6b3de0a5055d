// Package structure finds the parts, fields and addresses of a message in its
// raw octets.
//
// [Parse] builds an index of offsets once; FETCH and SEARCH then cut what they
// need out of the very octets that were delivered. Nothing here ever fails or
// panics: a message is whatever its sender made of it, and where the RFCs leave
// the meaning of broken mail open, the answer is Dovecot's.
//
// A [Part] is immutable after Parse, and everything here is safe for concurrent
// use as long as nobody writes to the raw octets.
package structure

import (
	"bytes"
	"strings"
)

const (
	// maxDepth is how many parts can be nested in each other, the message
	// itself included: Dovecot's limit, and what bounds every recursion.
	maxDepth = 100
	// maxParts is how many parts a message can have, itself included: also
	// Dovecot's limit.
	maxParts = 10_000
)

// Span is a range of octets of a raw message, from Start up to but excluding End.
type Span struct{ Start, End int }

// Of returns the octets of the span. They are shared with raw.
func (s Span) Of(raw []byte) []byte { return raw[s.Start:s.End:s.End] }

// Len returns the number of octets.
func (s Span) Len() int { return s.End - s.Start }

// Param is a parameter of a Content-Type or Content-Disposition field, without
// quotes and escapes but otherwise as written: the name of an RFC 2231
// continuation stays "filename*0".
type Param struct{ Name, Value string }

// Part is a message or one of its parts (an "entity" of RFC 2045 §2.4).
//
// Strings are as written, except that comments and folding are removed; of
// fields given twice the first counts.
type Part struct {
	// Header holds the fields and the blank line that ends them. There is no
	// blank line when the part ends before one, or when a boundary follows it
	// at once, since the line break before a boundary is the boundary's.
	Header Span
	// Body holds the octets after the header, up to but excluding the line
	// break that belongs to the next boundary (RFC 2046 §5.1.1).
	Body Span

	// The following come from the header's Content- fields, which in a message
	// with neither MIME-Version nor Content-Type mean nothing (RFC 2045 §4).

	// Type and Subtype are text and plain (message and rfc822 in a
	// multipart/digest, RFC 2046 §5.1.5) without Content-Type, and text and
	// plain for one that can't be parsed (RFC 2045 §5.2). Multiparts and
	// messages beyond the limits of depth and count are leaves of type
	// application/octet-stream.
	Type, Subtype string
	// Params are the Content-Type's in order of appearance. Text without a
	// charset has charset=us-ascii added.
	Params []Param

	// ID, Description, MD5, Location and Encoding are the values of the
	// Content- fields of these names, "" when absent. Encoding is also ""
	// when it isn't a single token: 7bit is the default (RFC 2045 §6.1).
	ID, Description, MD5, Location, Encoding string

	// Disposition is "" without a Content-Disposition field (RFC 2183).
	Disposition       string
	DispositionParams []Param
	// Languages are those of Content-Language (RFC 3282).
	Languages []string

	// Lines is the number of LFs in Body.
	Lines int

	// Parts are the children of a multipart, never none: the grammar of
	// BODYSTRUCTURE wants at least one, so that a multipart without any gets
	// an empty text/plain, which is where Body ends.
	Parts []*Part
	// Message is the message in a message/rfc822 or message/global. It is read
	// as if there were no Content-Transfer-Encoding: RFC 2046 §5.2.1 forbids any
	// that would hide it (for message/global RFC 6532 §3.7 doesn't), and IMAP
	// has no form for a message/rfc822 that isn't looked into.
	Message *Part
}

// IsMultipart tells whether the part is a multipart, and so has Parts.
func (p *Part) IsMultipart() bool { return foldEqual(p.Type, "multipart") }

func (p *Part) isMessage() bool {
	return foldEqual(p.Type, "message") &&
		(foldEqual(p.Subtype, "rfc822") || foldEqual(p.Subtype, "global"))
}

// Parse returns the structure of the message raw in one pass. It accepts any
// octets, and lines that end in CRLF or LF. Its cost is in proportion to the
// size of raw, whatever is nested in it.
func Parse(raw []byte) *Part {
	p := parser{raw: raw}
	return p.entity(asMessage, 1)
}

// role is what an entity is to what is around it.
type role int

const (
	asMessage    role = iota // the message, or one in a message/rfc822
	asPart                   // a part of a multipart
	asDigestPart             // a part of a multipart/digest
)

// parser reads a message from its first octet to its last. Each entity reads on
// until it meets a delimiter, of its own multipart or of one further out; the
// delimiter then waits in the parser until the multipart whose it is takes it.
type parser struct {
	raw   []byte
	pos   int      // where the next line starts
	open  [][]byte // boundaries of the multiparts around pos, outermost first
	parts int      // entities so far

	// The delimiter, or the end of the message, that pos has just passed.
	met     bool
	level   int  // index in open; -1 at the end of the message
	closing bool // whether no part follows it
	end     int  // where the content before it ends

	counted, lines int // there are this many lines before offset counted
}

// entity reads one part from pos up to a delimiter that ends it.
func (p *parser) entity(as role, depth int) *Part {
	p.parts++
	part := &Part{Header: Span{Start: p.pos}}
	p.skipHeader()
	// An entity may begin after the end of its content: the line break that is the
	// delimiter's also ended the line before the entity.
	headerEnd := p.contentEnd()
	part.Header = Span{min(part.Header.Start, headerEnd), headerEnd}
	part.readContentFields(p.raw, as)
	if depth == maxDepth || p.parts == maxParts {
		part.makeLeaf()
	}
	linesBefore := p.linesBefore(headerEnd)
	switch {
	case part.IsMultipart():
		p.multipart(part, depth)
	case part.isMessage():
		part.Message = p.entity(asMessage, depth+1)
	default:
		p.skipToDelimiter()
	}
	// The blank line may have been the line break of the delimiter.
	part.Header.End = min(headerEnd, p.end)
	part.Body = Span{part.Header.End, p.end}
	if part.Body.Len() > 0 {
		part.Lines = p.linesBefore(p.end) - linesBefore
	}
	if part.IsMultipart() && len(part.Parts) == 0 {
		part.Parts = []*Part{emptyPart(p.end)}
	}
	return part
}

// multipart reads the body of a multipart: preamble, parts and epilogue.
func (p *parser) multipart(part *Part, depth int) {
	boundary, ok := paramValue(part.Params, "boundary")
	if !ok {
		p.skipToDelimiter()
		return
	}
	level := len(p.open)
	// RFC 2046 §5.1.1: white space at its end isn't the boundary's.
	p.open = append(p.open, []byte(strings.TrimRight(boundary, " \t")))
	as := asPart
	if foldEqual(part.Subtype, "digest") {
		as = asDigestPart
	}
	p.skipToDelimiter()
	for p.level == level && !p.closing {
		p.met = false
		part.Parts = append(part.Parts, p.entity(as, depth+1))
	}
	p.open = p.open[:level]
	if p.level == level {
		p.met = false
		p.skipToDelimiter()
	}
}

// makeLeaf makes a part that could have parts in it one that can't.
func (p *Part) makeLeaf() {
	if p.IsMultipart() || p.isMessage() {
		p.Type, p.Subtype = "application", "octet-stream"
	}
}

func emptyPart(at int) *Part {
	part := &Part{Header: Span{at, at}, Body: Span{at, at}}
	part.setDefaultType(asPart)
	return part
}

// skipHeader moves past the blank line that ends the header, or to whatever
// ends it without one.
func (p *parser) skipHeader() {
	for !p.met && p.pos < len(p.raw) && !p.takeDelimiter() {
		line := p.line()
		p.pos += len(line)
		if isBlank(line) {
			return
		}
	}
}

// skipToDelimiter moves past the next delimiter, or to the end of the message.
func (p *parser) skipToDelimiter() {
	for !p.met && len(p.open) > 0 && p.pos < len(p.raw) && !p.takeDelimiter() {
		next := bytes.Index(p.raw[p.pos:], []byte("\n--"))
		if next < 0 {
			break
		}
		p.pos += next + 1
	}
	if !p.met {
		p.pos = len(p.raw)
		p.met, p.level, p.closing, p.end = true, -1, false, p.pos
	}
}

// takeDelimiter moves past the line at pos if it is a delimiter of a multipart
// around it.
func (p *parser) takeDelimiter() bool {
	if p.parts >= maxParts || !bytes.HasPrefix(p.raw[p.pos:], []byte("--")) {
		return false
	}
	line := p.line()
	text := line[2:]
	// RFC 2046 §5.1.1: a line matches when it begins with the boundary. That
	// lets a boundary match a longer one too, so that the longest counts, and
	// the innermost of equals.
	level := -1
	for i := len(p.open) - 1; i >= 0; i-- {
		if bytes.HasPrefix(text, p.open[i]) && (level < 0 || len(p.open[i]) > len(p.open[level])) {
			level = i
		}
	}
	if level < 0 {
		return false
	}
	p.met, p.level = true, level
	// Without its line break a delimiter opens no part, but is one.
	p.closing = bytes.HasPrefix(text[len(p.open[level]):], []byte("--")) || lineBreakLen(line) == 0
	p.end = p.pos - lineBreakLen(p.raw[:p.pos])
	p.pos += len(line)
	return true
}

// contentEnd returns where the content read so far ends.
func (p *parser) contentEnd() int {
	if p.met {
		return p.end
	}
	return p.pos
}

// line returns the line at pos with its line break.
func (p *parser) line() []byte {
	rest := p.raw[p.pos:]
	return rest[:lineLen(rest)]
}

// linesBefore returns the number of LFs before an offset. Every octet is counted
// once, since offsets never go back by more than a line break.
func (p *parser) linesBefore(offset int) int {
	if offset < p.counted {
		p.lines -= bytes.Count(p.raw[offset:p.counted], []byte("\n"))
	} else {
		p.lines += bytes.Count(p.raw[p.counted:offset], []byte("\n"))
	}
	p.counted = offset
	return p.lines
}

// lineLen returns the length of the first line of text with its line break.
func lineLen(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// lineBreakLen returns the length of the line break at the end of text.
func lineBreakLen(text []byte) int {
	switch {
	case bytes.HasSuffix(text, []byte("\r\n")):
		return 2
	case bytes.HasSuffix(text, []byte("\n")):
		return 1
	}
	return 0
}

// isBlank tells whether a line holds nothing but its line break.
func isBlank(line []byte) bool {
	return len(line) > 0 && lineBreakLen(line) == len(line)
}
