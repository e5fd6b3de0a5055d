package mailstore

import "github.com/emersion/go-imap/v2"

// Replace puts a message in a mailbox of the same account and expunges the one with
// uid from the view's, in one step; quota counts what that adds (RFC 8508 §3.4). It
// returns the new message's UID. Where there are labels, the replaced message is gone from
// every mailbox. It fails as [Mailbox.Append] does, with [ErrStale] when
// the view is of no more use, and with [ErrNoMessage] when there is no such message.
func (v *View) Replace(uid imap.UID, to *Mailbox, message NewMessage) (imap.UID, error) {
	const op = "replace in"
	a := v.box.account
	defer a.lock()()
	if v.stale() {
		return 0, fail(op, v.box.name, ErrStale)
	}
	old := v.box.messages.get(uid)
	if old == nil {
		return 0, fail(op, v.box.name, ErrNoMessage)
	}
	if to.account != a {
		return 0, fail(op+" and put in a mailbox of", to.account.name, ErrNoMailbox)
	}
	uids, err := to.append(op, Quota{Octets: old.Size(), Messages: 1}, []NewMessage{message})
	if err != nil {
		return 0, err
	}
	v.box.removeEverywhere(old)
	return uids[0], nil
}
