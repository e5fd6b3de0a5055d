// Package noclock is a small application that shows new mail at once, for days on end, and
// the test suite that its author wrote with mailtest: hours of IDLE, outages and patience
// pass in milliseconds, because the tests run in memory and in a bubble of testing/synctest.
package noclock

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// firstPause is how long the watcher waits after a failure; each further one doubles it.
	firstPause = time.Minute
	// longestPause ends the doubling.
	longestPause = 4 * time.Hour
)

// Watcher tells how many messages an INBOX has, whenever that may have changed.
type Watcher struct {
	Dial           func() (net.Conn, error)
	User, Password string
	// OnMail gets the number of messages: after each login, and when the server tells another.
	OnMail func(messages uint32)
}

// Run watches until ctx is done. When the server is out of reach or refuses the login,
// it tries again, less and less often.
func (w *Watcher) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		if watched, err := w.watch(ctx); err == nil || watched {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// watch watches over one connection, and tells whether it came to that.
func (w *Watcher) watch(ctx context.Context) (watched bool, err error) {
	nc, err := w.Dial()
	if err != nil {
		return false, fmt.Errorf("watch: %w", err)
	}
	c := imapclient.New(nc, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				w.OnMail(*data.NumMessages)
			}
		},
	}})
	defer c.Close()
	if err := c.Login(w.User, w.Password).Wait(); err != nil {
		return false, fmt.Errorf("watch: log in: %w", err)
	}
	inbox, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		return false, fmt.Errorf("watch: %w", err)
	}
	w.OnMail(inbox.NumMessages)
	return true, idle(ctx, c)
}

// idle idles until ctx is done or the connection is lost. The client renews IDLE before the
// server could take it for dead (RFC 2177).
func idle(ctx context.Context, c *imapclient.Client) error {
	idling, err := c.Idle()
	if err != nil {
		return fmt.Errorf("watch: idle: %w", err)
	}
	select {
	case <-ctx.Done():
	case <-c.Closed():
		return fmt.Errorf("watch: the connection is lost")
	}
	if err := idling.Close(); err != nil {
		return err
	}
	return c.Logout().Wait()
}
