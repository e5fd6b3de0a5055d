package imapfake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
)

// statusItem is a row of the table of what STATUS can tell.
type statusItem struct {
	name  string
	value func(mailstore.Status) uint64
}

// baseStatusItems are those of RFC 3501 §6.3.10.
func baseStatusItems() []statusItem {
	return []statusItem{
		{"MESSAGES", func(st mailstore.Status) uint64 { return uint64(st.Messages.Len()) }},
		{"RECENT", func(st mailstore.Status) uint64 { return uint64(st.Recent) }},
		{"UIDNEXT", func(st mailstore.Status) uint64 { return uint64(st.UIDNext) }},
		{"UIDVALIDITY", func(st mailstore.Status) uint64 { return uint64(st.UIDValidity) }},
		{"UNSEEN", func(st mailstore.Status) uint64 { return uint64(st.Messages.Unseen()) }},
	}
}

func statusCommands() []command {
	return []command{{name: "STATUS", states: authenticatedUp, parse: parseStatus}}
}

func parseStatus(p *parser, s *session) action {
	p.space()
	name := p.mailbox()
	p.space()
	var items []statusItem
	p.list(false, func() {
		item, ok := s.srv.table.statusItems[p.keyword()]
		if !ok {
			p.fail("unknown STATUS item before %s", p.excerpt())
		}
		items = append(items, item)
	})
	return func(s *session) error {
		box, err := s.account.Mailbox(name)
		if err != nil {
			return err
		}
		st := box.Status()
		s.out.text("* STATUS ").mailbox(st.Name).text(" (")
		for i, item := range items {
			s.out.text(strings.Repeat(" ", min(i, 1))).text(item.name).byte(' ').number(item.value(st))
		}
		s.out.line(")")
		return nil
	}
}
