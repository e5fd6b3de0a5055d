package main

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
)

// reader is a device, of whichever protocol.
type reader interface {
	Sync() error
	Messages() []device.Message
	MarkRead(subject string) error
	GoOffline()
}

// way is a way to read mail.
type way struct {
	name string
	open func(imap, pop3 device.Login) reader
	imap bool
}

func ways() []way {
	return []way{
		{name: "IMAP", imap: true, open: func(imap, _ device.Login) reader { return device.NewIMAP(imap) }},
		{name: "POP3 keeping", open: func(_, pop3 device.Login) reader { return device.NewPOP3(pop3, device.KeepOnServer) }},
		{name: "POP3 deleting", open: func(_, pop3 device.Login) reader { return device.NewPOP3(pop3, device.DeleteAfterDownload) }},
	}
}

// person has an account with mail and reads it in one way.
type person struct {
	way
	account          *mailstore.Account
	imapLogin, login device.Login
}

// newPerson makes an account with three messages in INBOX.
func newPerson(f *mailtest.Fakes, name string, w way) (*person, error) {
	const password = "secret"
	account, err := f.Store.AddAccount(name, password)
	if err != nil {
		return nil, err
	}
	p := &person{
		way: w, account: account,
		imapLogin: device.Login{Dial: f.IMAP.Dial, Name: name, Password: password},
		login:     device.Login{Dial: f.POP3.Dial, Name: name, Password: password},
	}
	for i := range 3 {
		if err := p.deliver(mailstore.Inbox, fmt.Sprintf("letter %d", i+1)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *person) deliver(mailbox, subject string) error {
	box, err := p.account.Mailbox(mailbox)
	if err != nil {
		return err
	}
	letter := mailtest.Mail{
		Subject: subject, Text: "Dear friend,\n\nall is well.\n",
		Date: time.Date(2024, time.February, 29, 12, 30, 0, 0, time.UTC),
	}
	raw, err := letter.Bytes()
	if err != nil {
		return err
	}
	_, err = box.Append(mailstore.NewMessage{Content: mailstore.NewContent(raw)})
	return err
}

// device returns a new device of the person's.
func (p *person) device() reader { return p.open(p.imapLogin, p.login) }

// read returns a new device that has shown everything that it could get.
func (p *person) read() (reader, error) {
	d := p.device()
	return d, d.Sync()
}

// onServer returns the messages of INBOX.
func (p *person) onServer() (mailstore.Messages, error) {
	box, err := p.account.Mailbox(mailstore.Inbox)
	if err != nil {
		return mailstore.Messages{}, err
	}
	return box.Messages(), nil
}

// seen counts the messages with \Seen.
func seen(messages []device.Message) int {
	n := 0
	for _, m := range messages {
		for _, f := range m.Flags {
			if f == imap.FlagSeen {
				n++
			}
		}
	}
	return n
}
