package structure

import "bytes"

// AddressKind tells the addresses of a list from what delimits its groups.
type AddressKind int

const (
	MailboxAddress AddressKind = iota // an address
	GroupStart                        // "name:"; Mailbox is the group's name, the rest is empty
	GroupEnd                          // ";"; everything is empty
)

// Address is an element of an address list as ENVELOPE shows it (RFC 3501 §7.4.2):
// without quotes, comments and folding, but with encoded words as they are.
//
// Name and Route are empty when absent. Of a MailboxAddress neither Mailbox nor Host
// is ever absent: what the field doesn't give is filled in with the words that
// Dovecot uses. (Mailbox can be an empty quoted string, though.) In an ENVELOPE
// Host is NIL in a GroupStart, and Host and Mailbox in a GroupEnd.
//
// The octets are shared with the field's value where that is possible.
type Address struct {
	Kind          AddressKind
	Name          []byte
	Route         []byte // the source route, "@a,@b" (RFC 5322 §4.4)
	Mailbox, Host []byte
}

const (
	missingMailbox = "MISSING_MAILBOX"
	missingDomain  = "MISSING_DOMAIN"
	syntaxError    = "SYNTAX_ERROR"
	invalidRoute   = "INVALID_ROUTE"
)

// Addresses appends to dst the addresses of an address field's value, folded as it is,
// with all of the obsolete syntax of RFC 5322 §4.4. A list that breaks off in garbage ends
// there, after what could be made of the last address. The cost is in proportion to
// the size of value.
func Addresses(dst []Address, value []byte) []Address {
	p := addressParser{lexer: lexer{in: value}, out: dst}
	p.list(false)
	return p.out
}

type addressParser struct {
	lexer
	out   []Address
	words words
}

// words are read in a row, before it is known what they are.
type words struct {
	phrase []byte // with spaces between the words
	local  []byte // without, while dotted
	count  int
	// quoted tells whether one was a quoted string.
	quoted bool
	// dotted tells whether there is a dot between any two words, so that they
	// can be a local-part.
	dotted bool
	// shared is where phrase ends in the value, while it is as it stands there.
	shared int
}

// mailbox returns the words as a local-part.
func (w *words) mailbox() []byte {
	if w.count == 0 {
		return []byte(missingMailbox)
	}
	return w.local
}

// list reads addresses, and groups unless in one, up to what can't be in a list.
func (p *addressParser) list(inGroup bool) {
	for p.skipCFWS() && !p.done() {
		if p.accept(',') {
			continue // RFC 5322 §4.4 knows of null members in a list.
		}
		if inGroup && p.peek() == ';' {
			return
		}
		p.address(inGroup)
		if p.peek() != ',' {
			return
		}
	}
}

// address reads one address or group. It may read nothing, of garbage.
func (p *addressParser) address(inGroup bool) {
	p.comment = Span{}
	p.readWords(false)
	switch c := p.peek(); {
	case c == ':' && !inGroup:
		p.group()
	case c == '<':
		p.angleAddress()
	case c == '@' && p.words.dotted:
		p.bareAddress()
	case p.words.count == 1 && (!p.words.quoted || p.comment.Len() > 0):
		p.out = append(p.out, Address{Name: p.commentText(), Mailbox: p.words.mailbox(), Host: []byte(missingDomain)})
	default:
		p.out = append(p.out, Address{Name: p.words.phrase, Mailbox: []byte(missingMailbox), Host: []byte(missingDomain)})
	}
}

// group reads a group from its colon (RFC 5322 §3.4).
func (p *addressParser) group() {
	p.out = append(p.out, Address{Kind: GroupStart, Mailbox: p.words.phrase})
	p.accept(':')
	p.list(true)
	p.accept(';')
	p.skipCFWS()
	p.out = append(p.out, Address{Kind: GroupEnd})
}

// bareAddress reads an addr-spec from its "@". A comment in it or after it is what
// there was before display names, and still names the owner.
func (p *addressParser) bareAddress() {
	host, ok := p.domain()
	if !ok {
		host = []byte(missingDomain)
	}
	p.out = append(p.out, Address{Name: p.commentText(), Mailbox: p.words.mailbox(), Host: host})
}

