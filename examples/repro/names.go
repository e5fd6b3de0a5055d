package main

import (
	"strings"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// names are bugs in what clients take for the name of a mailbox.
func names() []bug {
	return []bug{{
		name:      "prefix-and-separator",
		story:     "Mailboxes are below INBOX. and have a dot between levels; the client can't make its archive there.",
		reference: "RFC 2342 §5, RFC 3501 §6.3.8; MailKit#428 (Courier)",
		server:    []mailtest.Option{mailtest.WithPersonality(personality.Courier())},
		naive:     inInbox(archivesBySlash), careful: inInbox(archivesInNamespace),
		want: kept("Archive/2026", "hello"), wrong: "Archive/2026",
	}, {
		name:      "modified-utf7",
		story:     "The name of a mailbox is shown as it is on the wire.",
		reference: "RFC 3501 §5.1.3",
		play: func(s *scene) {
			s.alice.CreateMailbox("Entwürfe & mehr")
			s.sync()
		},
		naive: loggedIn(showsNames), careful: showsDecodedNames,
		want: shown("INBOX", "Entwürfe & mehr"), wrong: "Entw&APw-rfe &- mehr",
	}}
}

func archivesBySlash(a *app, s *session, _ []string) error {
	if _, err := s.command("CREATE Archive/2026"); err != nil {
		return err
	}
	_, err := s.command("COPY 1 Archive/2026")
	return err
}

func archivesInNamespace(a *app, s *session, _ []string) error {
	told, err := s.command("NAMESPACE")
	if err != nil {
		return err
	}
	prefix := find(`^\* NAMESPACE \(\("([^"]*)"`, told)
	separator := find(`^\* NAMESPACE \(\("[^"]*" "([^"]*)"`, told)
	name := quote(prefix + "Archive" + separator + "2026")
	if _, err := s.command("CREATE %s", name); err != nil {
		return err
	}
	_, err = s.command("COPY 1 %s", name)
	return err
}

func showsNames(a *app, s *session) error {
	told, err := s.command(`LIST "" "*"`)
	for _, name := range findAll(`^\* LIST \([^)]*\) "." (.*)$`, told) {
		a.show(strings.Trim(name, `"`))
	}
	return err
}

// showsDecodedNames has a library decode the names.
func showsDecodedNames(a *app) error {
	c, err := a.openLibrary()
	if err != nil {
		return err
	}
	mailboxes, err := c.List("", "*", nil).Collect()
	for _, m := range mailboxes {
		a.show(m.Mailbox)
	}
	return err
}
