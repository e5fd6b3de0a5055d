package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// specialUse is SPECIAL-USE (RFC 6154 §2); LIST shows the attributes to every client.
func specialUse() extension {
	return extension{
		cap: imap.CapSpecialUse,
		listSelects: []listOption{{"SPECIAL-USE", func(_ *parser, _ *session, r *listRequest) {
			r.selectBy("SPECIAL-USE", func(i mailstore.MailboxInfo) bool { return len(i.SpecialUse) > 0 })
		}}},
		listReturns: []listOption{{"SPECIAL-USE", func(*parser, *session, *listRequest) {}}},
	}
}

// createSpecialUse is CREATE-SPECIAL-USE (RFC 6154 §3).
func createSpecialUse() extension {
	return extension{
		cap: imap.CapCreateSpecialUse, needs: []imap.Cap{imap.CapSpecialUse},
		createParams: []createParam{{"USE", parseUse}},
	}
}

// specialUses are the attributes of RFC 6154 §2 and RFC 8457 that a mailbox can have.
var specialUses = [...]imap.MailboxAttr{
	imap.MailboxAttrAll, imap.MailboxAttrArchive, imap.MailboxAttrDrafts, imap.MailboxAttrFlagged,
	imap.MailboxAttrJunk, imap.MailboxAttrSent, imap.MailboxAttrTrash, imap.MailboxAttrImportant,
}

func parseUse(p *parser, _ *session) []imap.MailboxAttr {
	uses := []imap.MailboxAttr{}
	p.space()
	p.list(true, func() {
		p.expect('\\')
		name := `\` + p.atom()
		for _, use := range specialUses {
			if strings.EqualFold(string(use), name) {
				uses = append(uses, use)
				return
			}
		}
		if p.err == nil && p.refused == nil {
			p.refused = no("USEATTR", "no special use "+name+" here (RFC 6154 3)")
		}
	})
	return uses
}
