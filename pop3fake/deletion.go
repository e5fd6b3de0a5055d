package pop3fake

import (
	"errors"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Deletion says what QUIT does with messages that were marked by DELE.
type Deletion int

const (
	// DeleteForGood removes them from the maildrop's mailbox, as RFC 1939 §6 has it.
	DeleteForGood Deletion = iota
	// DeleteKeeps does nothing.
	DeleteKeeps
	// DeleteArchives takes them out of INBOX, into the mailbox with the special use \All or
	// \Archive, or else one of the name Archive.
	DeleteArchives
	// DeleteTrashes moves them to the mailbox with the special use \Trash, or else one
	// of the name Trash.
	DeleteTrashes
)

// WithDeletion sets what QUIT does with messages that were marked by DELE; without it,
// [DeleteForGood]. Where they stay in the maildrop, a later login finds them again, unless
// [WithFetchedHidden] hides them.
func WithDeletion(d Deletion) Option { return func(s *Server) { s.deletion = d } }

// putAway does what there is to do with marked messages that aren't to be deleted.
func (d *maildrop) putAway(uids []imap.UID, how Deletion) error {
	account := d.view.Mailbox().Account()
	var err error
	switch {
	case len(uids) == 0:
	case how == DeleteArchives:
		err = d.archive(account, uids)
	case how == DeleteTrashes:
		var trash *mailstore.Mailbox
		if trash, err = findOrCreate(account, "Trash", imap.MailboxAttrTrash); err == nil {
			_, err = d.view.Move(uids, trash, mailstore.AllRights)
		}
	}
	if err != nil {
		return refused("some deleted messages not removed: %s", excerpt(err.Error()))
	}
	return nil
}

// archive takes messages out of INBOX; they may be in the maildrop by another mailbox.
func (d *maildrop) archive(account *mailstore.Account, uids []imap.UID) error {
	archive := withUse(account, imap.MailboxAttrAll)
	if archive == nil {
		var err error
		if archive, err = findOrCreate(account, "Archive", imap.MailboxAttrArchive); err != nil {
			return err
		}
	}
	inbox, err := account.Mailbox(mailstore.Inbox)
	if err != nil {
		return err
	}
	if inbox == d.view.Mailbox() {
		_, err = d.view.Move(uids, archive, mailstore.AllRights)
		return err
	}
	marked := make(map[uint64]bool)
	for _, uid := range uids {
		_, m := d.messages.Find(uid)
		marked[m.ID] = true
	}
	var filed []imap.UID
	for _, m := range inbox.Messages().All() {
		if marked[m.ID] {
			filed = append(filed, m.UID)
		}
	}
	_, err = inbox.Move(filed, archive)
	return err
}

// findOrCreate returns the mailbox with a special use, or the one of that name.
func findOrCreate(account *mailstore.Account, name string, use imap.MailboxAttr) (*mailstore.Mailbox, error) {
	if box := withUse(account, use); box != nil {
		return box, nil
	}
	box, err := account.Mailbox(name)
	if errors.Is(err, mailstore.ErrNoMailbox) {
		box, err = account.CreateMailbox(name, use)
	}
	return box, err
}
