package personality

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Personality is how a certain server looks and behaves. It is data: a value to be copied and
// changed, for example by [Personality.With]. The zero value is the fakes as they are.
type Personality struct {
	// Name is what [ByName] finds it by.
	Name string
	// Summary says in a line what it stands for.
	Summary string
	// IMAP and POP3 are how the servers present themselves: greeting, capabilities, limits.
	IMAP []imapfake.Option
	POP3 []pop3fake.Option
	// Mailboxes are what each new account begins with, beside INBOX.
	Mailboxes []mailstore.NewMailbox
	// Labels: accounts have labels in place of mailboxes ([mailstore.Account.UseLabels]).
	Labels bool
	// Quirks are the deviations that it shows.
	Quirks []Quirk
	// Rare are those that it was seen to show now and then; it doesn't until told so by
	// [Personality.With].
	Rare []Quirk
}

// With returns the personality with these quirks beside its own. One of the name of another
// takes its place.
func (p Personality) With(quirks ...Quirk) Personality {
	for _, q := range quirks {
		p = p.Without(q.Name)
		p.Quirks = append(slices.Clip(p.Quirks), q)
		p.Rare = slices.DeleteFunc(slices.Clone(p.Rare), q.is)
	}
	return p
}

// Without returns the personality without the quirks of these names. Those that it doesn't
// show are no error.
func (p Personality) Without(names ...string) Personality {
	p.Quirks = slices.DeleteFunc(slices.Clone(p.Quirks), func(q Quirk) bool { return slices.Contains(names, q.Name) })
	return p
}

// IMAPOptions returns all options of the IMAP server, the quirks' last.
func (p Personality) IMAPOptions() []imapfake.Option {
	options := slices.Clone(p.IMAP)
	for _, q := range p.Quirks {
		options = append(options, q.IMAP...)
	}
	return options
}

// POP3Options returns all options of the POP3 server, the quirks' last.
func (p Personality) POP3Options() []pop3fake.Option {
	options := slices.Clone(p.POP3)
	for _, q := range p.Quirks {
		options = append(options, q.POP3...)
	}
	return options
}

// All returns every personality, in the order of the table above.
func All() []Personality {
	return []Personality{
		Dovecot(), Gmail(), Exchange(), Microsoft365(), Yahoo(), AOL(), ICloud(), Courier(), Cyrus(), Domino(), Yandex(),
		QQ(), NetEase163(), Zoho(), HMailServer(), James(), ProtonBridge(), Comcast(), QmailPOP3D(),
		Minimal(), Strictest(), Everything(),
	}
}

// ByName returns the personality of a name; case doesn't matter.
func ByName(name string) (Personality, error) {
	var names []string
	for _, p := range All() {
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Personality{}, fmt.Errorf("personality: no %q, only %s", name, strings.Join(names, ", "))
}

// imapServer presents an IMAP server: its greeting, and the capabilities that it announces
// before and after login, separated by spaces. Those of AUTH= go away at login by themselves.
func imapServer(greeting, before, after string) []imapfake.Option {
	known := imapCaps(before)
	var late []imap.Cap
	for _, c := range imapCaps(after) {
		if !slices.Contains(known, c) {
			late = append(late, c)
		}
	}
	return []imapfake.Option{
		imapfake.WithGreeting(greeting),
		imapfake.WithUsualCapabilities(append(known, late...)...),
		imapfake.WithAnnouncedAfterLogin(late...),
	}
}

func imapCaps(names string) []imap.Cap {
	caps := []imap.Cap{}
	for _, name := range strings.Fields(names) {
		caps = append(caps, imap.Cap(name))
	}
	return caps
}

// pop3Server presents a POP3 server: its greeting and its capabilities. A SASL mechanism is
// "SASL", a space, and its name.
func pop3Server(greeting string, caps ...pop3fake.Capability) []pop3fake.Option {
	return []pop3fake.Option{pop3fake.WithGreeting(greeting), pop3fake.WithUsualCapabilities(caps...)}
}

// noPOP3 is the POP3 of a service that has none.
func noPOP3() []pop3fake.Option { return pop3Server("POP3 server ready", pop3fake.User, pop3fake.UIDL) }

// noIMAP is the IMAP of a service that has none.
func noIMAP() []imapfake.Option {
	return []imapfake.Option{imapfake.WithUsualCapabilities("STARTTLS", "AUTH=PLAIN")}
}

// Capabilities of POP3 that many servers have.
const (
	saslPlain = pop3fake.SASL + " PLAIN"
	saslLogin = pop3fake.SASL + " LOGIN"
	xoauth2   = pop3fake.SASL + " XOAUTH2"
	bearer    = pop3fake.SASL + " OAUTHBEARER"
)

func archiveMailbox() mailstore.NewMailbox {
	return mailstore.NewMailbox{Name: "Archive", SpecialUse: imap.MailboxAttrArchive}
}

// specialMailboxes are those of the given names for drafts, spam, sent mail and trash.
func specialMailboxes(drafts, junk, sent, trash string) []mailstore.NewMailbox {
	return []mailstore.NewMailbox{
		{Name: drafts, SpecialUse: imap.MailboxAttrDrafts}, {Name: junk, SpecialUse: imap.MailboxAttrJunk},
		{Name: sent, SpecialUse: imap.MailboxAttrSent}, {Name: trash, SpecialUse: imap.MailboxAttrTrash},
	}
}
