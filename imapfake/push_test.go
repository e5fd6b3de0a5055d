package imapfake_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

func TestAStoppedServerServesAgainAsBefore(t *testing.T) {
	t.Parallel()
	begun, waited := make(chan error), make(chan error, 1)
	f := newFixture(t, own(func(c *imapfake.Call) error {
		begun <- c.Context().Err()
		<-c.Context().Done()
		waited <- c.Context().Err()
		return nil
	}))
	for range 2 {
		c := f.login()
		c.send("A XOWN")
		if err := <-begun; err != nil {
			t.Error("a command of a server that serves:", err)
		}
		f.server.Stop()
		if err := <-waited; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := io.Copy(io.Discard, c.r); err != nil { // the answer may just have been in time
			t.Error("the session ends by", err)
		}
		f.listener = mailwire.NewListener("imap")
		go f.server.Serve(f.listener)
	}
	f.login()
}

func TestByeIsOneLineToSessionsThatAreOpen(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, text := range []string{"", "a\r\n* 1 EXPUNGE"} {
		if err := f.server.Bye(text); err == nil {
			t.Errorf("BYE with %q", text)
		}
	}
	if err := f.server.Bye("nobody is there"); err == nil {
		t.Error("BYE without a session")
	}
	c := f.login()
	c.send("A IDLE")
	if got := c.line(); got != "+ idling" {
		t.Fatal(got)
	}
	if err := f.server.Bye("good night"); err != nil {
		t.Error(err)
	}
	if got := c.line(); got != "* BYE good night" {
		t.Error(got)
	}
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		t.Errorf("after BYE come %q, %v", rest, err)
	}
}
