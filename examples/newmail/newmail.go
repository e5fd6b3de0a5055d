// Package newmail is a small application that shows the subjects of an INBOX as they are now,
// and the test suite that its author wrote with mailtest: mail is shown at once, by IDLE, and
// within a minute where the server has no IDLE.
package newmail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// pollInterval is how often a server without IDLE is asked.
const pollInterval = time.Minute

// Window shows the subjects of an INBOX.
type Window struct {
	Dial           func() (net.Conn, error)
	User, Password string
	// Show gets the subjects at first, and whenever messages have come or gone.
	Show func(subjects []string)
}

// ErrLost is what Run fails with when the connection is lost.
var ErrLost = errors.New("the connection is lost")

// Run shows subjects until ctx is done or the connection is lost.
func (w *Window) Run(ctx context.Context) error {
	nc, err := w.Dial()
	if err != nil {
		return fmt.Errorf("new mail: %w", err)
	}
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default: // what is noted already will be looked at
		}
	}
	c := imapclient.New(nc, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { note() },
		Expunge: func(uint32) { note() },
	}})
	defer c.Close()
	if err := w.run(ctx, c, changed); err != nil {
		return fmt.Errorf("new mail: %w", err)
	}
	return nil
}

func (w *Window) run(ctx context.Context, c *imapclient.Client, changed <-chan struct{}) error {
	if err := c.Login(w.User, w.Password).Wait(); err != nil {
		return err
	}
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return err
	}
	for {
		subjects, err := fetch(c)
		if err != nil {
			return err
		}
		w.Show(subjects)
		if err := wait(ctx, c, changed); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return c.Logout().Wait()
		}
	}
}

func fetch(c *imapclient.Client) ([]string, error) {
	messages, err := c.Fetch(imap.UIDSet{{Start: 1}}, &imap.FetchOptions{UID: true, Envelope: true}).Collect()
	if err != nil {
		return nil, err
	}
	var subjects []string
	for _, m := range messages {
		subjects = append(subjects, m.Envelope.Subject)
	}
	return subjects, nil
}

// wait returns when messages have come or gone, or ctx is done.
func wait(ctx context.Context, c *imapclient.Client, changed <-chan struct{}) error {
	for !c.Caps().Has(imap.CapIdle) {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			return nil
		case <-c.Closed():
			return ErrLost
		case <-time.After(pollInterval):
		}
		if err := c.Noop().Wait(); err != nil {
			return err
		}
	}
	idle, err := c.Idle()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-c.Closed():
		return ErrLost
	}
	if err := idle.Close(); err != nil {
		return err
	}
	return idle.Wait()
}
