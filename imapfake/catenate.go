package imapfake

import (
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// catenate is CATENATE (RFC 4469): a message is put together from texts and from
// parts of messages that the server has.
func catenate() extension {
	return extension{cap: imap.CapCatenate, appendForms: []appendForm{{"CATENATE", parseCatenate}}}
}

func parseCatenate(p *parser, s *session, admit admission) octetSource {
	c := &catenation{session: s, admit: admit}
	p.space()
	p.list(false, func() { c.pieces = append(c.pieces, c.piece(p)) })
	return c.octets
}

// catenation is a message that is put together.
type catenation struct {
	*session // that parses it
	admit    admission
	texts    int64 // octets of the literals so far
	pieces   []octetSource
}

// piece reads a cat-part (RFC 4469 §5): TEXT, URL or the form of another extension.
func (c *catenation) piece(p *parser) octetSource {
	switch word := p.keyword(); word {
	case "TEXT":
		p.space()
		if _, binary := c.table.appendForms["~"]; binary {
			p.accept('~')
		}
		return c.text(p.messageLiteral(c.admitText))
	case "URL":
		p.space()
		return p.urlSource()
	case "CATENATE":
	default:
		if form, ok := c.table.appendForms[word]; ok && word != "~" {
			return c.text(form.parse(p, c.session, c.admitText))
		}
	}
	p.fail("expected TEXT or URL before %s (RFC 4469 §5)", p.excerpt())
	return nil
}

// admitText refuses a text by the size of all texts so far.
func (c *catenation) admitText(octets int64) error { return c.admit(max(c.texts+octets, 1)) }

// text counts the octets of a text that is there.
func (c *catenation) text(source octetSource) octetSource {
	if octets, err := source(c.session); err == nil {
		c.texts += int64(len(octets))
	}
	return source
}

// octets puts the message together. It doesn't grow over the limit, however often a
// large message is named.
func (c *catenation) octets(s *session) ([]byte, error) {
	var message []byte
	for _, piece := range c.pieces {
		octets, err := piece(s)
		if err != nil {
			return nil, err
		}
		if err := c.admit(max(int64(len(message))+int64(len(octets)), 1)); err != nil {
			return nil, err
		}
		message = append(message, octets...)
	}
	return message, nil
}

// urlSource reads a URL (RFC 4469 §3), which is looked into when the command is
// carried out.
func (p *parser) urlSource() octetSource {
	url := p.astring()
	return func(s *session) ([]byte, error) {
		octets, err := s.resolveURL(url)
		if err != nil {
			return nil, badURL(url, err)
		}
		return octets, nil
	}
}

// badURL is the error of a URL that leads nowhere (RFC 4469 §4.1), which the response
// code repeats as far as it can hold it.
func badURL(url string, err error) error {
	shown := strings.Map(func(r rune) rune {
		if r == ']' || r == '\\' {
			return '?'
		}
		return r
	}, printable(url))
	return no(imap.ResponseCode("BADURL "+shown), statusOf(err).Text)
}

// resolveURL returns the octets that a URL of this session means.
func (s *session) resolveURL(text string) ([]byte, error) {
	url, err := parseMessageURL(text, s.has(imap.CapURLPartial))
	if err != nil {
		return nil, err
	}
	box := s.selectedMailbox()
	if url.mailbox != "" {
		if box, err = s.mailbox(url.mailbox, mailstore.RightRead); err != nil {
			return nil, err
		}
	}
	if box == nil {
		return nil, errors.New("the URL names no mailbox and none is selected")
	}
	message, err := url.find(box)
	if err != nil {
		return nil, err
	}
	return url.octets(message)
}
