package pop3fake

import (
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// maildrop is what a session sees of the INBOX, unless options say otherwise, from login to
// QUIT: the view that IMAP has, but it never moves on.
type maildrop struct {
	view        *mailstore.View
	messages    mailstore.Messages // that the session shows, numbered from 1
	uidValidity uint32
	unlock      func()
	measured    []transmission // of each message; zero, or all nil, until it is asked for
	deleted     []bool         // which messages are marked; nil: none
	count       int            // messages that aren't
	octets      int64          // the sum of their sizes, once it is added up
	addedUp     bool
	retrieved   map[uint32]bool
	accessed    uint32 // the highest number of RETR and DELE since the login or the last RSET
	reset       bool   // there was a RSET
}

// openMaildrop locks the account's maildrop and opens it. It fails with
// [mailstore.ErrInUse] when it is locked.
func (s *Server) openMaildrop(account *mailstore.Account, recent bool) (*maildrop, error) {
	unlock, err := account.LockMaildrop()
	if err != nil {
		return nil, err
	}
	d := &maildrop{unlock: unlock}
	box, err := s.window.mailbox(account)
	if err == nil {
		s.retention.expire(box)
		err = d.open(box)
	}
	if err != nil {
		unlock()
		return nil, err
	}
	// Where expunging doesn't delete, as in all mail, what has expired is still there.
	d.messages = s.shown(account, s.retention.unexpired(d.messages), recent)
	d.count = int(d.messages.Len())
	return d, nil
}

// open opens the mailbox read-only, so that messages stay \Recent for IMAP: POP3
// knows no flags, and leaves none behind.
func (d *maildrop) open(box *mailstore.Mailbox) error {
	view, status, err := box.Open(true)
	if err != nil {
		return err
	}
	d.view, d.uidValidity, d.messages = view, status.UIDValidity, status.Messages
	return nil
}

// close gives the lock back.
func (d *maildrop) close() {
	d.view.Close()
	d.unlock()
}

// addUp finds the sum of the sizes, once.
func (d *maildrop) addUp() {
	if d.addedUp {
		return
	}
	d.addedUp = true
	for n, m := range d.messages.All() {
		if size := d.transmission(n, m).size; !d.isDeleted(n) {
			d.octets += size
		}
	}
}

// transmission returns what becomes of message n on the wire. It is measured once, and not
// before: the client may want but one of many messages.
func (d *maildrop) transmission(n uint32, m *mailstore.Message) transmission {
	if d.measured == nil {
		d.measured = make([]transmission, d.messages.Len())
	}
	t := &d.measured[n-1]
	if *t == (transmission{}) {
		*t = transmitted(m.Raw())
	}
	return *t
}

// size returns the octets of message n as transmitted.
func (d *maildrop) size(n uint32) int64 { return d.transmission(n, d.messages.At(n)).size }

func (d *maildrop) isDeleted(n uint32) bool { return d.deleted != nil && d.deleted[n-1] }

// remaining yields the messages that aren't marked as deleted, with their numbers.
func (d *maildrop) remaining() iter.Seq2[uint32, *mailstore.Message] {
	return func(yield func(uint32, *mailstore.Message) bool) {
		for n, m := range d.messages.All() {
			if !d.isDeleted(n) && !yield(n, m) {
				return
			}
		}
	}
}

// message returns the message that an argument refers to, and its number.
func (d *maildrop) message(arg string) (uint32, *mailstore.Message, error) {
	n, err := strconv.ParseUint(arg, 10, 32)
	if errors.Is(err, strconv.ErrSyntax) {
		return 0, nil, malformed("message-number %s isn't a decimal number", excerpt(arg))
	}
	m := d.messages.At(uint32(n))
	if err != nil || m == nil {
		return 0, nil, refused("no such message, the maildrop has %s", messages(int(d.messages.Len())))
	}
	if d.isDeleted(uint32(n)) {
		return 0, nil, refused("message %d is marked as deleted", n)
	}
	return uint32(n), m, nil
}

// mark marks message n as deleted.
func (d *maildrop) mark(n uint32) {
	if d.deleted == nil {
		d.deleted = make([]bool, d.messages.Len())
	}
	d.accessed = max(d.accessed, n)
	if d.addedUp {
		d.octets -= d.size(n)
	}
	d.count--
	d.deleted[n-1] = true
}

// markRetrieved marks all messages that the client has (RFC 2449 §6.7, EXPIRE 0).
func (d *maildrop) markRetrieved() {
	for n := range d.retrieved {
		if !d.isDeleted(n) {
			d.mark(n)
		}
	}
}

// unmark takes all marks back.
func (d *maildrop) unmark() {
	for n, deleted := range d.deleted {
		if deleted && d.addedUp {
			d.octets += d.size(uint32(n) + 1)
		}
	}
	d.deleted, d.count = nil, int(d.messages.Len())
	d.accessed, d.reset = 0, true
}

// update removes the marked messages for good (RFC 1939 §6). One that IMAP has
// expunged meanwhile is no failure, one that it has given another UID is.
func (d *maildrop) update(how Deletion) error {
	var marked []uint32
	for i, deleted := range d.deleted {
		if deleted {
			marked = append(marked, uint32(i)+1)
		}
	}
	uids := d.uids(marked)
	if how != DeleteForGood {
		return d.putAway(uids, how)
	}
	removed := d.view.Expunge(uids)
	if len(removed) < len(uids) && d.view.Stale() {
		return refused("some deleted messages not removed, the mailbox was renumbered or restored meanwhile")
	}
	return nil
}

// uids returns the UIDs of messages.
func (d *maildrop) uids(numbers []uint32) []imap.UID {
	uids := make([]imap.UID, len(numbers))
	for i, n := range numbers {
		uids[i] = d.messages.At(n).UID
	}
	return uids
}

// summary describes the maildrop in the words of RFC 1939 §5.
func (d *maildrop) summary() string {
	d.addUp()
	return fmt.Sprintf("%s (%d octets)", messages(d.count), d.octets)
}

// messages returns a number of messages in words.
func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return strconv.Itoa(n) + " messages"
}

