package pop3fake_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

func TestAnOverrideAnswersInsteadOfTheCommand(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.OverrideCommand("dele", func(c *pop3fake.Call) error {
		if c.Args() == "2" {
			return pop3fake.Refuse("[SYS/TEMP] not now")
		}
		c.Answer("+OK gone, " + c.Account().Name())
		return nil
	}))
	f.logIn().run(`
		C: DELE 1
		S: +OK gone, alice@example.org
		C: DELE 2
		S: -ERR [SYS/TEMP] not now
		C: STAT
		S: +OK 3 54`)
}

func TestAnOverrideChangesWhatTheCommandAnswers(t *testing.T) {
	t.Parallel()
	spaces := func(c *pop3fake.Call) error {
		c.Filter(func(r string) string { return strings.ReplaceAll(r, " 0", "   0") })
		return c.Next()
	}
	short := func(c *pop3fake.Call) error {
		c.Filter(func(r string) string { return strings.TrimSuffix(r, "\r\n.\r\n") + "\n.\n" })
		return c.Next()
	}
	c := start(t, three(), pop3fake.OverrideCommand("UIDL", spaces), pop3fake.OverrideCommand("RETR", short)).logIn()
	c.run(`
		C: UIDL
		S: +OK unique-id listing follows
		S: 1   0000000100000001
		S: 2   0000000200000001
		S: 3   0000000300000001
		S: .
		C: UIDL 9
		S: -ERR UIDL: no such message, the maildrop has 3 messages`)
	c.send("RETR 2\r\n")
	if got := c.line() + c.line(); got != "+OK 19 octetsSubject: 2" {
		t.Errorf("RETR begins with %q", got)
	}
	rest := make([]byte, len("\r\ntwo\n.\n"))
	if _, err := c.in.Read(rest); err != nil || string(rest) != "\r\ntwo\n.\n" {
		t.Errorf("RETR ends with %q, %v", rest, err)
	}
	c.run("C: NOOP\nS: +OK nothing done")
}

func TestAnOverrideChangesChallenges(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.OverrideCommand("AUTH", func(c *pop3fake.Call) error {
		c.Filter(func(r string) string {
			if rest, ok := strings.CutPrefix(r, "+ "); ok {
				return "+OK " + rest
			}
			return r
		})
		return c.Next()
	}))
	f.connect().run("C: AUTH PLAIN\nS: +OK \nC: AGFsaWNlAHNlY3JldA==\nS: +OK maildrop locked and ready, 0 messages")
}

func TestAnOverrideOfEveryCommandSeesUnknownOnesToo(t *testing.T) {
	t.Parallel()
	type key struct{}
	f := start(t, nil, pop3fake.OverrideEveryCommand(func(c *pop3fake.Call) error {
		c.SetValue(key{}, fmt.Sprint(c.Value(key{}), c.Name()))
		if c.Commands() == 3 {
			c.Answer(fmt.Sprint("+OK seen ", c.Value(key{})))
			c.HangUp()
			return nil
		}
		return c.Next()
	}))
	f.connect().run("C: XTRA 1\nS: -ERR unknown command \"XTRA\"\nC: NOOP\nS: -ERR NOOP: only valid in the TRANSACTION state\nC: QUIT\nS: +OK seen <nil>XTRANOOPQUIT\nS: CLOSED")
}

func TestTheLastOverrideComesFirst(t *testing.T) {
	t.Parallel()
	add := func(text string) pop3fake.Option {
		return pop3fake.OverrideCommand("NOOP", func(c *pop3fake.Call) error {
			c.Filter(func(r string) string { return strings.TrimSuffix(r, "\r\n") + text + "\r\n" })
			return c.Next()
		})
	}
	start(t, nil, add(" first"), add(" last")).logIn().run("C: NOOP\nS: +OK nothing done first last")
}

func TestACommandThatIsTurnedOffIsNotOverridden(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.UIDL), pop3fake.OverrideCommand("UIDL", func(c *pop3fake.Call) error {
		c.Answer("+OK")
		return nil
	}))
	f.logIn().run("C: UIDL\nS: -ERR unknown command \"UIDL\"")
}

func TestAnOverrideThatPanicsEndsTheSessionAndIsReportedByClose(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.OverrideCommand("NOOP", func(*pop3fake.Call) error { panic("oops") }))
	f.logIn().run("C: NOOP\nS: -ERR [SYS/PERM] pop3fake: the function of command NOOP panicked: oops\nS: CLOSED")
	if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "oops") || !strings.Contains(err.Error(), "override_test.go") {
		t.Errorf("Close returned %v", err)
	}
}

func TestAnOverrideNeedsACommandAndAFunction(t *testing.T) {
	t.Parallel()
	run := func(c *pop3fake.Call) error { return c.Next() }
	for want, option := range map[string]pop3fake.Option{
		`pop3fake: override of command "NOOP": there is no function to run`: pop3fake.OverrideCommand("NOOP", nil),
		"pop3fake: override of every command: there is no function to run":  pop3fake.OverrideEveryCommand(nil),
		`pop3fake: there is no command "" to override`:                      pop3fake.OverrideCommand("", run),
		`pop3fake: there is no command "XTRA" to override`:                  pop3fake.OverrideCommand("XTRA", run),
	} {
		if err := pop3fake.New(mailstore.New(), option).Err(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestTheGreetingCanBeChosen(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithGreeting("Welcome"), pop3fake.WithoutCapabilities(pop3fake.APOP))
	f.dial().run("S: +OK Welcome")
	if err := pop3fake.New(f.store, pop3fake.WithGreeting("two\r\nlines")).Err(); err == nil {
		t.Errorf("a greeting of two lines: %v", err)
	}
}
