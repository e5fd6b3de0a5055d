package personality_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// unsynced are what keeps a device from its mail, by personality.
var unsynced = map[string]struct{ imap, pop3 bool }{
	"163":       {imap: true},             // wants an ID
	"strictest": {imap: true, pop3: true}, // wants TLS
}

func TestDevicesSyncWithEveryPersonality(t *testing.T) {
	t.Parallel()
	for _, p := range personality.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			f := start(t, p, plain, meeting)
			if !unsynced[p.Name].imap {
				phone := mailtest.NewIMAPDevice(t, f.alice)
				phone.Sync()
				phone.MarkRead("one")
				if n := len(phone.Messages()); n != 2 {
					t.Errorf("the IMAP device shows %d messages, want 2", n)
				}
			}
			if !unsynced[p.Name].pop3 {
				laptop := mailtest.NewPOP3Device(t, f.alice, mailtest.KeepOnServer)
				laptop.Sync()
				laptop.Sync()
				if n := len(laptop.Messages()); n != 2 {
					t.Errorf("the POP3 device has %d messages, want 2", n)
				}
			}
		})
	}
}

func TestAClientLibraryWorksWithEveryPersonality(t *testing.T) {
	t.Parallel()
	for _, p := range personality.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			f := start(t, p, plain, nested)
			conn, err := f.srv.IMAP.DialTLS()
			if err != nil {
				t.Fatal(err)
			}
			c := imapclient.New(conn, nil)
			defer c.Close()
			check := func(what string, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			check("LOGIN", c.Login("alice@example.org", "secret").Wait())
			if c.Caps().Has(imap.CapID) {
				_, err := c.ID(&imap.IDData{Name: "test"}).Wait()
				check("ID", err)
			}
			boxes, err := c.List("", "%", nil).Collect()
			check("LIST", err)
			if len(boxes) == 0 {
				t.Error("no mailboxes")
			}
			selected, err := c.Select("INBOX", nil).Wait()
			check("SELECT", err)
			if selected.NumMessages != 2 {
				t.Errorf("%d messages, want 2", selected.NumMessages)
			}
			got, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{
				UID: true, Envelope: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
			}).Collect()
			check("FETCH", err)
			if len(got) != 2 || got[0].Envelope.Subject != "one" || len(got[1].BodySection) != 1 {
				t.Errorf("FETCH gave %+v", got)
			}
			check("LOGOUT", c.Logout().Wait())
		})
	}
}