// angleAddress reads an address from its "<".
func (p *addressParser) angleAddress() {
	a := Address{Name: p.words.phrase}
	p.accept('<')
	p.skipCFWS()
	if p.peek() == '@' {
		a.Route = p.route()
	}
	p.readWords(true)
	a.Mailbox = p.words.mailbox()
	ok := true
	if p.peek() == '@' {
		a.Host, ok = p.domain()
	}
	switch {
	case !ok || !p.accept('>'):
		a.Host = []byte(syntaxError)
	case a.Host == nil:
		a.Host = []byte(missingDomain)
	}
	p.skipCFWS()
	p.out = append(p.out, a)
}

// route reads an obs-route (RFC 5322 §4.4) with its colon.
func (p *addressParser) route() []byte {
	var route []byte
	for p.peek() == '@' {
		host, ok := p.domain()
		if !ok {
			return []byte(invalidRoute)
		}
		if len(route) > 0 {
			route = append(route, ',')
		}
		route = append(append(route, '@'), host...)
		for p.accept(',') {
			p.skipCFWS()
		}
	}
	if !p.accept(':') {
		return []byte(invalidRoute)
	}
	p.skipCFWS()
	return route
}

// readWords reads as many words as there are, and with localOnly no more than
// make a local-part.
func (p *addressParser) readWords(localOnly bool) {
	p.words = words{dotted: true}
	w := &p.words
	endsInDot := true
	for p.skipCFWS() {
		quoted := p.peek() == '"'
		start := p.pos
		var word []byte
		if quoted {
			text, ok := p.quotedString()
			if !ok {
				return
			}
			word = text
		} else if word = p.run(inAtomOrDot); len(word) == 0 {
			return
		}
		beginsWithDot := !quoted && word[0] == '.'
		if !endsInDot && !beginsWithDot {
			if localOnly {
				p.pos = start
				return
			}
			w.dotted = false
		}
		p.addWord(word, quoted, start)
		endsInDot = !quoted && word[len(word)-1] == '.'
	}
}

// addWord adds a word that began at start. What is one word, or atoms with one space
// between, isn't copied.
func (p *addressParser) addWord(word []byte, quoted bool, start int) {
	w := &p.words
	switch {
	case w.count == 0:
		w.phrase, w.local, w.shared = word, word, p.pos
		if quoted {
			w.shared = 0
		}
	case w.shared > 0 && w.shared == start-1 && p.in[w.shared] == ' ' && !quoted:
		w.phrase = p.in[start-1-len(w.phrase) : p.pos : p.pos]
		w.shared = p.pos
	default:
		if len(w.phrase) > 0 {
			w.phrase = append(w.phrase, ' ')
		}
		w.phrase, w.shared = append(w.phrase, word...), 0
	}
	if w.count > 0 && w.dotted {
		w.local = append(w.local, word...)
	}
	w.quoted = w.quoted || quoted
	w.count++
}

// domain reads "@" and a domain: dot-atom, obs-domain or domain-literal.
func (p *addressParser) domain() ([]byte, bool) {
	p.accept('@')
	if !p.skipCFWS() {
		return nil, false
	}
	if p.peek() == '[' {
		return p.domainLiteral()
	}
	var domain []byte
	for {
		label := p.run(inAtomOrDot)
		if !p.skipCFWS() {
			return nil, false
		}
		if domain == nil {
			domain = label
		} else {
			domain = append(domain, label...)
		}
		// White space around dots is obs-domain.
		endsInDot := len(label) > 0 && label[len(label)-1] == '.'
		if p.peek() != '.' && !(endsInDot && isAtomOrDot(p.peek())) {
			break
		}
	}
	if len(domain) == 0 || domain[0] == '.' || domain[len(domain)-1] == '.' || bytes.Contains(domain, []byte("..")) {
		return nil, false
	}
	return domain, true
}

func (p *addressParser) domainLiteral() ([]byte, bool) {
	start := p.pos
	if !p.skipPast(']') {
		p.pos = len(p.in)
		return nil, false
	}
	literal := Unfold(p.in[start:p.pos:p.pos])
	return literal, p.skipCFWS()
}

func (p *addressParser) commentText() []byte {
	return unquote(p.comment.Of(p.in))
}
