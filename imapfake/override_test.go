package imapfake_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// The servers imitated here are the reason for what an override can do.

func refuse(text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeBad, Text: text}
}

func TestOverrideAnswersInsteadOfTheCommand(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("status", func(c *imapfake.Call) error {
		name := c.Args().Mailbox()
		if err := c.Args().Err(); err != nil {
			return err
		}
		c.Untagged("STATUS", imapfake.MailboxName(name), imapfake.List{imapfake.Atom("MESSAGES"), imapfake.Number(7)})
		return nil
	}))
	c := f.login()
	c.run("STATUS a/b (UNSEEN)", "* STATUS a/b (MESSAGES 7)", "T OK STATUS completed")
	c.run("STATUS", "T BAD STATUS: expected a space and an argument, found end of the line")
}

func TestOverrideRefusesWhatTheClientHasNotPreparedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("SELECT", func(c *imapfake.Call) error {
		if _, told := c.ClientID(); !told {
			return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "SELECT Unsafe Login. Please contact us"}
		}
		return c.Next()
	}))
	c := f.login()
	c.run("SELECT INBOX", "T NO SELECT Unsafe Login. Please contact us")
	c.ok("ID NIL")
	c.ok("SELECT INBOX")
	c.run("SELECT nowhere", "* OK [CLOSED] previous mailbox closed", `T NO [NONEXISTENT] open mailbox "nowhere": no such mailbox`)
}

func TestOverrideOfEveryCommandThrottles(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
		if c.Commands() > 3 {
			c.Bye("too many commands")
			return nil
		}
		return c.Next()
	}))
	c := f.login()
	c.run("X", "T BAD unknown command X (RFC 3501 6)")
	c.run("NOOP", "T OK NOOP completed")
	c.send("T NOOP")
	c.wantsEnd("* BYE too many commands\r\n")
}

func TestOverridesKeepAValueInTheSession(t *testing.T) {
	t.Parallel()
	type refused struct{}
	f := newFixture(t,
		imapfake.OverrideCommand("LOGIN", func(c *imapfake.Call) error {
			c.SetValue(refused{}, true)
			return c.Next()
		}),
		imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			if c.Value(refused{}) != nil {
				return refuse("User is authenticated but not connected.")
			}
			return c.Next()
		}))
	c := f.login()
	c.run("SELECT INBOX", "T BAD User is authenticated but not connected.")
	c.run("LOGOUT", "T BAD User is authenticated but not connected.")
	f.dial().ok("NOOP")
}

func TestOverrideSeesTheArgumentsAsTheyCame(t *testing.T) {
	t.Parallel()
	var raw []string
	descending := regexp.MustCompile(`^(\d+):(\d+) `)
	f := newFixture(t,
		imapfake.OverrideCommand("FETCH", func(c *imapfake.Call) error {
			if m := descending.FindStringSubmatch(c.RawArgs()); m != nil && m[1] > m[2] {
				return refuse("Error in IMAP command FETCH: Invalid messageset")
			}
			return c.Next()
		}),
		imapfake.OverrideCommand("SEARCH", func(c *imapfake.Call) error {
			raw = append(raw, c.RawArgs())
			return c.Next()
		}))
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n")
	c := f.selected()
	c.run("FETCH 2:1 UID", "T BAD Error in IMAP command FETCH: Invalid messageset")
	c.run("FETCH 1:2 UID", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "T OK FETCH completed")
	c.run("SEARCH OR TEXT {3+}\r\na)b TEXT {2+}\r\n\"\r  ALL", `T BAD SEARCH: expected a search key, found " ALL" (RFC 3501 9)`)
	if want := "OR TEXT {3+}\r\na)b TEXT {2+}\r\n\"\r  ALL"; len(raw) != 1 || raw[0] != want {
		t.Errorf("RawArgs() was %q, want %q", raw, want)
	}
	c.run("SEARCH", "T BAD SEARCH: expected a space and an argument, found end of the line (RFC 3501 9)")
}

func TestFilterSuppressesAResponse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("ENABLE", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			if strings.HasPrefix(response, "* ENABLED") {
				return nil
			}
			return []string{response}
		})
		return c.Next()
	}))
	c := f.login()
	c.run("ENABLE CONDSTORE", "T OK ENABLE completed")
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1…", "T OK CAPABILITY completed")
}

func TestFilterChangesTheTaggedResponse(t *testing.T) {
	t.Parallel()
	copyUID := regexp.MustCompile(`\[COPYUID \d+ `)
	f := newFixture(t, imapfake.OverrideCommand("COPY", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			return []string{copyUID.ReplaceAllString(response, "[COPYUID 0 ")}
		})
		return c.Next()
	}))
	f.deliver("a: b\r\n\r\n")
	c := f.selected()
	c.run("COPY 1 INBOX", "* 2 EXISTS", "* 2 RECENT", "T OK [COPYUID 0 1 2] COPY completed")
	c.run("UID COPY 1 INBOX", "* 3 EXISTS", "* 3 RECENT", "T OK [COPYUID 1 1 3] UID COPY completed")
}

func TestFilterSeesWholeResponsesWithTheirLiterals(t *testing.T) {
	t.Parallel()
	var seen []string
	f := newFixture(t, imapfake.OverrideCommand("UID FETCH", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			seen = append(seen, response)
			return []string{response, "* OK and more"}
		})
		return c.Next()
	}))
	f.deliver("a: b\r\n\r\nhi\r\n")
	c := f.selected()
	c.run("UID FETCH 1 (BODY.PEEK[TEXT] BODY.PEEK[HEADER])", "* 1 FETCH (UID 1 BODY[TEXT] {4}", "hi", " BODY[HEADER] {8}",
		"a: b", "", ")", "* OK and more", "T OK UID FETCH completed")
	c.wants("* OK and more")
	if want := "* 1 FETCH (UID 1 BODY[TEXT] {4}\r\nhi\r\n BODY[HEADER] {8}\r\na: b\r\n\r\n)"; len(seen) != 2 || seen[0] != want {
		t.Errorf("the filter saw %q", seen)
	}
	c.run("NOOP", "T OK NOOP completed")
}

