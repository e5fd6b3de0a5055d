package scripttest

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// NewStore returns a store with the account of scripts, whose password is "secret", and
// in it the mailboxes that can't be made by IMAP.
func NewStore(t *testing.T, script *mailscript.Script) (*mailstore.Store, *mailstore.Account) {
	t.Helper()
	store := mailstore.New()
	account, err := store.AddAccount(mailscript.DefaultAccount, "secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range script.Mailboxes {
		var specialUse []imap.MailboxAttr
		for _, a := range m.Attributes {
			specialUse = append(specialUse, imap.MailboxAttr(a))
		}
		if _, err := account.CreateMailbox(m.Name, specialUse...); err != nil {
			t.Fatal(err)
		}
	}
	return store, account
}

// Fake is a server of this module.
type Fake interface {
	Err() error
	Serve(net.Listener) error
	Close() error
}

// Serve serves fakes in memory until the test ends.
func Serve(t *testing.T, fakes map[mailwire.Protocol]Fake) mailscript.Server {
	t.Helper()
	listeners := make(map[mailwire.Protocol]*mailwire.Listener)
	for protocol, fake := range fakes {
		if err := fake.Err(); err != nil {
			t.Fatal(err)
		}
		listener := mailwire.NewListener(string(protocol))
		listeners[protocol] = listener
		go fake.Serve(listener)
		t.Cleanup(func() { fake.Close() })
	}
	tls, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	return mailscript.Server{
		Dial: func(ctx context.Context, protocol mailwire.Protocol) (net.Conn, error) {
			listener, ok := listeners[protocol]
			if !ok {
				return nil, fmt.Errorf("there is no server of %s", protocol)
			}
			return listener.DialContext(ctx)
		},
		TLS:      tls,
		Password: "secret",
	}
}
