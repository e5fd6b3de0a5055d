package imapfake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// systemLabels are the names that labels of special mailboxes have, which are the same
// in every language; the first name of a use is the one that is told.
var systemLabels = [...]struct {
	name string
	use  imap.MailboxAttr
}{
	{`\Draft`, imap.MailboxAttrDrafts},
	{`\Drafts`, imap.MailboxAttrDrafts},
	{`\Important`, imap.MailboxAttrImportant},
	{`\Sent`, imap.MailboxAttrSent},
	{`\Spam`, imap.MailboxAttrJunk},
	{`\Starred`, imap.MailboxAttrFlagged},
	{`\Trash`, imap.MailboxAttrTrash},
}

const inboxLabel = `\Inbox`

// labelName returns what X-GM-LABELS calls a label, in UTF-8.
func labelName(l mailstore.Label) (name string, system bool) {
	if l.Mailbox == mailstore.Inbox {
		return inboxLabel, true
	}
	for _, sys := range systemLabels {
		if sys.use == l.Use {
			return sys.name, true
		}
	}
	return l.Mailbox, false
}

// labelMailbox returns the mailbox whose label has the name. A mailbox by the name of a
// system label can't be meant.
func labelMailbox(a *mailstore.Account, label string) string {
	if strings.EqualFold(label, inboxLabel) {
		return mailstore.Inbox
	}
	for _, sys := range systemLabels {
		if strings.EqualFold(label, sys.name) {
			return a.LabelMailbox(sys.use)
		}
	}
	return label
}

// gmailLabelsItem is the FETCH item X-GM-LABELS.
func gmailLabelsItem() fetchItem {
	return fetchItem{"X-GM-LABELS", func(*parser) fetchAttribute { return labelsAttribute() }}
}

// labelsAttribute tells the labels, system labels first. That of the mailbox that is
// looked at is left out, as is all mail, which is no label.
func labelsAttribute() fetchAttribute {
	return fetchAttribute{write: func(o *output, m *fetched) {
		var system, others []string
		for _, l := range m.Labels() {
			switch name, isSystem := labelName(l); {
			case l.Own || l.Use == imap.MailboxAttrAll:
			case isSystem:
				system = append(system, name)
			default:
				others = append(others, name)
			}
		}
		slices.Sort(system)
		o.text("X-GM-LABELS (")
		for i, name := range system {
			if i > 0 {
				o.byte(' ')
			}
			o.string(name)
		}
		for i, name := range others {
			if i > 0 || len(system) > 0 {
				o.byte(' ')
			}
			o.mailbox(name)
		}
		o.byte(')')
	}}
}

// parseStoreLabels reads the labels of STORE X-GM-LABELS.
func parseStoreLabels(p *parser, _ *session, args *storeArguments) {
	var labels []string
	if p.peek() == '(' {
		p.list(true, func() { labels = append(labels, p.label()) })
	} else {
		labels = append(labels, p.label())
		for p.accept(' ') {
			labels = append(labels, p.label())
		}
	}
	args.told = labelsAttribute()
	args.change = func(s *session, uids []imap.UID, unchangedSince uint64) ([]mailstore.Change, error) {
		mailboxes := make([]string, len(labels))
		for i, l := range labels {
			mailboxes[i] = labelMailbox(s.account, l)
		}
		return s.view.StoreLabels(uids, args.op, mailboxes, unchangedSince)
	}
}

// label reads a label: the name of a mailbox (RFC 3501 §5.1.3), or a system label, with a
// backslash before it that may be bare or in a string.
func (p *parser) label() string {
	if p.accept('\\') {
		return `\` + p.atom()
	}
	wire := p.astring()
	name, err := p.decodeName(wire)
	if err != nil && p.err == nil && p.refused == nil {
		p.refused = no(imap.ResponseCodeCannot, fmt.Sprintf("label %.60q is %v", wire, err))
	}
	return name
}

// parseLabelKey reads the search key X-GM-LABELS, whose argument is in the charset of the
// search, not in modified UTF-7. It also finds the label of the selected mailbox.
func parseLabelKey(p *parser, q *search) matcher {
	p.space()
	return withLabel(q.text(p))
}

func withLabel(label string) matcher {
	if strings.EqualFold(label, `\Drafts`) {
		label = `\Draft`
	}
	return func(c *candidate) bool {
		return slices.ContainsFunc(c.Labels(), func(l mailstore.Label) bool {
			name, _ := labelName(l)
			return strings.EqualFold(name, label)
		})
	}
}
