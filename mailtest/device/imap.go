package device

import (
	"fmt"
	"strconv"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// IMAP is a device that shows the INBOX which is on the server.
type IMAP struct {
	login    Login
	client   *imapclient.Client
	offline  bool
	messages []Message
}

// NewIMAP returns a device that connects at its first [IMAP.Sync].
func NewIMAP(login Login) *IMAP { return &IMAP{login: login} }

// Messages returns the INBOX as it was at the last [IMAP.Sync]. Offline there is
// nothing: the mail is on the server.
func (d *IMAP) Messages() []Message {
	if d.offline {
		return nil
	}
	return d.messages
}

// GoOffline takes the connection away.
func (d *IMAP) GoOffline() {
	d.Close()
	d.offline = true
}

// GoOnline gives the connection back; the next [IMAP.Sync] uses it.
func (d *IMAP) GoOnline() { d.offline = false }

// Close ends the device's session without logging out.
func (d *IMAP) Close() {
	if d.client != nil {
		d.client.Close()
		d.client = nil
	}
}

// Sync brings what the device shows up to date with the server.
func (d *IMAP) Sync() error {
	if err := d.sync(); err != nil {
		return fmt.Errorf("device: sync over IMAP: %w", err)
	}
	return nil
}

func (d *IMAP) sync() error {
	if err := d.connect(); err != nil {
		return err
	}
	if err := d.client.Noop().Wait(); err != nil {
		return err
	}
	all := imap.UIDSet{{Start: 1}}
	found, err := d.client.Fetch(all, &imap.FetchOptions{UID: true, Flags: true}).Collect()
	if err != nil {
		return err
	}
	have := make(map[string][]byte)
	for _, m := range d.messages {
		have[m.ID] = m.Raw
	}
	d.messages = d.messages[:0:0]
	for _, f := range found {
		m := Message{ID: strconv.FormatUint(uint64(f.UID), 10), Flags: f.Flags}
		if m.Raw = have[m.ID]; m.Raw == nil {
			if m.Raw, err = d.download(f.UID); err != nil {
				return err
			}
		}
		d.messages = append(d.messages, m)
	}
	return nil
}

// connect logs in and selects INBOX unless that is so already.
func (d *IMAP) connect() error {
	if d.offline {
		return ErrOffline
	}
	if d.client != nil {
		return nil
	}
	nc, err := d.login.Dial()
	if err != nil {
		return err
	}
	d.client = imapclient.New(nc, nil)
	// UIDs may mean other messages now.
	d.messages = nil
	if err := d.client.Login(d.login.Name, d.login.Password).Wait(); err != nil {
		d.Close()
		return err
	}
	if _, err := d.client.Select("INBOX", nil).Wait(); err != nil {
		d.Close()
		return err
	}
	return nil
}

func (d *IMAP) download(uid imap.UID) ([]byte, error) {
	section := &imap.FetchItemBodySection{Peek: true}
	got, err := d.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return nil, err
	}
	if len(got) != 1 {
		return nil, fmt.Errorf("FETCH of UID %d returned %d messages", uid, len(got))
	}
	return got[0].FindBodySection(section), nil
}

// MarkRead sets \Seen on the server for the messages with a subject.
func (d *IMAP) MarkRead(subject string) error {
	return d.store("mark read", subject, imap.FlagSeen)
}

// Delete deletes the messages with a subject from the server, for good.
func (d *IMAP) Delete(subject string) error {
	if err := d.store("delete", subject, imap.FlagDeleted); err != nil {
		return err
	}
	if err := d.client.Expunge().Close(); err != nil {
		return fmt.Errorf("device: delete %q: %w", subject, err)
	}
	return d.Sync()
}

func (d *IMAP) store(op, subject string, flag imap.Flag) error {
	if err := d.connect(); err != nil {
		return fmt.Errorf("device: %s %q: %w", op, subject, err)
	}
	found, err := withSubject(op, d.messages, subject)
	if err != nil {
		return err
	}
	var uids imap.UIDSet
	for _, m := range found {
		uid, err := strconv.ParseUint(m.ID, 10, 32)
		if err != nil {
			return fmt.Errorf("device: %s %q: UID %q: %w", op, subject, m.ID, err)
		}
		uids.AddNum(imap.UID(uid))
	}
	change := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}
	if err := d.client.Store(uids, change, nil).Close(); err != nil {
		return fmt.Errorf("device: %s %q: %w", op, subject, err)
	}
	for i := range d.messages {
		if d.messages[i].Subject() == subject {
			d.messages[i].Flags = addFlag(d.messages[i].Flags, flag)
		}
	}
	return nil
}
