package main

import (
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest/device"
)

// openIMAP logs in, selects INBOX and returns how many messages it has.
func openIMAP(login device.Login, options *imapclient.Options) (*imapclient.Client, uint32, error) {
	nc, err := login.Dial()
	if err != nil {
		return nil, 0, err
	}
	c := imapclient.New(nc, options)
	if err := c.Login(login.Name, login.Password).Wait(); err != nil {
		c.Close()
		return nil, 0, err
	}
	inbox, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		c.Close()
		return nil, 0, err
	}
	return c, inbox.NumMessages, nil
}

// deleteOverIMAP deletes the first message; the connection drops without LOGOUT.
func deleteOverIMAP(login device.Login) error {
	c, _, err := openIMAP(login, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(imap.SeqSetNum(1), flags, nil).Close(); err != nil {
		return err
	}
	return c.Expunge().Close()
}

// announcedOverIMAP counts what an idle session is told of an arrival.
func announcedOverIMAP(login device.Login, arrive func() error) (string, error) {
	told := make(chan uint32, 10)
	c, before, err := openIMAP(login, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				told <- *data.NumMessages
			}
		},
	}})
	if err != nil {
		return "", err
	}
	defer c.Close()
	if !c.Caps().Has(imap.CapIdle) {
		return "0", arrive() // it can only ask
	}
	idle, err := c.Idle()
	if err != nil {
		return "", err
	}
	if err := arrive(); err != nil {
		return "", err
	}
	after := <-told
	if err := idle.Close(); err != nil {
		return "", err
	}
	return fmt.Sprint(after - before), idle.Wait()
}

// reachableOverIMAP counts the messages of every mailbox.
func reachableOverIMAP(login device.Login) (string, error) {
	c, _, err := openIMAP(login, nil)
	if err != nil {
		return "", err
	}
	defer c.Close()
	mailboxes, err := c.List("", "*", nil).Collect()
	if err != nil {
		return "", err
	}
	var n uint32
	for _, m := range mailboxes {
		if slices.Contains(m.Attrs, imap.MailboxAttrNoSelect) {
			continue
		}
		data, err := c.Status(m.Mailbox, &imap.StatusOptions{NumMessages: true}).Wait()
		if err != nil {
			return "", err
		}
		n += *data.NumMessages
	}
	return fmt.Sprint(n), nil
}
