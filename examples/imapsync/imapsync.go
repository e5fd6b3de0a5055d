// Package imapsync is a small application that keeps a copy of a mailbox, and the test suite
// that its author wrote with mailtest: the copy survives a new UIDVALIDITY, and a connection
// that breaks halfway.
package imapsync

import (
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Copy is a copy of a mailbox on a server.
type Copy struct {
	Dial           func() (net.Conn, error)
	User, Password string
	Mailbox        string

	uidValidity uint32
	messages    map[imap.UID][]byte
}

// Messages returns the messages of the copy, oldest first.
func (c *Copy) Messages() [][]byte {
	var messages [][]byte
	for _, uid := range slices.Sorted(maps.Keys(c.messages)) {
		messages = append(messages, c.messages[uid])
	}
	return messages
}

// Sync downloads what is new and forgets what is gone. If it fails, the copy stays as it was.
func (c *Copy) Sync() error {
	nc, err := c.Dial()
	if err != nil {
		return fmt.Errorf("sync %s: %w", c.Mailbox, err)
	}
	client := imapclient.New(nc, nil)
	defer client.Close()
	if err := c.sync(client); err != nil {
		return fmt.Errorf("sync %s: %w", c.Mailbox, err)
	}
	return nil
}

func (c *Copy) sync(client *imapclient.Client) error {
	if err := client.Login(c.User, c.Password).Wait(); err != nil {
		return err
	}
	mailbox, err := client.Select(c.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return err
	}
	have := c.messages
	if mailbox.UIDValidity != c.uidValidity || mailbox.UIDValidity == 0 {
		have = nil // a UID may be that of another message now (RFC 3501 §2.3.1.1)
	}
	found, err := client.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
	if err != nil {
		return err
	}
	messages := make(map[imap.UID][]byte)
	var missing imap.UIDSet
	for _, uid := range found.AllUIDs() {
		if raw, ok := have[uid]; ok {
			messages[uid] = raw
		} else {
			missing.AddNum(uid)
		}
	}
	if err := download(client, missing, messages); err != nil {
		return err
	}
	c.uidValidity, c.messages = mailbox.UIDValidity, messages
	return client.Logout().Wait()
}

// download adds messages. Those that are gone by now are left out.
func download(client *imapclient.Client, uids imap.UIDSet, messages map[imap.UID][]byte) error {
	if len(uids) == 0 {
		return nil
	}
	body := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{body}}
	fetched, err := client.Fetch(uids, options).Collect()
	if err != nil {
		return err
	}
	for _, m := range fetched {
		if raw := m.FindBodySection(body); raw != nil {
			messages[m.UID] = raw
		}
	}
	return nil
}
