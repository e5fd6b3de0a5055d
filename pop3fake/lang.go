package pop3fake

import "strings"

// The languages of text for human readers, which is English in both (RFC 2277 §4.5 for
// the second), so that nothing is kept of the client's choice.
const (
	english         = "en"
	defaultLanguage = "i-default"
)

// lang is LANG (RFC 6856 §3.2).
func (s *session) lang(args []string) error {
	if len(args) == 0 {
		s.ok("language listing follows")
		s.write(english + " English\r\n" + defaultLanguage + " English\r\n")
		s.endLines()
		return nil
	}
	tag := matchLanguage(args[0])
	if tag == "" {
		return refused("no language here is in the range %s", excerpt(args[0]))
	}
	s.ok(tag + " language selected")
	return nil
}

// matchLanguage returns the language in a basic language range (RFC 4647 §2.1), or ""; the
// range "*" stands for what the server prefers.
func matchLanguage(languageRange string) string {
	switch strings.ToLower(languageRange) {
	case english, "*":
		return english
	case defaultLanguage:
		return defaultLanguage
	}
	return ""
}
