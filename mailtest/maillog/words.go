package maillog

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// taggedStatus is the response that ends an IMAP command (RFC 3501 §7.1).
var taggedStatus = regexp.MustCompile(`(?i)^([^\s*+]\S*) (OK|NO|BAD)( |$)`)

// untagged is any other response, but for those that no server begins a line of mail with.
var untagged = regexp.MustCompile(`(?i)^\* (\d+ (EXISTS|EXPUNGE|FETCH|RECENT)\b|(OK|NO|BAD|BYE|PREAUTH|CAPABILITY|LIST|LSUB|STATUS|SEARCH|ESEARCH|FLAGS|VANISHED|NAMESPACE|ENABLED|ID|SORT|THREAD)\b)`)

var imapWords = set(`APPEND AUTHENTICATE CAPABILITY CHECK CLOSE COMPRESS COPY CREATE DELETE DELETEACL ENABLE EXAMINE
	EXPUNGE FETCH GENURLAUTH GETACL GETMETADATA GETQUOTA GETQUOTAROOT ID IDLE LIST LISTRIGHTS LOGIN LOGOUT LSUB MOVE
	MYRIGHTS NAMESPACE NOOP NOTIFY RENAME REPLACE RESETKEY RLIST SEARCH SELECT SETACL SETMETADATA SETQUOTA SORT STARTTLS
	STATUS STORE SUBSCRIBE THREAD UID UNAUTHENTICATE UNSELECT UNSUBSCRIBE URLFETCH XLIST ESEARCH LANGUAGE XAPPLEPUSHSERVICE`)

var pop3Words = set(`APOP AUTH CAPA DELE LANG LAST LIST NOOP PASS QUIT RETR RSET STAT STLS TOP UIDL USER UTF8 XTND`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// isIMAPCommand tells whether text begins with a tag and the name of a command.
func isIMAPCommand(text string) bool {
	tag, rest, ok := strings.Cut(text, " ")
	name, _, _ := strings.Cut(rest, " ")
	return ok && tag != "" && len(tag) <= 40 && !strings.ContainsAny(tag, `*+(){}%"\:`) && imapWords[strings.ToUpper(name)]
}

func isPOP3Command(text string) bool {
	name, _, _ := strings.Cut(text, " ")
	return pop3Words[strings.ToUpper(name)]
}

// trimEnd returns text without the end of its line.
func trimEnd(text []byte) []byte { return bytes.TrimRight(text, "\r\n") }

// anyLine returns a function that tells whether a line matches one of the patterns.
func anyLine(patterns ...*regexp.Regexp) func([]line) bool {
	return func(lines []line) bool {
		return slices.ContainsFunc(lines, func(l line) bool {
			return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(l.text) })
		})
	}
}
