package main

import (
	"fmt"

	"example.org/mailfakes/mailtest/mailstore"
)

// observation is a statement and how to find out what is true of it.
type observation struct {
	statement string
	observe   func(*person) (string, error)
}

func observations() []observation {
	return []observation{
		{"on the server after reading", hosted},
		{"found by a second device", secondDevice},
		{"read on one device, marked so on the server", changeOnServer},
		{"read on one device, marked so on the other", changeOnOther},
		{"arrivals told to a session that doesn't ask", announced},
		{"back after the device is lost", recovered},
		{"lost for good with the device", lost},
		{"octets left on the server", octetsLeft},
		{"readable without a connection", offline},
		{"deletions undone when the connection drops", undone},
		{"reachable, with 1 more in each of 2 folders", folders},
	}
}

func hosted(p *person) (string, error) {
	if _, err := p.read(); err != nil {
		return "", err
	}
	messages, err := p.onServer()
	return fmt.Sprint(messages.Len()), err
}

func secondDevice(p *person) (string, error) {
	if _, err := p.read(); err != nil {
		return "", err
	}
	second, err := p.read()
	return fmt.Sprint(len(second.Messages())), err
}

func changeOnServer(p *person) (string, error) {
	d, err := p.read()
	if err != nil {
		return "", err
	}
	if err := d.MarkRead("letter 1"); err != nil {
		return "", err
	}
	messages, err := p.onServer()
	return fmt.Sprint(messages.Len() - messages.Unseen()), err
}

func changeOnOther(p *person) (string, error) {
	one, err := p.read()
	if err != nil {
		return "", err
	}
	other, err := p.read()
	if err != nil {
		return "", err
	}
	if err := one.MarkRead("letter 1"); err != nil {
		return "", err
	}
	err = other.Sync()
	return fmt.Sprint(seen(other.Messages())), err
}

func recovered(p *person) (string, error) {
	if _, err := p.read(); err != nil {
		return "", err
	}
	// The device is lost with all that is on it; another is bought.
	bought, err := p.read()
	return fmt.Sprint(len(bought.Messages())), err
}

func lost(p *person) (string, error) {
	before, err := p.onServer()
	if err != nil {
		return "", err
	}
	if _, err := p.read(); err != nil {
		return "", err
	}
	bought, err := p.read()
	return fmt.Sprint(int(before.Len()) - len(bought.Messages())), err
}

func octetsLeft(p *person) (string, error) {
	before, _ := p.account.Usage()
	if _, err := p.read(); err != nil {
		return "", err
	}
	after, _ := p.account.Usage()
	return fmt.Sprintf("%d of %d", after, before), nil
}

func offline(p *person) (string, error) {
	d, err := p.read()
	if err != nil {
		return "", err
	}
	d.GoOffline()
	return fmt.Sprint(len(d.Messages())), nil
}

// undone deletes one message by the commands of the protocol, and the connection
// drops before the session is ended by the rules.
func undone(p *person) (string, error) {
	var err error
	if p.imap {
		err = deleteOverIMAP(p.imapLogin)
	} else {
		err = deleteOverPOP3(p.login)
	}
	if err != nil {
		return "", err
	}
	messages, err := p.onServer()
	return fmt.Sprintf("%d of 1", messages.Len()-2), err
}

func announced(p *person) (string, error) {
	arrive := func() error { return p.deliver(mailstore.Inbox, "news") }
	if p.imap {
		return announcedOverIMAP(p.imapLogin, arrive)
	}
	return announcedOverPOP3(p.login, arrive)
}

func folders(p *person) (string, error) {
	for _, name := range []string{"Recipes", "Travel"} {
		if _, err := p.account.CreateMailbox(name); err != nil {
			return "", err
		}
		if err := p.deliver(name, "filed"); err != nil {
			return "", err
		}
	}
	if p.imap {
		return reachableOverIMAP(p.imapLogin)
	}
	return reachableOverPOP3(p.login)
}
