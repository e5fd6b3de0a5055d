package imapfake

import (
	"bytes"
	"slices"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// capURLAuthBinary is what RFC 5524 §5 calls it; §6 has it wrong.
const capURLAuthBinary imap.Cap = "URLAUTH=BINARY"

// urlAuthBinary is URLAUTH=BINARY (RFC 5524).
func urlAuthBinary() extension {
	return extension{cap: capURLAuthBinary, onRequest: true, needs: []imap.Cap{imap.CapURLAuth}}
}

// urlRequest is a URL with what is asked of it; nothing: the octets alone.
type urlRequest struct {
	url    string
	params []string
}

// parseURLFetch reads URLs (RFC 4467 §9, urlfetch), some of them with parameters in
// parentheses (RFC 5524 §5, url-fetch-ext).
func parseURLFetch(p *parser, s *session) action {
	var requests []urlRequest
	for first := true; first || p.peek() == ' '; first = false {
		p.space()
		var r urlRequest
		if s.has(capURLAuthBinary) && p.accept('(') {
			r.url = p.astring()
			for p.accept(' ') {
				r.params = append(r.params, p.urlFetchParam(r.params))
			}
			p.expect(')')
		} else {
			r.url = p.astring()
		}
		requests = append(requests, r)
	}
	return func(s *session) error {
		for _, r := range requests {
			s.out.text("* URLFETCH ")
			s.out.string(r.url)
			s.writeURLData(r)
			s.out.crlf()
		}
		return nil
	}
}

// urlFetchParam reads what else is asked of a URL beside before.
func (p *parser) urlFetchParam(before []string) string {
	param := p.keyword()
	switch {
	case param != "BODY" && param != "BINARY" && param != "BODYPARTSTRUCTURE":
		p.fail("unknown parameter %.40q (RFC 5524 §3.1)", param)
	case slices.Contains(before, param):
		p.fail("parameter %s given twice (RFC 5524 §3.1)", param)
	case param != "BODYPARTSTRUCTURE" && (slices.Contains(before, "BODY") || slices.Contains(before, "BINARY")):
		p.fail("BODY and BINARY exclude each other (RFC 5524 §3.1)")
	}
	return param
}

// writeURLData writes what is asked of a URL, or NIL if the URL is invalid for any reason
// (RFC 4467 §8, URLFETCH).
func (s *session) writeURLData(r urlRequest) {
	u, m, err := s.authorized(r.url)
	var octets []byte
	if err == nil {
		octets, err = u.message.octets(m)
	}
	if err != nil {
		s.out.text(" NIL")
		return
	}
	if r.params == nil {
		s.out.byte(' ').literal(octets)
		return
	}
	part := m.Structure().Find(u.message.section.path)
	var decoded []byte
	known := false
	if slices.Contains(r.params, "BINARY") {
		if decoded, _, known = (binarySection{u.message.section}).decoded(m); known {
			part = asDecoded(part, &u.message.section, decoded)
		}
	}
	for _, param := range r.params {
		s.out.text(" (").text(param).byte(' ')
		switch param {
		case "BODY":
			s.out.literal(octets)
		case "BINARY":
			if known {
				s.out.literal8(u.message.section.partial.of(decoded))
			} else {
				s.out.text("NIL") // RFC 5524 §5, url-meta-binary
			}
		case "BODYPARTSTRUCTURE":
			s.out.bodyStructure(m.Raw(), part, true)
		}
		s.out.byte(')')
	}
}

// asDecoded returns a part as its structure is once the transfer encoding is gone, as RFC 5524 §4
// shows it beside BINARY: with the encoding, size and lines of the decoded octets.
func asDecoded(part *structure.Part, section *bodySection, octets []byte) *structure.Part {
	if len(section.path) == 0 || part.IsMultipart() || section.spec != structure.Whole || part.Message != nil {
		return part // which has no encoding to be undone
	}
	decoded := *part
	decoded.Encoding = encodingDomain(octets)
	decoded.Body = structure.Span{End: len(octets)}
	decoded.Lines = bytes.Count(octets, []byte("\n"))
	return &decoded
}

// encodingDomain returns the identity encoding that octets can be sent in (RFC 2045 §2.7 to 2.9).
func encodingDomain(octets []byte) string {
	domain := "7BIT"
	for line := range bytes.Lines(octets) {
		text, ended := bytes.CutSuffix(line, []byte("\r\n"))
		if len(text) > 998 || bytes.ContainsAny(text, "\r\n\x00") || !ended && len(text) < len(line) {
			return "BINARY"
		}
		if bytes.ContainsFunc(text, func(r rune) bool { return r > 0x7f }) {
			domain = "8BIT"
		}
	}
	return domain
}
