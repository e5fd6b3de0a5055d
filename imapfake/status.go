package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// statusItem is a row of the table of what STATUS can tell.
type statusItem struct {
	name string
	// write writes its value.
	write func(*session, mailstore.Status)
	// asked runs before the response is written; nil: nothing.
	asked func(*session)
}

func statusNumber(name string, value func(mailstore.Status) uint64) statusItem {
	return statusItem{name: name, write: func(s *session, st mailstore.Status) { s.out.number(value(st)) }}
}

// baseStatusItems are those of RFC 3501 §6.3.10 but for RECENT.
func baseStatusItems() []statusItem {
	return []statusItem{
		statusNumber("MESSAGES", func(st mailstore.Status) uint64 { return uint64(st.Messages.Len()) }),
		statusNumber("UIDNEXT", func(st mailstore.Status) uint64 { return uint64(st.UIDNext) }),
		statusNumber("UIDVALIDITY", func(st mailstore.Status) uint64 { return uint64(st.UIDValidity) }),
		statusNumber("UNSEEN", func(st mailstore.Status) uint64 { return uint64(st.Messages.Unseen()) }),
	}
}

func statusCommands() []command {
	return []command{{name: "STATUS", states: authenticatedUp, parse: parseStatus}}
}

func (s *session) statusItems(p *parser) []statusItem {
	var items []statusItem
	p.list(false, func() {
		name := p.keyword()
		item, ok := s.table.statusItems[name]
		if !ok {
			p.fail("unknown STATUS item %.40q", name)
		}
		items = append(items, item)
	})
	return items
}

// writeStatus writes a STATUS response.
func (s *session) writeStatus(name string, st mailstore.Status, items []statusItem) {
	for _, item := range items {
		if item.asked != nil {
			item.asked(s)
		}
	}
	s.out.text("* STATUS ").mailbox(name).text(" (")
	for i, item := range items {
		s.out.text(strings.Repeat(" ", min(i, 1))).text(item.name).byte(' ')
		item.write(s, st)
	}
	s.out.line(")")
}

func parseStatus(p *parser, s *session) action {
	p.space()
	name := p.mailbox()
	p.space()
	items := s.statusItems(p)
	return func(s *session) error {
		box, err := s.mailbox(name, mailstore.RightRead)
		if err != nil {
			return err
		}
		s.writeStatus(name, box.Status(), items)
		if s.view != nil && s.view.Mailbox() == box {
			// RFC 3501 §6.3.10: not to be used on the selected mailbox; RFC 5530 §3.
			s.code = string(imap.ResponseCodeClientBug)
		}
		return nil
	}
}
