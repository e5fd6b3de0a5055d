package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
	"example.org/mailfakes/pop3fake"
)

// Gmail is Gmail with its labels. It presents itself as in MailKit#1841 and MimeKit#99.
func Gmail() Personality {
	return Personality{
		Name: "gmail", Summary: "Gmail: mailboxes are labels, POP3 hides what was fetched",
		IMAP: append(imapServer("Gimap ready for requests from 127.0.0.1",
			"UNSELECT IDLE NAMESPACE QUOTA ID CHILDREN X-GM-EXT-1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=OAUTHBEARER",
			"UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT"),
			imapfake.WithAppendLimit(35651584),
			imapfake.WithID(map[string]string{"name": "GImap", "vendor": "Google, Inc.", "support-url": "https://support.google.com/mail", "remote-host": "127.0.0.1"})),
		POP3: pop3Server("Gpop ready for requests from 127.0.0.1", pop3fake.User, pop3fake.RespCodes, pop3fake.Top,
			pop3fake.UIDL, pop3fake.Pipelining, pop3fake.SASL, saslPlain, xoauth2, bearer, pop3fake.CAPA),
		Labels: true,
		Quirks: []Quirk{
			ExpungeArchives(), FifteenSessions(), UntaggedCapability(), BareHighestModSeq(),
			HidesFetched(), RecentMode(), OldestOnly(), POP3AllMail(), DeleteKeeps(), LateCAPA(), EarlySASL(), UnenforcedLimits(),
		},
		Rare: []Quirk{OddKeywords(), UnquotedLabels(), SameBoundary(), Bandwidth(), DeleteArchives(), DeleteTrashes()},
	}
}

// ExpungeArchives has EXPUNGE only take a label away.
func ExpungeArchives() Quirk {
	return Quirk{
		Name: "expunge-archives", Text: "EXPUNGE takes the label of the mailbox away; the message stays in all mail, where EXPUNGE has no effect",
		Standard: "RFC 3501 §6.4.3: removes the messages", Reference: "larch#29",
		IMAP: []imapfake.Option{imapfake.WithMoreCapabilities("X-GM-EXT-1")},
	}
}

// FifteenSessions refuses an account's sixteenth session.
func FifteenSessions() Quirk {
	return Quirk{
		Name: "fifteen-sessions", Text: "the 16th session of an account is refused by NO [ALERT] Too many simultaneous connections. (Failure)",
		Standard: "RFC 5530 §3: [LIMIT]", Reference: "imapsync#61",
		IMAP: tooManySessions(15, "NO [ALERT] Too many simultaneous connections. (Failure)"),
	}
}

// tooManySessions refuses a login by a text while an account has that many sessions.
func tooManySessions(limit int, text string) []imapfake.Option {
	return append(rewritingTagged(func(tag, r string) []string {
		if r == "NO ["+string(mailstore.LoginTooManySessions)+"] "+mailstore.LoginTooManySessions.Error() {
			r = text
		}
		return []string{tag + " " + r}
	}, "LOGIN", "AUTHENTICATE"), imapfake.WithMaxSessions(limit))
}

// UntaggedCapability tells the capabilities at login by an untagged response.
func UntaggedCapability() Quirk {
	return Quirk{
		Name: "untagged-capability", Text: "the answer to a login has an untagged CAPABILITY in place of the response code",
		Standard: "RFC 3501 §6.2.3: either is legal, but some clients look for the code only", Reference: "MailKit#1841",
		IMAP: rewritingTagged(func(tag, r string) []string {
			if before, caps, after, ok := code(r, "OK", "CAPABILITY"); ok {
				return []string{"* CAPABILITY " + caps, tag + " " + before + after}
			}
			return []string{tag + " " + r}
		}, "LOGIN", "AUTHENTICATE"),
	}
}

