// Package poller is a small application with a mail feature, and the test suite
// that its author wrote with mailtest: it hands every unread message of an INBOX to
// a function, and marks it read once that has succeeded.
package poller

import (
	"errors"
	"fmt"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Poller fetches unread mail. A message is handled at least once: if the connection
// breaks between handling it and marking it read, the next Poll handles it again.
type Poller struct {
	Dial           func() (net.Conn, error)
	User, Password string
	// Handle gets each unread message, oldest first. If it fails, the message stays
	// unread and Poll goes on with the next.
	Handle func(raw []byte) error
}

// Poll handles all unread messages. Its error joins those of Handle.
func (p *Poller) Poll() error {
	nc, err := p.Dial()
	if err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	c := imapclient.New(nc, nil)
	defer c.Close()
	if err := p.poll(c); err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	return nil
}

func (p *Poller) poll(c *imapclient.Client) error {
	if err := c.Login(p.User, p.Password).Wait(); err != nil {
		return err
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	unread := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}
	found, err := c.UIDSearch(unread, nil).Wait()
	if err != nil {
		return err
	}
	var failed []error
	for _, uid := range found.AllUIDs() {
		raw, err := download(c, uid)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if err := p.Handle(raw); err != nil {
			failed = append(failed, fmt.Errorf("message with UID %d: %w", uid, err))
			continue
		}
		if err := markRead(c, uid); err != nil {
			return errors.Join(append(failed, err)...)
		}
	}
	return errors.Join(append(failed, c.Logout().Wait())...)
}

// download returns a message without setting \Seen.
func download(c *imapclient.Client, uid imap.UID) ([]byte, error) {
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}
	messages, err := c.Fetch(imap.UIDSetNum(uid), options).Collect()
	if err != nil {
		return nil, err
	}
	if len(messages) != 1 {
		return nil, fmt.Errorf("message with UID %d is gone", uid)
	}
	return messages[0].FindBodySection(section), nil
}

func markRead(c *imapclient.Client, uid imap.UID) error {
	seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	return c.Store(imap.UIDSetNum(uid), seen, nil).Close()
}
