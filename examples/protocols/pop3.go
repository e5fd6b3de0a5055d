package main

import (
	"fmt"
	"net/textproto"
	"strings"

	"example.org/mailfakes/mailtest/device"
)

// pop3 is the client's side of a POP3 session (RFC 1939).
type pop3 struct{ *textproto.Conn }

// openPOP3 logs in.
func openPOP3(login device.Login) (pop3, error) {
	nc, err := login.Dial()
	if err != nil {
		return pop3{}, err
	}
	c := pop3{textproto.NewConn(nc)}
	if _, err = c.reply(); err == nil {
		if _, err = c.command("USER " + login.Name); err == nil {
			_, err = c.command("PASS " + login.Password)
		}
	}
	if err != nil {
		c.Close()
	}
	return c, err
}

func (c pop3) reply() (string, error) {
	line, err := c.ReadLine()
	if err != nil {
		return "", err
	}
	text, ok := strings.CutPrefix(line, "+OK")
	if !ok {
		return "", fmt.Errorf("the server answered %q", line)
	}
	return strings.TrimSpace(text), nil
}

func (c pop3) command(line string) (string, error) {
	if err := c.PrintfLine("%s", line); err != nil {
		return "", err
	}
	return c.reply()
}

// count returns how many messages STAT counts.
func (c pop3) count() (n int, err error) {
	text, err := c.command("STAT")
	if err == nil {
		_, err = fmt.Sscan(text, &n)
	}
	return n, err
}

// deleteOverPOP3 deletes the first message; the connection drops without QUIT.
func deleteOverPOP3(login device.Login) error {
	c, err := openPOP3(login)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.command("DELE 1")
	return err
}

// announcedOverPOP3 counts what an open session can see of an arrival.
func announcedOverPOP3(login device.Login, arrive func() error) (string, error) {
	c, err := openPOP3(login)
	if err != nil {
		return "", err
	}
	defer c.Close()
	before, err := c.count()
	if err != nil {
		return "", err
	}
	if err := arrive(); err != nil {
		return "", err
	}
	after, err := c.count()
	return fmt.Sprint(after - before), err
}

// reachableOverPOP3 counts the messages that a session has: there are no folders.
func reachableOverPOP3(login device.Login) (string, error) {
	c, err := openPOP3(login)
	if err != nil {
		return "", err
	}
	defer c.Close()
	n, err := c.count()
	return fmt.Sprint(n), err
}
