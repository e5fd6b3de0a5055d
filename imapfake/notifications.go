package imapfake

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// notifications is what NOTIFY has made of a session (RFC 5465). A nil one is that of a
// session without: it is told of the selected mailbox, during commands.
type notifications struct {
	*notifySet
	watch    *mailstore.Watch // of all but the selected mailbox's messages; nil: nothing is wanted
	selected atomic.Pointer[mailstore.Mailbox]
	wireName func(string) string // of a name in the account
}

// follow makes set what the client is notified of from now on.
func (s *session) follow(set *notifySet) {
	if s.notify != nil {
		s.notify.watch.Close()
	}
	n := &notifications{notifySet: set, wireName: s.ownName}
	s.notify = n
	if s.view != nil {
		n.selected.Store(s.view.Mailbox())
	}
	if len(set.groups) > 0 {
		n.watch = s.account.Watch(s.srv.notifyLimit, n.concerns)
	}
}

// unfollow ends all that NOTIFY began.
func (s *session) unfollow() {
	if s.notify != nil {
		s.notify.watch.Close()
		s.notify = nil
	}
}

func (s *session) notifySet(set *notifySet, status bool) error {
	if s.view != nil {
		// RFC 5465 §3.1: it implies a NOOP, whatever was wanted before.
		s.unfollow()
		if s.tell(mailstore.SyncAll); s.ended {
			return nil
		}
	}
	s.follow(set)
	if status {
		s.tellStatus()
	}
	return nil
}

// tellStatus tells the state of the mailboxes whose messages the client is going to be
// notified of (RFC 5465 §3.1).
func (s *session) tellStatus() {
	for _, info := range s.account.Mailboxes() {
		box, err := s.account.Mailbox(info.Name)
		if err != nil || s.isSelected(box) {
			continue
		}
		wanted := s.notify.of(messageEvents, s.ownName(info.Name), info.Subscribed)
		if wanted == 0 {
			continue
		}
		items := []string{"MESSAGES", "UIDNEXT", "UIDVALIDITY"}
		if wanted&flagChange != 0 {
			items = append(items, "UNSEEN", "HIGHESTMODSEQ")
		}
		s.writeNotifiedStatus(box, items)
	}
}

func (s *session) isSelected(box *mailstore.Mailbox) bool {
	return s.view != nil && s.view.Mailbox() == box
}

// writeNotifiedStatus writes a STATUS response that no command asked for, with those of
// the items that the server has.
func (s *session) writeNotifiedStatus(box *mailstore.Mailbox, names []string) {
	var items []statusItem
	for _, name := range names {
		if item, ok := s.table.statusItems[name]; ok {
			item.asked = nil // the client didn't
			items = append(items, item)
		}
	}
	st := box.Status()
	s.writeStatus(s.wireNameOf(box, st), st, items)
}

// selects says which mailbox is selected now.
func (n *notifications) selects(box *mailstore.Mailbox) {
	if n != nil {
		n.selected.Store(box)
	}
}

// level returns how much the client is told of the selected mailbox where a session
// without NOTIFY would be told that much.
func (n *notifications) level(level mailstore.SyncLevel) mailstore.SyncLevel {
	switch {
	case n == nil || n.notifySet.selected == messageEvents:
		return level
	case n.notifySet.selected == 0:
		return mailstore.SyncNothing
	}
	return level & mailstore.SyncNoFlags
}

// pushes tells whether the client is told of events when no command is in progress.
func (n *notifications) pushes() bool {
	return n != nil && (n.notifySet.selected != 0 || n.watch != nil)
}

// pushLevel is how much of the selected mailbox may be told then.
func (n *notifications) pushLevel() mailstore.SyncLevel {
	if n.delayed {
		return mailstore.SyncNoExpunge
	}
	return mailstore.SyncAll
}

// changed returns a channel that receives when there are notices.
func (n *notifications) changed() <-chan struct{} {
	if n == nil {
		return nil
	}
	return n.watch.Changed()
}

// eventOf returns what a notice is to NOTIFY. A new UIDVALIDITY comes with FlagChange
// (RFC 5465 §5.1).
func eventOf(n mailstore.Notice) events {
	switch n.Kind {
	case mailstore.MessageAdded:
		return messageNew
	case mailstore.MessageExpunged:
		return messageExpunge
	case mailstore.FlagsChanged, mailstore.LabelsChanged, mailstore.MailboxRenumbered:
		return flagChange
	case mailstore.MailboxCreated, mailstore.MailboxDeleted, mailstore.MailboxRenamed:
		return mailboxName
	case mailstore.SubscriptionChange:
		return subscriptionChange
	case mailstore.MetadataChanged:
		if n.Mailbox == "" {
			return serverMetadataChange
		}
		return mailboxMetadataChange
	}
	return 0
}

// concerns tells whether a notice may be one for the client. It runs in the goroutine
// that makes the change; what is subscribed is looked at when the client is told.
func (n *notifications) concerns(notice mailstore.Notice) bool {
	if notice.Box != nil && notice.Box == n.selected.Load() {
		return false
	}
	event := eventOf(notice)
	for _, name := range affected(notice) {
		name = n.wireName(name)
		if n.wants(event, name, true) || n.wants(event, name, false) {
			return true
		}
	}
	return false
}

// affected returns the names in the store that a notice is about (RFC 5465 §5.4), in order.
func affected(n mailstore.Notice) []string {
	switch n.Kind {
	case mailstore.MailboxCreated, mailstore.MailboxDeleted:
		if i := strings.LastIndex(n.Mailbox, mailstore.Separator); i > 0 {
			return []string{n.Mailbox[:i], n.Mailbox}
		}
	case mailstore.MailboxRenamed:
		return []string{n.Mailbox, n.OldName}
	}
	return []string{n.Mailbox}
}

