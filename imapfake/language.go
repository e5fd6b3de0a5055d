package imapfake

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// language is LANGUAGE (RFC 5255 §3). The server's text is English whichever of its
// languages is chosen, so that nothing is kept of the choice; and no prefix of a namespace
// has a translation (§3.4).
func language() extension {
	return extension{cap: imap.CapLanguage, needs: []imap.Cap{imap.CapNamespace}, commands: []command{
		{name: "LANGUAGE", grammar: "RFC 5255 §3.5", states: anyState, parse: parseLanguage},
	}}
}

const defaultLanguage = "i-default" // RFC 2277 §4.5

func parseLanguage(p *parser, _ *session) action {
	var ranges []string
	for p.accept(' ') {
		r := p.astring()
		if p.err == nil && !isLanguageRange(r) {
			p.fail("%.40q is no language range (RFC 4647 §2.1)", r)
		}
		ranges = append(ranges, r)
	}
	return func(s *session) error {
		if ranges == nil {
			s.out.line("* LANGUAGE (en " + defaultLanguage + ")")
			return nil
		}
		for _, r := range ranges {
			if tag := lookupLanguage(r); tag != "" {
				s.out.line("* LANGUAGE (" + tag + ")")
				return nil
			}
		}
		return no("", "no language here is "+strings.Join(ranges, " or "))
	}
}

// lookupLanguage returns the language that a range means, taking subtags off its end
// until there is one (RFC 4647 §3.4), and "" if there is none.
func lookupLanguage(languageRange string) string {
	r := strings.ToLower(languageRange)
	if r == "default" || r == "*" {
		return defaultLanguage
	}
	for {
		if r == "en" || r == defaultLanguage {
			return r
		}
		end := strings.LastIndexByte(r, '-')
		if end < 0 {
			return ""
		}
		r = r[:end]
	}
}

// isLanguageRange tells whether s is a basic language range (RFC 4647 §2.1).
func isLanguageRange(s string) bool {
	if s == "*" {
		return true
	}
	primary, rest, more := strings.Cut(s, "-")
	if !isSubtag(primary) || strings.ContainsFunc(primary, func(r rune) bool { return r <= '9' }) {
		return false
	}
	return !more || !slices.ContainsFunc(strings.Split(rest, "-"), func(tag string) bool { return !isSubtag(tag) })
}

// isSubtag tells whether s is of one to eight letters and digits.
func isSubtag(s string) bool {
	return s != "" && len(s) <= 8 && !strings.ContainsFunc(s, func(r rune) bool { return r > 'z' || !isAlphanumeric(byte(r)) })
}
