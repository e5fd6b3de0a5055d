package personality_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/personality"
)

const (
	plain   = "From: Bob <bob@example.org>\nTo: root\nSubject: one\nMessage-ID: <1@\"x\">\n\nhello\nworld\n"
	meeting = "Subject: meet\nMIME-Version: 1.0\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
	nested  = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" +
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Disposition: inline\n\nhi\n--b--\n"
	partless = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\nnothing\n"
)

// quirkTest shows a quirk on the wire: sessions from the greeting on, or with INBOX
// selected, or with the maildrop open. Each beginning is of the minimal personality with what
// the quirk needs.
type quirkTest struct {
	mail                           []string
	base                           func() personality.Personality
	imap, selected, pop3, maildrop string
	after                          string // another IMAP session
}

func mail(m ...string) []string { return m }

// all is what every capability that changes no answer of another gives.
func all() personality.Personality {
	p := personality.Minimal()
	p.IMAP = []imapfake.Option{imapfake.WithUsualCapabilities("UIDPLUS", "MOVE", "IDLE", "ENABLE", "CONDSTORE", "NAMESPACE", "ACL", "STATUS=SIZE", "AUTH=PLAIN")}
	p.POP3 = nil
	return p
}

const deleted = `
	C: DELE 1
	S: +OK…
	C: QUIT
	S: +OK…
	RECONNECT`

// has is a session that finds a message in a mailbox.
func has(mailbox string) string {
	return `
		S: * OK…
		C: a LOGIN alice@example.org secret
		S: a OK…
		C: b STATUS ` + mailbox + ` (MESSAGES)
		S: * STATUS ` + mailbox + ` (MESSAGES 1)
		S: b OK…`
}

// labels has the minimal servers with an account of labels.
func labels() personality.Personality {
	p := personality.Minimal()
	p.Labels = true
	return p
}

// unstable is a session in which the UIDVALIDITY of INBOX is n.
func unstable(n int) string {
	return `S: * OK…
		C: a LOGIN alice@example.org secret
		S: a OK…
		C: b STATUS INBOX (UIDVALIDITY)
		S: * STATUS INBOX (UIDVALIDITY ` + string(rune('0'+n)) + `)
		S: b OK…`
}

func TestEveryQuirkShowsOnTheWire(t *testing.T) {
	t.Parallel()
	tests := imapQuirkTests()
	maps.Copy(tests, pop3QuirkTests())
	for _, q := range personality.Quirks() {
		tt, ok := tests[q.Name]
		if !ok {
			t.Errorf("no test of quirk %s", q.Name)
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			base := tt.base
			if base == nil {
				base = personality.Minimal
			}
			tt.play(start(t, base().With(q), tt.mail...))
			if tt.empty() {
				return // it has a test of its own
			}
			// Without the quirk something else comes.
			without, noticed := start(t, base(), tt.mail...), errors.New("something else came")
			without.wrong = func() { panic(noticed) }
			defer func() {
				if r := recover(); r != nil && r != noticed {
					panic(r)
				} else if r == nil {
					t.Error("without the quirk the session is the same")
				}
			}()
			tt.play(without)
		})
	}
	for name := range tests {
		if _, err := personality.QuirkByName(name); err != nil {
			t.Error(err)
		}
	}
}

// play runs the sessions.
func (tt quirkTest) play(f *fixture) {
	f.t.Helper()
	f.play(f.imap, f.imap, tt.imap)
	f.play(f.selected, f.imap, tt.selected)
	f.play(f.pop3, f.pop3, tt.pop3)
	f.play(f.maildrop, f.pop3, tt.maildrop)
	f.play(f.imap, f.imap, tt.after)
}

func (tt quirkTest) empty() bool { return tt.imap+tt.selected+tt.pop3+tt.maildrop == "" }

// play runs a session, if there is one. After a line "RECONNECT" it goes on in a new one that
// begins in the same way, after "REDIAL" in one that begins with the greeting.
func (f *fixture) play(begin, dial func() *wire, script string) {
	f.t.Helper()
	if script == "" {
		return
	}
	for i, again := range strings.Split(script, "RECONNECT\n") {
		for j, part := range strings.Split(again, "REDIAL\n") {
			switch {
			case j > 0:
				dial().run(part)
			case i == 0 || part != "":
				begin().run(part)
			}
		}
	}
}