// bring takes note of messages that the command in progress has put in a mailbox, of
// which its client isn't notified (RFC 5465 §5, §5.2).
func (s *session) bring(to *mailstore.Mailbox, uids []imap.UID) {
	switch {
	case s.isSelected(to):
		s.brought = append(s.brought, uids...)
	case s.notify != nil:
		s.notify.watch.Forget(mailstore.MessageAdded, to, "", len(uids))
	}
}

// caused takes note of an event that the command in progress has caused unless it failed
// with err, which is returned. Its client isn't notified (RFC 5465 §5).
func (s *session) caused(err error, kind mailstore.EventKind, p mailstore.Place) error {
	if s.notify != nil && err == nil && p.Account == s.account {
		s.notify.watch.Forget(kind, nil, mailstore.CanonicalName(strings.TrimSuffix(p.Name, mailstore.Separator)), 1)
	}
	return err
}

// update tells the client all that it is to know now.
func (s *session) update(level mailstore.SyncLevel) {
	if s.view != nil {
		s.tell(level)
	}
	if s.notify != nil && !s.ended {
		s.tellNotices()
	}
}

// tellNotices tells of what has happened outside of the selected mailbox: first of
// names, as what follows may be known by a new one.
func (s *session) tellNotices() {
	notices, overflow := s.notify.watch.Take()
	if overflow {
		s.follow(&notifySet{})
		s.out.line("* OK [NOTIFICATIONOVERFLOW] more has happened than this server notifies of; NOTIFY NONE is in effect (RFC 5465 5.8)")
		return
	}
	var boxes []*mailstore.Mailbox
	about := make(map[*mailstore.Mailbox][]mailstore.Notice)
	for _, n := range notices {
		if n.Box == nil {
			s.tellOfName(n)
			continue
		}
		if about[n.Box] == nil {
			boxes = append(boxes, n.Box)
		}
		about[n.Box] = append(about[n.Box], n)
	}
	for _, box := range boxes {
		s.tellOfMessages(box, about[box])
	}
}

func (s *session) tellOfName(n mailstore.Notice) {
	event := eventOf(n)
	wanted := func(name string) bool {
		info, _ := s.account.MailboxInfo(name)
		// §6.4: what has just been unsubscribed was subscribed.
		return s.notify.wants(event, s.ownName(name), info.Subscribed || event == subscriptionChange)
	}
	names := affected(n)
	switch {
	case event&(serverMetadataChange|mailboxMetadataChange) != 0:
		if wanted(n.Mailbox) {
			s.writeMetadataChanged(n)
		}
	case n.Kind == mailstore.MailboxRenamed:
		if slices.ContainsFunc(names, wanted) {
			s.writeNotifiedList(n.Mailbox, n.OldName)
		}
	default:
		for _, name := range names {
			if wanted(name) {
				s.writeNotifiedList(name, "")
			}
		}
	}
}

// writeNotifiedList writes a LIST response that no command asked for. old is the name
// before, if it is not empty (RFC 5465 §5.4).
func (s *session) writeNotifiedList(name, old string) {
	info, _ := s.account.MailboxInfo(name)
	r := listRequest{subscribed: true, children: true}
	attrs := r.attributes(s, listed{MailboxInfo: info, nonExistent: info.NoSelect})
	if info.NoSelect && !info.HasChildren {
		attrs = slices.DeleteFunc(attrs, func(a imap.MailboxAttr) bool { return a == imap.MailboxAttrHasNoChildren })
	}
	s.writeList("LIST", attrs, s.ownName(name))
	if old != "" {
		s.out.text(` ("OLDNAME" (`).mailbox(s.ownName(old)).text("))")
	}
	s.out.crlf()
}

// writeMetadataChanged tells which annotations changed (RFC 5464 §4.4.2).
func (s *session) writeMetadataChanged(n mailstore.Notice) {
	entries := n.Entries
	if s.srv.noPrivate {
		entries = slices.DeleteFunc(slices.Clone(entries), isPrivateEntry)
	}
	if len(entries) == 0 {
		return
	}
	name := n.Mailbox
	if name != "" {
		name = s.ownName(name)
	}
	s.out.text("* METADATA ").mailbox(name)
	for _, entry := range entries {
		s.out.byte(' ').astring(entry)
	}
	s.out.crlf()
}

// tellOfMessages tells by STATUS what has become of a mailbox (RFC 5465 §5.1–§5.3).
func (s *session) tellOfMessages(box *mailstore.Mailbox, notices []mailstore.Notice) {
	name := box.Name()
	info, _ := s.account.MailboxInfo(name)
	if now, err := s.account.Mailbox(name); err != nil || now != box || s.isSelected(box) {
		return
	}
	name = s.ownName(name)
	wantsFlags := s.notify.wants(flagChange, name, info.Subscribed)
	var counts, validity, unseen, modSeq bool
	for _, n := range notices {
		event := eventOf(n)
		if !s.notify.wants(event, name, info.Subscribed) {
			continue
		}
		counts = counts || event != flagChange || n.Kind == mailstore.MailboxRenumbered
		validity = validity || n.Kind == mailstore.MailboxRenumbered || event == flagChange && s.condStore
		unseen = unseen || n.Unseen && wantsFlags
		modSeq = modSeq || s.condStore
	}
	var items []string
	for _, item := range []struct {
		wanted bool
		name   string
	}{{counts, "MESSAGES"}, {counts, "UIDNEXT"}, {validity, "UIDVALIDITY"}, {unseen, "UNSEEN"}, {modSeq, "HIGHESTMODSEQ"}} {
		if item.wanted {
			items = append(items, item.name)
		}
	}
	if len(items) > 0 {
		s.writeNotifiedStatus(box, items)
	}
}
