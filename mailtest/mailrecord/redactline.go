package mailrecord

import (
	"bytes"
	"net/mail"
	"regexp"
	"strings"
)

// popMessage is the context of a message that POP3 sends.
const popMessage = "RETR"

var (
	anAddress = regexp.MustCompile(`[^\s"'<>(){}\[\],:;@\\=*%]+@[^\s"'<>(){}\[\],:;@\\*%]+`)
	aFetch    = regexp.MustCompile(`(?i)^\* \d+ (?:UID)?FETCH `)
	// aSearch finds commands whose strings are words of messages, or addresses.
	aSearch = regexp.MustCompile(`(?i)^\S+ (?:UID )?(?:SEARCH|SORT|THREAD|ESEARCH)\b`)
	// searched finds what those commands look for, where it isn't quoted.
	searched = regexp.MustCompile(`(?i)\b(?:FROM|TO|CC|BCC|SUBJECT|BODY|TEXT|HEADER \S+|X-GM-RAW) ([^\s"(){}]+)`)
	stores   = regexp.MustCompile(`(?i)^\S+ (?:UID )?(?:APPEND|REPLACE)\b`)
	// section finds what a literal has of a message, at the end of the line before it.
	section = regexp.MustCompile(`(?i)(?:BODY|BINARY)\[([^\]]*)\](?:<\d+>)? ~?\{\d+\}\r?\n?$|RFC822(\.HEADER|\.TEXT)? \{\d+\}\r?\n?$`)
	// aDate finds INTERNALDATE's form.
	aDate = regexp.MustCompile(`^[ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$`)
)

// structural are strings of BODYSTRUCTURE that tell nothing about anybody (RFC 9051 §7.5.2).
var structural = wordSet(`text plain html calendar csv markdown enriched rtf multipart mixed alternative related report
	signed encrypted digest parallel form-data message rfc822 global delivery-status disposition-notification
	partial external-body application octet-stream pdf zip gzip json xml msword pgp-signature pgp-encrypted
	pkcs7-mime pkcs7-signature x-pkcs7-signature image png jpeg gif svg+xml webp tiff bmp audio video mpeg mp4 ogg
	charset utf-8 us-ascii iso-8859-1 iso-8859-2 iso-8859-15 windows-1252 windows-1251 koi8-r iso-2022-jp gb2312 gbk
	big5 shift_jis euc-kr 7bit 8bit binary base64 quoted-printable name filename boundary attachment inline format
	flowed fixed delsp yes no size creation-date modification-date read-date protocol micalg report-type type start
	start-info method x-unknown`)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// addresses returns a line with its addresses replaced, and the names that users have
// logged in by.
func (r *Redactor) addresses(line []byte) []byte {
	line = anAddress.ReplaceAllFunc(line, r.Text)
	return r.textBut(line, func(word []byte) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return !r.names[string(foldASCII(word))]
	})
}

// command returns a line of a command, whose secrets are masked; c is nil if the line is
// too long to be looked at.
func (r *Redactor) command(c *command, line []byte) []byte {
	if c == nil {
		return r.Text(line)
	}
	text := trimEnd(line)
	words := bytes.Fields(text)
	switch c.name {
	case "USER", "APOP":
		if len(words) > 1 {
			return r.login(line, words[1])
		}
	case "LOGIN":
		if len(words) > 2 && !bytes.HasPrefix(words[2], []byte("{")) {
			return r.login(line, words[2])
		}
	case "SEARCH", "SORT", "THREAD", "ESEARCH", "UID SEARCH", "UID SORT", "UID THREAD":
		line = r.quoted(line)
		line = replaceGroup(searched, line, r.Text)
	}
	return r.addresses(line)
}

// login remembers the name that a user logs in by.
func (r *Redactor) login(line, name []byte) []byte {
	name = bytes.Trim(name, `"`)
	if !bytes.Contains(name, []byte("@")) && len(name) > 0 && string(name) != mask {
		r.remember(name)
	}
	return r.addresses(line)
}

func (r *Redactor) remember(name []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(name) > 0 {
		n := wordLength(name)
		if n > 0 {
			r.names[string(foldASCII(name[:n]))] = true
		}
		name = name[max(n, 1):]
	}
}

// replaceGroup replaces what the expression's first group matches.
func replaceGroup(e *regexp.Regexp, line []byte, f func([]byte) []byte) []byte {
	var replaced []byte
	from := 0
	for _, m := range e.FindAllSubmatchIndex(line, -1) {
		replaced = append(append(replaced, line[from:m[2]]...), f(line[m[2]:m[3]])...)
		from = m[3]
	}
	return append(replaced, line[from:]...)
}

// response returns a line of a response, of which so much has come.
func (r *Redactor) response(soFar string, line []byte) []byte {
	if aFetch.MatchString(soFar) {
		return r.quoted(line)
	}
	return r.addresses(line)
}

// quoted returns a line with the words of its quoted strings replaced, but for those that
// describe a message's structure.
func (r *Redactor) quoted(line []byte) []byte {
	var redacted []byte
	for {
		start := bytes.IndexByte(line, '"')
		if start < 0 {
			return append(redacted, r.addresses(line)...)
		}
		end, ok := argumentEnd(line, start)
		if !ok {
			return append(append(redacted, r.addresses(line[:start])...), r.Text(line[start:])...)
		}
		redacted = append(redacted, r.addresses(line[:start])...)
		redacted = append(redacted, '"')
		redacted = append(redacted, r.quotedString(line[start+1:end-1])...)
		redacted = append(redacted, '"')
		line = line[end:]
	}
}

func (r *Redactor) quotedString(text []byte) []byte {
	if structural[strings.ToLower(string(text))] || aDate.Match(text) {
		return text
	}
	if _, err := mail.ParseDate(string(text)); err == nil && !bytes.Contains(text, []byte("@")) {
		return text
	}
	return r.fieldText(text)
}

// contents returns a literal's contents; context is what led to it.
func (r *Redactor) contents(context string, text []byte) []byte {
	switch {
	case context == popMessage, stores.MatchString(context) && !strings.HasPrefix(context, "* "):
		return r.Message(text)
	case aFetch.MatchString(context):
		m := section.FindStringSubmatchIndex(context)
		if m == nil {
			return r.fieldText(text) // a string of ENVELOPE, say
		}
		if isHeaderSection(context, m) {
			return r.Message(text)
		}
		return r.headless(text)
	case aSearch.MatchString(context):
		return r.fieldText(text)
	case loginWithLiteral.MatchString(context):
		if !bytes.Contains(text, []byte("@")) {
			r.remember(text)
		}
	}
	return r.addresses(text)
}

var loginWithLiteral = regexp.MustCompile(`(?i)^\S+ LOGIN \{`)

// isHeaderSection tells whether what a match of section says begins with a header.
func isHeaderSection(context string, m []int) bool {
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return strings.ToUpper(context[m[2*i]:m[2*i+1]])
	}
	if m[2] < 0 {
		return group(2) != ".TEXT"
	}
	s := group(1)
	return s == "" || strings.Contains(s, "HEADER") || strings.HasSuffix(s, "MIME")
}