func TestFilterPassesLargeAnswersOn(t *testing.T) {
	t.Parallel()
	lines := 0
	f := newFixture(t, imapfake.OverrideCommand("FETCH", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			lines++
			return []string{response}
		})
		return c.Next()
	}))
	body := strings.Repeat("0123456789abcdef", 4096)
	for range 20 {
		f.deliver("a: b\r\n\r\n" + body)
	}
	c := f.selected()
	answer := strings.Join(c.ok("FETCH 1:* BODY.PEEK[TEXT]"), "\n")
	if n := strings.Count(answer, body); n != 20 || lines != 21 {
		t.Errorf("%d bodies in %d responses, want 20 in 21", n, lines)
	}
}

func TestFiltersOfSeveralOverridesFollowEachOther(t *testing.T) {
	t.Parallel()
	mark := func(m string) imapfake.Option {
		return imapfake.OverrideCommand("NOOP", func(c *imapfake.Call) error {
			c.Untagged("OK before " + m)
			c.Filter(func(response string) []string {
				c.Untagged("OK within " + m) // and that is not filtered again
				return []string{response + m}
			})
			err := c.Next()
			c.Untagged("OK after " + m)
			return err
		})
	}
	f := newFixture(t, mark("1"), mark("2"))
	f.dial().run("NOOP",
		"* OK before 2", "* OK within 2", "* OK before 12",
		"* OK within 1", "* OK within 2", "* OK after 112",
		"* OK within 1", "* OK within 2", "* OK after 212",
		"* OK within 1", "* OK within 2", "T OK NOOP completed12")
}

func TestFilterLastsThroughIdle(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("IDLE", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			if strings.HasSuffix(response, "RECENT") {
				return nil
			}
			return []string{response}
		})
		return c.Next()
	}))
	c := f.selected()
	c.send("T IDLE")
	c.wants("+ idling")
	f.deliver("a: b\r\n\r\n")
	c.wants("* 1 EXISTS")
	c.send("DONE")
	c.wants("T OK IDLE completed")
	f.deliver("a: b\r\n\r\n")
	c.run("NOOP", "* 2 EXISTS", "* 2 RECENT", "T OK NOOP completed")
}

func TestOverrideDropsTheConnection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("NAMESPACE", func(c *imapfake.Call) error {
		c.HangUp()
		return nil
	}), imapfake.OverrideCommand("LOGOUT", func(c *imapfake.Call) error {
		err := c.Next()
		c.HangUp()
		return err
	}))
	c := f.login()
	c.send("T NAMESPACE")
	c.wantsEnd("")
	c = f.login()
	c.send("T LOGOUT")
	c.wantsEnd("* BYE logging out\r\n")
}

func TestOverrideOfACommandThatIsOffChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapMove), imapfake.OverrideCommand("MOVE", (*imapfake.Call).Next))
	f.selected().run("MOVE 1 x", "T BAD unknown command MOVE (RFC 3501 6)")
}

func TestOverriddenLoginIsHiddenInTheTranscript(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := newFixture(t, imapfake.WithTranscript(transcript), imapfake.OverrideCommand("LOGIN", func(*imapfake.Call) error {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "later"}
	}), imapfake.OverrideCommand("AUTHENTICATE", func(*imapfake.Call) error { return refuse("no") }))
	c := f.dial()
	c.run("LOGIN alice@example.org opensesame", "T NO [UNAVAILABLE] later")
	c.run("AUTHENTICATE PLAIN b3BlbnNlc2FtZQ==", "T BAD no")
	if text := transcript.String(); strings.Contains(text, "opensesame") || strings.Contains(text, "b3Blb") {
		t.Errorf("the secret is in the transcript:\n%s", text)
	}
}

func TestOverrideThatRefusesStartTLSKeepsItFromStarting(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("STARTTLS", func(c *imapfake.Call) error {
		if err := c.Next(); err != nil {
			return err
		}
		return refuse("not today")
	}))
	c := f.dial()
	c.run("STARTTLS", "T BAD not today")
	c.run("NOOP", "T OK NOOP completed")
}

func TestOverridesGoOnAfterUnauthenticate(t *testing.T) {
	t.Parallel()
	var names []string
	f := newFixture(t, imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
		names = append(names, fmt.Sprint(c.Name(), c.Commands()))
		c.Filter(func(response string) []string { return []string{response + "!"} })
		return c.Next()
	}))
	c := f.login()
	c.run("UNAUTHENTICATE", "T OK UNAUTHENTICATE completed!")
	c.run("UID FETCH 1 X", "T BAD UID FETCH is not allowed in the not authenticated state (RFC 3501 6)!")
	if got, want := strings.Join(names, " "), "LOGIN1 UNAUTHENTICATE2 UID FETCH3"; got != want {
		t.Errorf("the override saw %q, want %q", got, want)
	}
}

func TestPanicInAFilterEndsTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideCommand("LIST", func(c *imapfake.Call) error {
		c.Filter(func(string) []string { panic("boom") })
		return c.Next()
	}))
	c := f.login()
	c.send(`T LIST "" *`, "T NOOP")
	c.wantsEnd("* LIST (\\HasNoChildren) \"/\" INBOX\r\n* BYE imapfake: a filter panicked: boom\r\n")
	if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Close() = %v, want the panic", err)
	}
}
