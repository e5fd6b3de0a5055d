package imapfake

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailsasl"
)

// noteRules returns the table of what is noted. The package documentation repeats it.
func noteRules() []noteRule {
	return []noteRule{
		{name: "append-line-ends", text: "a message with a CR or LF that is not part of a CRLF", rfc: "RFC 3501 §6.3.11", broken: bringsLoneLineEnds},
		{name: "capability-after-tls", text: "no CAPABILITY after STARTTLS, which made void what was known", rfc: "RFC 3501 §6.2.1", broken: skipsCapability},
		{name: "check", text: "CHECK, which IMAP4rev2 dropped, in place of NOOP", rfc: "RFC 9051 Appendix E", on: []string{"CHECK"}, broken: always},
		{name: "cleartext-password", text: "a password or token without TLS, which is offered", rfc: "RFC 3501 §6.2.3", on: []string{"LOGIN", "AUTHENTICATE"}, broken: sendsCleartext},
		{name: "delete-selected", text: "DELETE of the selected mailbox", rfc: "RFC 2683 §3.4.12", on: []string{"DELETE"}, broken: namesSelected},
		{name: "enable-selected", text: "ENABLE after a mailbox was selected", rfc: "RFC 5161 §3.1", on: []string{"ENABLE"}, broken: enablesLate},
		{name: "enable-useless", text: "ENABLE of what needs no enabling", rfc: "RFC 5161 §3.1", on: []string{"ENABLE"}, broken: enablesUselessly},
		{name: "fetch-rfc822", text: "FETCH of RFC822, RFC822.HEADER or RFC822.TEXT, which IMAP4rev2 deprecates, in place of BODY[]", rfc: "RFC 9051 Appendix E", on: []string{"FETCH", "UID FETCH"}, broken: fetchesRFC822},
		{name: "idle-long", text: "IDLE for more than 29 minutes", rfc: "RFC 2177 §3", on: []string{"IDLE"}, done: true, broken: idlesLong},
		{name: "list-everything", text: `LIST "" "*", which lists all of a hierarchy that may have no end`, rfc: "RFC 2683 §3.2.1.1", on: []string{"LIST"}, broken: listsEverything},
		{name: "list-option-twice", text: "a selection option of LIST more than once", rfc: "RFC 5258 §3", on: []string{"LIST"}, broken: repeatsOption},
		{name: "list-reference", text: "a reference that does not end in the hierarchy delimiter", rfc: "RFC 3501 §6.3.8", on: []string{"LIST", "LSUB"}, broken: cutsReference},
		{name: "long-line", text: "a command of more than 8192 octets beside its literals", rfc: "RFC 7162 §4", broken: func(_ *session, r *request) bool { return len(r.args.text) > 8192 }},
		noLogout(),
		{name: "notify-seen", text: `NOTIFY for new messages with what sets \Seen`, rfc: "RFC 5465 §5.2", on: []string{"NOTIFY"}, broken: notifiesWithSeen},
		{name: "pipelined-numbers", text: "message numbers sent before the answer to a command that can change them", rfc: "RFC 3501 §5.5", broken: func(s *session, r *request) bool { return r.numbers && r.named && s.habits.numbersVoid }},
		{name: "status-many", text: "ten STATUS commands in a row", rfc: "RFC 3501 §6.3.10", on: []string{"STATUS"}, broken: func(s *session, _ *request) bool { return s.habits.statuses == 9 }},
		{name: "status-selected", text: "STATUS of the selected mailbox", rfc: "RFC 3501 §6.3.10", on: []string{"STATUS"}, broken: namesSelected},
		{name: "tag-reused", text: "the tag of the command before", rfc: "RFC 9051 §2.2.1", broken: func(s *session, r *request) bool { return r.tag == s.habits.tag }},
	}
}

func noLogout() noteRule {
	return noteRule{name: "no-logout", text: "the connection closed without LOGOUT", rfc: "RFC 3501 §3.4"}
}

func always(*session, *request) bool { return true }

func bringsLoneLineEnds(_ *session, r *request) bool {
	return slices.ContainsFunc(r.args.literals, func(l literal) bool { return l.message && hasLoneLineEnds(l.data) })
}

func hasLoneLineEnds(octets []byte) bool {
	lone := bytes.Count(octets, []byte("\r"))
	for {
		i := bytes.IndexByte(octets, '\n')
		switch {
		case i < 0:
			return lone > 0
		case i == 0 || octets[i-1] != '\r':
			return true
		}
		lone--
		octets = octets[i+1:]
	}
}

func skipsCapability(s *session, r *request) bool {
	return s.habits.capabilityDue && r.name != "CAPABILITY" && r.name != "LOGOUT"
}

func sendsCleartext(s *session, r *request) bool {
	if s.conn.TLS() != nil || !s.has(imap.CapStartTLS) {
		return false
	}
	return r.name == "LOGIN" || mailsasl.IsCleartext(r.arguments().keyword())
}

// namesSelected tells whether the first argument is the selected mailbox.
func namesSelected(s *session, r *request) bool {
	box, err := s.mailbox(r.arguments().mailbox(), 0)
	return err == nil && s.view != nil && s.view.Mailbox() == box
}

func enablesLate(s *session, _ *request) bool { return s.state == selected || s.habits.hasSelected }

func enablesUselessly(s *session, r *request) bool {
	return slices.ContainsFunc(r.words(), func(name string) bool {
		ext, ok := s.offering(name)
		return ok && !ext.enable
	})
}

// words returns the arguments without parentheses, in capitals.
func (r *request) words() []string {
	return strings.FieldsFunc(strings.ToUpper(string(r.args.text[r.args.pos:])), func(c rune) bool { return strings.ContainsRune(" ()", c) })
}

func fetchesRFC822(_ *session, r *request) bool {
	// Most don't, which is seen at a glance.
	return bytes.Contains(r.args.text, []byte("822")) && slices.ContainsFunc(r.words(), func(w string) bool { return w == "RFC822" || w == "RFC822.HEADER" || w == "RFC822.TEXT" })
}

func notifiesWithSeen(_ *session, r *request) bool {
	return slices.ContainsFunc(r.words(), func(w string) bool {
		return strings.HasPrefix(w, "BODY[") || strings.HasPrefix(w, "BINARY[") || w == "RFC822" || w == "RFC822.TEXT"
	})
}

func idlesLong(s *session, _ *request) bool { return s.record.Elapsed() > 29*time.Minute }

// listArguments returns the selection options of LIST, its reference and its pattern,
// the first if there are several.
func listArguments(r *request) (options []string, reference, pattern string) {
	p := r.arguments()
	if p.peek() == '(' {
		p.list(true, func() { options = append(options, p.keyword()) })
		p.space()
	}
	reference = p.listName(isAStringChar)
	p.space()
	if p.peek() != '(' {
		pattern = p.listName(isListChar)
	}
	return options, reference, pattern
}

func listsEverything(_ *session, r *request) bool {
	options, reference, pattern := listArguments(r)
	return len(options) == 0 && reference == "" && pattern == "*"
}

func repeatsOption(_ *session, r *request) bool {
	options, _, _ := listArguments(r)
	slices.Sort(options)
	return len(slices.Compact(slices.Clone(options))) < len(options)
}

func cutsReference(s *session, r *request) bool {
	_, reference, _ := listArguments(r)
	return reference != "" && !strings.HasSuffix(reference, s.srv.names.Separator)
}
