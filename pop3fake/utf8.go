package pop3fake

import (
	"bytes"
	"unicode/utf8"

	"github.com/xdg-go/stringprep"

	"example.org/mailfakes/mailtest/mailstore"
)

// utf8Mode is UTF8 (RFC 6856 §2.1).
func (s *session) utf8Mode([]string) error {
	s.utf8 = true
	s.ok("messages are sent in UTF-8 from now on")
	return nil
}

func (s *session) utf8Arguments() []string {
	if s.srv.offers(UTF8User) {
		return []string{"USER"}
	}
	return nil
}

// takesUTF8User tells whether names and passwords may be in UTF-8.
func (s *session) takesUTF8User() bool { return s.srv.offers(UTF8) && s.srv.offers(UTF8User) }

// checkUTF8 refuses a message that is only for clients in UTF-8 mode (RFC 6856 §2.1, §5):
// one whose header has UTF-8 as RFC 6532 allows it. A header with other octets above
// 127 belongs to no standard and is sent as it is, as ever.
func (s *session) checkUTF8(n uint32, m *mailstore.Message) error {
	if s.utf8 || !s.srv.offers(UTF8) {
		return nil
	}
	if header := headerOf(m.Raw()); !isASCII(header) && utf8.Valid(header) {
		return &refusal{code: codeUTF8, text: "message " + number(n) + " has UTF-8 in its header, which needs the command UTF8 before login (RFC 6856 section 2.1)"}
	}
	return nil
}

// headerOf returns the header of a message, without an index of all its parts, which RETR
// has no other use for.
func headerOf(raw []byte) []byte {
	end := 0
	for line := range bytes.Lines(raw) {
		if len(line) == lineBreak(line) {
			break
		}
		end += len(line)
	}
	return raw[:end]
}

// prepare returns a name or password as SASLprep has it, if it isn't in ASCII anyway
// (RFC 6856 §2.2).
func prepare(text string) (string, error) {
	if isASCII([]byte(text)) {
		return text, nil
	}
	if !utf8.ValidString(text) {
		return "", malformed("the name or password isn't UTF-8 (RFC 6856 section 2.2)")
	}
	prepared, err := stringprep.SASLprep.Prepare(text)
	if err != nil {
		return "", malformed("the name or password has a character that SASLprep prohibits (RFC 4013 section 2.3)")
	}
	return prepared, nil
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