// BareHighestModSeq sends HIGHESTMODSEQ without a text.
func BareHighestModSeq() Quirk {
	return Quirk{
		Name: "bare-highestmodseq", Text: "OK [HIGHESTMODSEQ n] without a text after it",
		Standard: "RFC 3501 §9, resp-text: a text follows", Reference: "offlineimap",
		IMAP: rewritingUntagged("OK [HIGHESTMODSEQ ", func(r string) string {
			bare, _, _ := strings.Cut(r, "]")
			return bare + "]"
		}, "SELECT", "EXAMINE"),
	}
}

// OddKeywords has PERMANENTFLAGS list what is no atom.
func OddKeywords() Quirk {
	return Quirk{
		Name: "odd-keywords", Text: "PERMANENTFLAGS has keywords with spaces and brackets",
		Standard: "RFC 3501 §9, flag-keyword: an atom", Reference: "MailKit#193, net-imap#241, himalaya#641",
		IMAP: rewritingUntagged("OK [PERMANENTFLAGS (", func(r string) string {
			return strings.Replace(r, "(", "(To Do [Work] ", 1)
		}, "SELECT", "EXAMINE"),
	}
}

// UnquotedLabels sends labels as atoms that are none.
func UnquotedLabels() Quirk {
	return Quirk{
		Name: "unquoted-labels", Text: `X-GM-LABELS has labels such as [Imap]/Drafts and a+b without quotes`,
		Standard: "Gmail's IMAP extensions: astring", Reference: "MailKit#51, MailKit#195",
		IMAP: []imapfake.Option{
			imapfake.WithMoreCapabilities("X-GM-EXT-1"),
			imapfake.OverrideFetchItem("X-GM-LABELS", func(_ *mailstore.Message, item string) string {
				name, list, _ := strings.Cut(item, " ")
				labels := members(list)
				for i, l := range labels {
					if bare := strings.Trim(l, `"`); !strings.ContainsAny(bare, ` \"`) {
						labels[i] = bare
					}
				}
				return name + " (" + strings.Join(labels, " ") + ")"
			}),
		},
	}
}

// SameBoundary sends a nested multipart that has the boundary of the one around it without parts.
func SameBoundary() Quirk {
	return Quirk{
		Name: "same-boundary", Text: "BODYSTRUCTURE of a multipart with the boundary of the one around it has no parts, as (\"ALTERNATIVE\" ...)",
		Standard: "RFC 3501 §9, body-type-mpart: at least one part", Reference: "MailKit#205, MailKit#777, MailKit#1841",
		IMAP: overridingStructure(func(p *bodyPart) {
			if p.parent != nil && p.IsMultipart() && boundary(p.Part) == boundary(p.parent) {
				p.kids = nil
			}
		}),
	}
}

func boundary(p *structure.Part) string {
	for _, param := range p.Params {
		if strings.EqualFold(param.Name, "boundary") {
			return param.Value
		}
	}
	return ""
}

// overridingStructure has f change the parts in BODY and BODYSTRUCTURE.
func overridingStructure(f func(*bodyPart)) []imapfake.Option {
	return overridingBody(func(m *mailstore.Message, body string) string { return mapBody(body, m.Structure(), nil, f) })
}

// overridingBody has f change BODY and BODYSTRUCTURE.
func overridingBody(f func(m *mailstore.Message, body string) string) []imapfake.Option {
	var options []imapfake.Option
	for _, name := range []string{"BODY", "BODYSTRUCTURE"} {
		options = append(options, imapfake.OverrideFetchItem(name, func(m *mailstore.Message, item string) string {
			if body, ok := strings.CutPrefix(item, name+" "); ok {
				return name + " " + f(m, body)
			}
			return item // a section
		}))
	}
	return options
}

// Bandwidth refuses logins because the account has used too much.
func Bandwidth() Quirk {
	return Quirk{
		Name: "bandwidth", Text: "every login is refused by NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
		Standard: "RFC 5530 §3: OVERQUOTA is about the user's storage", Reference: "chatwoot#6082",
		IMAP: overriding(func(c *imapfake.Call) error {
			return no("OVERQUOTA", "Account exceeded command or bandwidth limits. (Failure)")
		}, "LOGIN", "AUTHENTICATE"),
	}
}

