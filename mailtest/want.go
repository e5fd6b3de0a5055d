package mailtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// OverIMAP returns what an IMAP client of the account sees now, by mailbox.
func (a *Account) OverIMAP() map[string][]Message {
	a.tb.Helper()
	seen := make(map[string][]Message)
	for _, info := range a.Mailboxes() {
		if !info.NoSelect {
			seen[info.Name] = a.Mailbox(info.Name).Messages()
		}
	}
	return seen
}

// OverPOP3 returns the messages that a POP3 client of the account would find if it logged
// in now: those of INBOX, without flags and dates of the server. Their sizes are those
// that LIST tells. No session is needed for that, nor disturbed.
func (a *Account) OverPOP3() []Message {
	a.tb.Helper()
	listed, err := a.srv.pop3.Maildrop(a.Account)
	must(a.tb, err)
	out := make([]Message, 0, len(listed))
	for _, l := range listed {
		m := ParseMessage(l.Message.Raw())
		m.Size = l.Octets
		out = append(out, m)
	}
	return out
}

// Octets returns how many octets the account's messages take on the server, each copy
// counted.
func (a *Account) Octets() int64 {
	octets, _ := a.Usage()
	return octets
}

// WantOverPOP3 fails the test unless a POP3 client could fetch exactly the messages with
// these subjects now, in this order.
func (a *Account) WantOverPOP3(subjects ...string) {
	a.tb.Helper()
	wantSubjects(a.tb, "a POP3 client of "+a.Name()+" finds", a.OverPOP3(), subjects)
}

// WantOverIMAP fails the test unless an IMAP client would see exactly the messages with
// these subjects in a mailbox now, in this order.
func (a *Account) WantOverIMAP(mailbox string, subjects ...string) {
	a.tb.Helper()
	wantSubjects(a.tb, "an IMAP client of "+a.Name()+" sees in "+mailbox, a.Mailbox(mailbox).Messages(), subjects)
}

// WantGone fails the test unless the messages with a subject are gone for good: on the
// server in no mailbox of the account, and on none of its POP3 devices, but for those of
// subtests that have ended.
func (a *Account) WantGone(subject string) {
	a.tb.Helper()
	for _, place := range a.srv.places(a, subject) {
		a.tb.Errorf("mailtest: %q isn't gone: it is %s", subject, place)
	}
}

// WantOnlyHere fails the test unless the messages with a subject are on this device and
// nowhere else: not on the server in any mailbox of the account, and on none of its other
// POP3 devices. If the device is lost, so are they.
func (d *POP3Device) WantOnlyHere(subject string) {
	d.tb.Helper()
	here := fmt.Sprintf("on POP3 device %d", d.number)
	places := d.account.srv.places(d.account, subject)
	if !slices.Contains(places, here) {
		d.tb.Errorf("mailtest: %q isn't %s", subject, here)
	}
	for _, place := range places {
		if place != here {
			d.tb.Errorf("mailtest: %q isn't only %s: it is %s", subject, here, place)
		}
	}
}

// places returns where messages with a subject are, for humans.
func (s *Server) places(a *Account, subject string) (places []string) {
	has := func(messages []Message) bool {
		return slices.ContainsFunc(messages, func(m Message) bool { return m.Subject == subject })
	}
	for name, messages := range a.OverIMAP() {
		if has(messages) {
			places = append(places, "on the server in "+name)
		}
	}
	slices.Sort(places)
	s.devices.mu.Lock()
	defer s.devices.mu.Unlock()
	for _, d := range s.devices.pop3 {
		if d.account.Account == a.Account && has(d.Messages()) {
			places = append(places, fmt.Sprintf("on POP3 device %d", d.number))
		}
	}
	return places
}

func wantSubjects(tb testing.TB, what string, messages []Message, want []string) {
	tb.Helper()
	got := make([]string, len(messages))
	for i, m := range messages {
		got[i] = m.Subject
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		tb.Errorf("mailtest: %s other subjects (-want +got):\n%s", what, diff)
	}
}
