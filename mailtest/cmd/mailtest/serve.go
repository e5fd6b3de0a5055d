package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailhtml"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// serve is the command "mailtest serve".
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parseFlags(args, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	if err == nil && c.personalities {
		listPersonalities(stdout)
		return exitOK
	}
	if err == nil {
		err = c.run(ctx, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mailtest serve: %v\n", err)
		return exitUsage
	}
	return exitOK
}

// run serves until ctx is done.
func (c *config) run(ctx context.Context, stdout io.Writer) error {
	store := mailstore.New()
	store.SetLoginPolicy(c.logins)
	store.SetUIDValidity(uint32(time.Now().Unix())) // clients may remember the last run
	if err := store.SetNewMailboxes(c.personality.Mailboxes...); err != nil {
		return err
	}
	if c.gmail || c.personality.Labels {
		store.UseLabels()
	}
	if err := c.fill(store); err != nil {
		return err
	}
	transcript := mailwire.NewTranscript(c.transcriptOctets())
	if c.verbose {
		transcript.SetLive(stdout)
	}
	imap := imapfake.New(store, append(c.imapOptions(), imapfake.WithTranscript(transcript), imapfake.WithFaults(&c.faults))...)
	pop3 := pop3fake.New(store, append(c.pop3Options(), pop3fake.WithTranscript(transcript), pop3fake.WithFaults(&c.faults))...)
	if err := errors.Join(imap.Err(), pop3.Err()); err != nil {
		return err
	}
	if err := c.writePage(transcript); err != nil { // better now than when all has been said
		return err
	}
	if err := c.serveUntil(ctx, imap, pop3, stdout); err != nil {
		return err
	}
	return c.writePage(transcript)
}

// serveUntil serves until ctx is done and all sessions have ended.
func (c *config) serveUntil(ctx context.Context, imap *imapfake.Server, pop3 *pop3fake.Server, stdout io.Writer) error {
	defer imap.Close()
	defer pop3.Close()
	listeners := []*listener{
		{name: "imap", addr: c.imap, serve: imap.Serve},
		{name: "imaps", addr: c.imaps, serve: imap.ServeTLS},
		{name: "pop3", addr: c.pop3, serve: pop3.Serve},
		{name: "pop3s", addr: c.pop3s, serve: pop3.ServeTLS},
	}
	if err := c.start(listeners, stdout); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// transcriptOctets is how much of the transcript is kept, 0 for the usual. Without a page
// nothing reads it but -v, which shows it as it happens.
func (c *config) transcriptOctets() int {
	if c.html != "" {
		return 0
	}
	return 64 << 10
}

// writePage writes the page that -html asks for.
func (c *config) writePage(transcript *mailwire.Transcript) error {
	if c.html == "" {
		return nil
	}
	var page bytes.Buffer
	title := "mailtest serve until " + time.Now().Format(time.DateTime)
	err := mailhtml.Write(&page, title, strings.NewReader(transcript.String()))
	if err == nil {
		err = writeWhole(c.html, page.Bytes())
	}
	if err != nil {
		return fmt.Errorf("-html: %w", err)
	}
	return nil
}

// fill makes the accounts with their access tokens, and loads their mail.
func (c *config) fill(store *mailstore.Store) error {
	for _, u := range c.users {
		if _, err := store.AddAccount(u.name, u.password); err != nil {
			return fmt.Errorf("-user: %w", err)
		}
	}
	for _, t := range c.tokens {
		account, err := store.Account(t.user)
		if err != nil {
			return fmt.Errorf("-token: %w", err)
		}
		account.AddToken(t.token, time.Time{})
	}
	for _, l := range c.loads {
		if err := l.into(store); err != nil {
			return fmt.Errorf("-load %s: %w", l.text, err)
		}
	}
	return nil
}

// into reads the file and puts its messages in the mailbox, which is made if need be.
func (l load) into(store *mailstore.Store) error {
	account, mailbox, err := l.target(store)
	if err != nil {
		return err
	}
	seeds, err := mailtest.ReadPath(l.path)
	if err != nil {
		return err
	}
	box, err := account.Mailbox(mailbox)
	if err != nil {
		if box, err = account.CreateMailbox(mailbox); err != nil {
			return err
		}
	}
	_, err = mailtest.Put(box, seeds)
	return err
}

// target finds the account, and the name of its mailbox: INBOX unless there is more.
func (l load) target(store *mailstore.Store) (*mailstore.Account, string, error) {
	user, mailbox, _ := strings.Cut(l.to, "/")
	if mailbox == "" {
		mailbox = mailstore.Inbox
	}
	account, err := store.Account(user)
	return account, mailbox, err
}
