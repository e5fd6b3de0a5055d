package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// notify is NOTIFY (RFC 5465).
func notify() extension {
	return extension{cap: imap.CapNotify, commands: []command{
		{name: "NOTIFY", grammar: "RFC 5465 §8", states: authenticatedUp, parse: parseNotify},
	}}
}

// DefaultNotifyLimit is how many notifications may wait for a client unless
// [WithNotifyLimit] says otherwise.
const DefaultNotifyLimit = 1000

// WithNotifyLimit sets how many notifications about other mailboxes than the selected one
// may wait for a client at a time; with more, the server sends NOTIFICATIONOVERFLOW and
// from then on none (RFC 5465 §5.8). They wait while a command is in progress. All changes
// to the messages of a mailbox count as three at most. With 0, the first overflows.
func WithNotifyLimit(notifications int) Option {
	return func(s *Server) { s.notifyLimit = max(0, notifications) }
}

// events is a set of kinds of events (RFC 5465 §5).
type events uint8

const (
	messageNew events = 1 << iota
	messageExpunge
	flagChange
	mailboxName
	subscriptionChange
	mailboxMetadataChange
	serverMetadataChange

	messageEvents = messageNew | messageExpunge | flagChange
)

// notifyEvent is an event that a client can ask for.
type notifyEvent struct {
	name string
	events
}

// notifyEvents returns the events that the server knows, in the order of BADEVENT.
func (s *session) notifyEvents() []notifyEvent {
	known := []notifyEvent{
		{"MessageNew", messageNew}, {"MessageExpunge", messageExpunge}, {"FlagChange", flagChange},
		{"MailboxName", mailboxName}, {"SubscriptionChange", subscriptionChange},
	}
	if s.has(imap.CapMetadata) {
		known = append(known, notifyEvent{"MailboxMetadataChange", mailboxMetadataChange})
	}
	if s.has(imap.CapMetadata) || s.has(imap.CapMetadataServer) {
		known = append(known, notifyEvent{"ServerMetadataChange", serverMetadataChange})
	}
	return known
}

// notifySet is what a client has asked to be notified of. It doesn't change.
type notifySet struct {
	// selected are the events of the selected mailbox, whichever it is (RFC 5465 §6.1).
	selected events
	// delayed: of its expunges only when a command lets them be told (§6.1.2).
	delayed bool
	// fetch is what is to be told of each new message in it.
	fetch  fetchArguments
	groups []eventGroup // of other mailboxes
}

// eventGroup says what is wanted of some mailboxes (RFC 5465 §6).
type eventGroup struct {
	events // none of them: nothing, whatever later groups say
	// names tells whether a mailbox is one of them.
	names func(name string, subscribed bool) bool
}

// wants tells whether any of some events is wanted of a mailbox. Groups add up, but one
// with NONE keeps its mailboxes from the groups after it.
func (n *notifySet) wants(any events, name string, subscribed bool) bool {
	for _, g := range n.groups {
		if !g.names(name, subscribed) {
			continue
		}
		if g.events == 0 || g.events&any != 0 {
			return g.events != 0
		}
	}
	return false
}

// of returns which of some events are wanted of a mailbox.
func (n *notifySet) of(some events, name string, subscribed bool) (wanted events) {
	for e := events(1); e <= some && e != 0; e <<= 1 {
		if some&e != 0 && n.wants(e, name, subscribed) {
			wanted |= e
		}
	}
	return wanted
}

func parseNotify(p *parser, s *session) action {
	p.space()
	switch word := p.keyword(); word {
	case "NONE":
		return func(s *session) error {
			s.follow(&notifySet{})
			return nil
		}
	case "SET":
	default:
		p.fail("expected SET or NONE, found %.20q (RFC 5465 §8)", word)
		return nil
	}
	p.space()
	status := p.word("STATUS")
	if status {
		p.space()
	}
	q := notifyParser{parser: p, session: s, set: new(notifySet)}
	q.group()
	for p.accept(' ') {
		q.group()
	}
	if q.unsupported && p.refused == nil {
		p.refused = no(badEvent(s.notifyEvents()), "these are the events that the server knows")
	}
	return func(s *session) error { return s.notifySet(q.set, status) }
}

