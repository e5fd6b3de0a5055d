package structure

import (
	"strconv"
	"strings"
)

// readContentFields sets what the Content- fields of the part's header say.
func (p *Part) readContentFields(raw []byte, as role) {
	typed, isMIME := false, as != asMessage
	for f := range Fields(raw, p.Header) {
		name := f.Name
		if foldEqual(name, "mime-version") {
			isMIME = true
			continue
		}
		const prefix = "content-"
		if len(name) <= len(prefix) || !foldEqual(name[:len(prefix)], prefix) {
			continue
		}
		value := f.Value.Of(raw)
		switch what := name[len(prefix):]; {
		case foldEqual(what, "type"):
			if !typed {
				typed = true
				p.setType(value)
			}
		case foldEqual(what, "disposition"):
			if p.Disposition == "" {
				p.Disposition, p.DispositionParams = parseDisposition(value)
			}
		case foldEqual(what, "language"):
			if p.Languages == nil {
				p.Languages = parseLanguages(value)
			}
		case foldEqual(what, "transfer-encoding"):
			setFirst(&p.Encoding, parseEncoding, value)
		case foldEqual(what, "id"):
			setFirst(&p.ID, unfolded, value)
		case foldEqual(what, "description"):
			setFirst(&p.Description, unfolded, value)
		case foldEqual(what, "md5"):
			setFirst(&p.MD5, unfolded, value)
		case foldEqual(what, "location"):
			setFirst(&p.Location, unfolded, value)
		}
	}
	if !typed {
		if !isMIME {
			*p = Part{Header: p.Header}
		}
		p.setDefaultType(as)
	}
}

func unfolded(value []byte) string { return string(Unfold(value)) }

func setFirst(dst *string, parse func([]byte) string, value []byte) {
	if *dst == "" {
		*dst = parse(value)
	}
}

func (p *Part) setDefaultType(as role) {
	if as == asDigestPart {
		p.Type, p.Subtype = "message", "rfc822"
		return
	}
	p.Type, p.Subtype = "text", "plain"
	p.Params = []Param{{"charset", "us-ascii"}}
}

// setType reads the value of a Content-Type field (RFC 2045 §5.1).
func (p *Part) setType(value []byte) {
	l := lexer{in: value}
	l.skipCFWS()
	typ := l.token()
	l.skipCFWS()
	slash := l.accept('/')
	l.skipCFWS()
	subtype := l.token()
	if !slash || len(typ) == 0 || len(subtype) == 0 || !l.skipCFWS() || !l.done() && l.peek() != ';' {
		p.setDefaultType(asPart)
		return
	}
	p.Type, p.Subtype, p.Params = intern(typ), intern(subtype), l.params()
	if _, ok := paramValue(p.Params, "charset"); !ok && foldEqual(p.Type, "text") {
		p.Params = append(p.Params, Param{"charset", "us-ascii"})
	}
}

// parseDisposition reads the value of a Content-Disposition field (RFC 2183 §2).
func parseDisposition(value []byte) (string, []Param) {
	l := lexer{in: value}
	l.skipCFWS()
	disposition := l.token()
	if len(disposition) == 0 {
		return "", nil
	}
	l.skipCFWS()
	return intern(disposition), l.params()
}

// parseEncoding reads the value of a Content-Transfer-Encoding field (RFC 2045 §6.1).
func parseEncoding(value []byte) string {
	l := lexer{in: value}
	l.skipCFWS()
	encoding := l.token()
	if !l.skipCFWS() || !l.done() {
		return ""
	}
	return intern(encoding)
}

// parseLanguages reads the value of a Content-Language field (RFC 3282 §2). A
// broken list is none.
func parseLanguages(value []byte) []string {
	var languages []string
	for l := (lexer{in: value}); l.skipCFWS() && !l.done(); {
		if l.accept(',') {
			continue
		}
		language := l.token()
		if len(language) == 0 || !l.skipCFWS() || !l.done() && l.peek() != ',' {
			return nil
		}
		languages = append(languages, string(language))
	}
	return languages
}

// params reads parameters, each after its semicolon, and skips what isn't one.
func (l *lexer) params() []Param {
	var params []Param
	for l.skipPast(';') {
		l.skipCFWS()
		name := l.token()
		l.skipCFWS()
		if len(name) == 0 || !l.accept('=') {
			continue
		}
		l.skipCFWS()
		if value, ok := l.paramValue(); ok {
			params = append(params, Param{intern(name), value})
		}
	}
	return params
}

func (l *lexer) paramValue() (string, bool) {
	switch l.peek() {
	case '"':
		value, ok := l.quotedString()
		return intern(value), ok
	case '=':
		// An encoded word where none is allowed (RFC 2047 §5), which is what
		// many a file name is: no token, but what is meant is clear.
		return string(l.run(inEncodedWord)), true
	}
	return intern(l.token()), true
}

// paramValue returns the first value of a parameter, put together from its
// continuations (RFC 2231 §3) if need be.
func paramValue(params []Param, name string) (string, bool) {
	for _, p := range params {
		if foldEqual(p.Name, name) {
			return p.Value, true
		}
	}
	var value strings.Builder
	next := 0
	for _, p := range params {
		base, section, ok := strings.Cut(p.Name, "*")
		if ok && foldEqual(base, name) && section == strconv.Itoa(next) {
			value.WriteString(p.Value)
			next++
		}
	}
	return value.String(), next > 0
}