// HidesFetched hides from POP3 what was fetched before.
func HidesFetched() Quirk {
	return Quirk{
		Name: "hides-fetched", Text: "RETR, then QUIT hides a message from later sessions without DELE",
		Standard: "RFC 1939 §6: only DELE removes", Reference: "getmail FAQ, fetchmail FAQ I9",
		POP3: []pop3fake.Option{pop3fake.WithFetchedHidden()},
	}
}

// RecentMode has a user name "recent:NAME".
func RecentMode() Quirk {
	return Quirk{
		Name: "recent-mode", Text: "a login as recent:NAME finds the last 30 days, whatever was fetched before",
		Reference: "getmail FAQ",
		POP3:      []pop3fake.Option{pop3fake.WithRecentMode(30)},
	}
}

// OldestOnly shows the oldest messages only.
func OldestOnly() Quirk {
	return Quirk{
		Name: "oldest-250", Text: "a login finds the oldest 250 messages",
		Standard: "RFC 1939 §4: the maildrop", Reference: "getmail FAQ",
		POP3: []pop3fake.Option{pop3fake.WithOldestOnly(250)},
	}
}

// POP3AllMail has sent mail in the maildrop.
func POP3AllMail() Quirk {
	return Quirk{
		Name: "pop3-all-mail", Text: "the maildrop has sent and archived mail, too, but no spam and no trash",
		Reference: "getmail FAQ",
		POP3:      []pop3fake.Option{pop3fake.WithAllMail()},
	}
}

// DeleteKeeps has DELE do nothing.
func DeleteKeeps() Quirk {
	return deletion("dele-keeps", "DELE, then QUIT leaves the message where it is", pop3fake.DeleteKeeps)
}

// DeleteArchives has DELE archive.
func DeleteArchives() Quirk {
	return deletion("dele-archives", "DELE, then QUIT takes the message out of INBOX only", pop3fake.DeleteArchives)
}

// DeleteTrashes has DELE move messages to the trash.
func DeleteTrashes() Quirk {
	return deletion("dele-trashes", "DELE, then QUIT moves the message to the trash", pop3fake.DeleteTrashes)
}

func deletion(name, text string, d pop3fake.Deletion) Quirk {
	return Quirk{
		Name: name, Text: text, Standard: "RFC 1939 §6: removes it", Reference: "getmail FAQ, fetchmail FAQ I9",
		POP3: []pop3fake.Option{pop3fake.WithDeletion(d)},
	}
}

// LateCAPA leaves TOP and PIPELINING out of CAPA before login.
func LateCAPA() Quirk {
	return Quirk{
		Name: "late-capa", Text: "CAPA lists TOP and PIPELINING after login only",
		Standard: "RFC 2449 §5: legal, the client has to ask again", Reference: "mpop.c",
		POP3: []pop3fake.Option{pop3fake.WithAnnouncedAfterLogin(pop3fake.Top, pop3fake.Pipelining)},
	}
}

// EarlySASL leaves SASL out of CAPA after login.
func EarlySASL() Quirk {
	return Quirk{
		Name: "early-sasl", Text: "CAPA lists SASL before login only",
		Standard: "RFC 2449 §5: what is there before login is listed in both states", Reference: "MailKit's tests",
		POP3: forgetting(pop3fake.SASL),
	}
}

// UnenforcedLimits lists limits in CAPA that don't hold.
func UnenforcedLimits() Quirk {
	return Quirk{
		Name: "unenforced-limits", Text: "CAPA lists EXPIRE 0 and LOGIN-DELAY 300, but mail is kept and logins are not delayed",
		Standard: "RFC 2449 §6.5, §6.7", Reference: "MimeKit#99",
		POP3: append(listingMore("EXPIRE 0", "LOGIN-DELAY 300"), pop3fake.WithMoreCapabilities(pop3fake.CAPA)),
	}
}
