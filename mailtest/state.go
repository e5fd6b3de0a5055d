package mailtest

import (
	"reflect"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// AccountState is an account as it is at one moment: a plain value to compare, or to write
// as a literal.
type AccountState struct {
	Name     string
	Octets   int64 // of all messages
	Messages uint32
	Quota    mailstore.Quota
	// Mailboxes are in the order of LIST, INBOX first; names that only have inferior names
	// are left out.
	Mailboxes []MailboxState
	// Subscriptions are names, also of mailboxes that don't exist.
	Subscriptions []string
}

// MailboxState is a mailbox as it is at one moment.
type MailboxState struct {
	Name           string
	SpecialUse     []imap.MailboxAttr
	UIDValidity    uint32
	UIDNext        imap.UID
	Exists, Unseen uint32
	Keywords       []imap.Flag // that messages have or had
	Messages       []Message
}

// State returns the account as it is now:
//
//	before := alice.State()
//	app.Run()
//	if diff := cmp.Diff(before, alice.State(), mailtest.MailLines()); diff != "" {
//		t.Error("reading has changed the account:", diff)
//	}
//
// Mailboxes are read one after the other, each at one moment.
func (a *Account) State() AccountState {
	s := AccountState{Name: a.Name(), Quota: a.Quota(), Subscriptions: a.Subscriptions()}
	s.Octets, s.Messages = a.Usage()
	for _, info := range a.Mailboxes() {
		if b, err := a.Account.Mailbox(info.Name); err == nil { // it may just have been deleted
			s.Mailboxes = append(s.Mailboxes, stateOf(b))
		}
	}
	return s
}

// State returns the mailbox as it is now.
func (b *Mailbox) State() MailboxState { return stateOf(b.Mailbox) }

func stateOf(b *mailstore.Mailbox) MailboxState {
	st := b.Status()
	return MailboxState{
		Name: st.Name, SpecialUse: b.SpecialUse(), UIDValidity: st.UIDValidity, UIDNext: st.UIDNext,
		Exists: st.Messages.Len(), Unseen: st.Messages.Unseen(), Keywords: st.Keywords, Messages: snapshot(st.Messages),
	}
}

// MailLines makes cmp compare raw messages line by line, so that a difference reads like
// mail: those in [Message] and every slice of octets. A line that ends in CRLF is shown without
// it, any other with what it ends in.
func MailLines() cmp.Option {
	return cmp.Options{
		cmp.FilterPath(func(p cmp.Path) bool {
			field, ok := p.Last().(cmp.StructField)
			return ok && field.Name() == "Raw" && p.Index(-2).Type() == reflect.TypeFor[Message]()
		}, cmp.Transformer("MailLines", mailLines)),
		cmp.Transformer("MailLines", func(raw []byte) []string { return mailLines(string(raw)) }),
	}
}

// mailLines returns the lines of raw, and what is after the last one: from equal lines
// follow equal octets.
func mailLines(raw string) []string {
	var lines []string
	rest := ""
	for line := range strings.Lines(raw) {
		if !strings.HasSuffix(line, "\n") {
			rest = line
			break
		}
		lines = append(lines, strings.TrimSuffix(line, "\r\n"))
	}
	return append(lines, rest)
}