func badEvent(known []notifyEvent) imap.ResponseCode {
	names := make([]string, len(known))
	for i, e := range known {
		names[i] = e.name
	}
	return imap.ResponseCode("BADEVENT (" + strings.Join(names, " ") + ")")
}

// notifyParser reads the event groups of NOTIFY SET (RFC 5465 §8).
type notifyParser struct {
	*parser
	*session
	set         *notifySet
	hasSelected bool // SELECTED or SELECTED-DELAYED was there
	unsupported bool // an event is none that the server knows
}

func (q *notifyParser) group() {
	q.expect('(')
	var names func(string, bool) bool
	switch filter := q.keyword(); filter {
	case "SELECTED", "SELECTED-DELAYED":
		if q.hasSelected {
			q.fail("only one of SELECTED and SELECTED-DELAYED may be there, once (RFC 5465 §6.1)")
		}
		q.hasSelected, q.set.delayed = true, filter == "SELECTED-DELAYED"
	case "PERSONAL", "INBOXES":
		// §6.3: the two are the same where any mailbox may have mail delivered.
		names = func(string, bool) bool { return true }
	case "SUBSCRIBED":
		names = func(_ string, subscribed bool) bool { return subscribed }
	case "SUBTREE":
		names = named(q.mailboxes(), func(name, root string) bool {
			return name == root || strings.HasPrefix(name, root+q.srv.names.Separator)
		})
	case "MAILBOXES":
		names = named(q.mailboxes(), func(name, other string) bool { return name == other })
	default:
		q.fail("unknown mailbox filter %.40q (RFC 5465 §6)", filter)
	}
	q.space()
	asked := q.events(names == nil)
	q.expect(')')
	if names == nil {
		q.set.selected = asked
		return
	}
	q.set.groups = append(q.set.groups, eventGroup{asked, names})
}

// named returns a filter of the mailboxes that match one of several.
func named(wanted []string, match func(name, wanted string) bool) func(string, bool) bool {
	return func(name string, _ bool) bool {
		for _, w := range wanted {
			if match(name, w) {
				return true
			}
		}
		return false
	}
}

// mailboxes reads a mailbox or a list of them.
func (q *notifyParser) mailboxes() (names []string) {
	add := func() { names = append(names, q.canonicalName(q.parser.mailbox())) }
	q.space()
	if q.peek() == '(' {
		q.parser.list(false, add)
	} else {
		add()
	}
	return names
}

// events reads NONE or a list of events.
func (q *notifyParser) events(ofSelected bool) (asked events) {
	if q.peek() != '(' {
		if word := q.keyword(); word != "NONE" {
			q.fail("expected NONE or a list of events, found %.20q (RFC 5465 §8)", word)
		}
		return 0
	}
	annotations := false
	q.parser.list(false, func() {
		name := q.keyword()
		asked |= q.known(name)
		annotations = annotations || name == "ANNOTATIONCHANGE"
		if name == "MESSAGENEW" && q.listFollows() {
			q.attributes(ofSelected)
		}
	})
	together := asked & (messageNew | messageExpunge)
	switch {
	case ofSelected && asked&^messageEvents != 0:
		q.fail("only events of messages go with SELECTED and SELECTED-DELAYED (RFC 5465 §6.1)")
	case together == messageNew || together == messageExpunge:
		q.fail("MessageNew and MessageExpunge go together (RFC 5465 §5)")
	case together == 0 && (asked&flagChange != 0 || annotations):
		q.fail("FlagChange and AnnotationChange want MessageNew and MessageExpunge beside them (RFC 5465 §5)")
	}
	return asked
}

// known returns the event with a name in capitals.
func (q *notifyParser) known(name string) events {
	for _, e := range q.notifyEvents() {
		if strings.EqualFold(e.name, name) {
			return e.events
		}
	}
	q.unsupported = true
	return 0
}

// attributes reads what is to be told of a new message.
func (q *notifyParser) attributes(ofSelected bool) {
	if !ofSelected {
		q.fail("FETCH items go with SELECTED and SELECTED-DELAYED only (RFC 5465 §8)")
		return
	}
	q.set.fetch = q.arrivalAttributes(q.parser)
}
