package mailstore

import "github.com/emersion/go-imap/v2"

// Replace puts a message in a mailbox, which may be another account's, and expunges the one
// with uid from the view's, in one step; quota counts what that adds to an account (RFC 8508
// §3.4). It returns the new message's UID. Where there are labels, the replaced message is gone
// from every mailbox. It fails as [Mailbox.Append] does, with [ErrStale] when
// the view is of no more use, and with [ErrNoMessage] when there is no such message.
func (v *View) Replace(uid imap.UID, to *Mailbox, message NewMessage) (imap.UID, error) {
	const op = "replace in"
	defer v.box.account.lockWith(to.account)()
	if v.stale() {
		return 0, fail(op, v.box.name, ErrStale)
	}
	old := v.box.messages.get(uid)
	if old == nil {
		return 0, fail(op, v.box.name, ErrNoMessage)
	}
	var freed Quota
	if to.account == v.box.account {
		freed = Quota{Octets: old.Size(), Messages: 1}
	}
	uids, err := to.append(op, freed, []NewMessage{message})
	if err != nil {
		return 0, err
	}
	v.box.removeEverywhere(old)
	return uids[0], nil
}
