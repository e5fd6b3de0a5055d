package main

import (
	"fmt"
	"strconv"
)

// inInbox is a client that does something with INBOX, whose answer to SELECT it gets.
func inInbox(do func(a *app, s *session, told []string) error) client {
	return func(a *app) error {
		s, told, err := a.openInbox()
		if err != nil {
			return err
		}
		return do(a, s, told)
	}
}

// loggedIn is a client that does something over IMAP.
func loggedIn(do func(*app, *session) error) client {
	return func(a *app) error {
		s, err := a.openIMAP()
		if err != nil {
			return err
		}
		return do(a, s)
	}
}

// eachInInbox is a client that does something with each message of INBOX, by its number.
func eachInInbox(do func(a *app, s *session, n int) error) client {
	return inInbox(func(a *app, s *session, told []string) error {
		exists, err := strconv.Atoi(find(`^\* (\d+) EXISTS`, told))
		for n := 1; n <= exists && err == nil; n++ {
			err = do(a, s, n)
		}
		return err
	})
}

// eachOverPOP3 is a client that does something with each message of the maildrop.
func eachOverPOP3(do func(a *app, s *session, n int) error) client {
	return func(a *app) error {
		s, err := a.openPOP3()
		if err != nil {
			return err
		}
		count, err := count(s)
		for n := 1; n <= count && err == nil; n++ {
			err = do(a, s, n)
		}
		if err == nil {
			_, err = s.ask("QUIT")
		}
		return err
	}
}

// count returns the number of messages in the maildrop.
func count(s *session) (n int, err error) {
	line, err := s.ask("STAT")
	if err == nil {
		_, err = fmt.Sscanf(line, "+OK %d", &n)
	}
	return n, err
}

// fetchesRest fetches everything in a session that is open.
func fetchesRest(a *app, s *session) error {
	count, err := count(s)
	for n := 1; n <= count && err == nil; n++ {
		err = fetches(a, s, n)
	}
	s.ask("QUIT")
	return err
}