// stat is STAT (RFC 1939 §5).
func (s *session) stat([]string) error {
	s.drop.addUp()
	s.ok(fmt.Sprintf("%d %d", s.drop.count, s.drop.octets))
	return nil
}

// list is LIST (RFC 1939 §5).
func (s *session) list(args []string) error {
	return s.listing(args, s.drop.summary, func(line []byte, n uint32, m *mailstore.Message) []byte {
		return strconv.AppendInt(line, s.drop.transmission(n, m).size, 10)
	})
}

// listing answers LIST and UIDL: the message in args, or after the heading all that
// are left. describe appends what there is to say of a message.
func (s *session) listing(args []string, heading func() string, describe func([]byte, uint32, *mailstore.Message) []byte) error {
	line := func(n uint32, m *mailstore.Message) {
		text := append(strconv.AppendUint(s.conn.AvailableBuffer(), uint64(n), 10), ' ')
		s.writeLine(append(describe(text, n, m), "\r\n"...))
	}
	if len(args) > 0 {
		n, m, err := s.drop.message(args[0])
		if err == nil {
			s.write("+OK ")
			line(n, m)
		}
		return err
	}
	s.ok(heading())
	for n, m := range s.drop.remaining() {
		line(n, m)
	}
	s.endLines()
	return nil
}

// dele is DELE (RFC 1939 §5).
func (s *session) dele(args []string) error {
	n, _, err := s.drop.message(args[0])
	if err != nil {
		return err
	}
	s.drop.mark(n)
	s.ok(fmt.Sprintf("message %d marked as deleted", n))
	return nil
}

// noop is NOOP (RFC 1939 §5).
func (s *session) noop([]string) error {
	s.ok("nothing done")
	return nil
}

// rset is RSET (RFC 1939 §5).
func (s *session) rset([]string) error {
	s.drop.unmark()
	s.ok("maildrop has " + s.drop.summary())
	return nil
}
