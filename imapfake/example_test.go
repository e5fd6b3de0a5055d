package imapfake_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// talk starts a server with two messages in alice's INBOX, says these lines to it and prints
// what it answers after the greeting.
func talk(options []imapfake.Option, lines ...string) {
	store := mailstore.New()
	alice, err := store.AddAccount("alice", "secret")
	if err != nil {
		panic(err)
	}
	inbox, err := alice.Mailbox("INBOX")
	if err != nil {
		panic(err)
	}
	for _, subject := range []string{"win a prize", "minutes"} {
		letter := mailstore.NormalizedContent([]byte("Subject: " + subject + "\n\nhi\n"))
		if _, err := inbox.Append(mailstore.NewMessage{Content: letter}); err != nil {
			panic(err)
		}
	}
	server := imapfake.New(store, options...)
	listener := mailwire.NewListener("imap")
	go server.Serve(listener)
	defer server.Close()
	conn, err := listener.DialContext(context.Background())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	io.WriteString(conn, strings.Join(append(lines, "z LOGOUT\r\n"), "\r\n"))
	answer := bufio.NewScanner(conn)
	answer.Scan()
	for answer.Scan() && answer.Text() != "* BYE logging out" {
		fmt.Println(answer.Text())
	}
}

// The server alone, without package mailtest: lines go to it, and its answers are printed.
func Example() {
	options := []imapfake.Option{imapfake.WithCapabilities(imap.CapIMAP4rev1)}
	talk(options, "a LOGIN alice secret", "b EXAMINE INBOX", "c SEARCH SUBJECT minutes", "d FETCH 2 FLAGS")
	// Output:
	// a OK [CAPABILITY IMAP4rev1] LOGIN completed
	// * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
	// * OK [PERMANENTFLAGS ()] flags that can be changed
	// * 2 EXISTS
	// * 2 RECENT
	// * OK [UNSEEN 1] first unseen message
	// * OK [UIDVALIDITY 1] UIDs valid
	// * OK [UIDNEXT 3] predicted next UID
	// b OK [READ-ONLY] EXAMINE completed
	// * SEARCH 2
	// c OK SEARCH completed
	// * 2 FETCH (FLAGS (\Recent))
	// d OK FETCH completed
}

// Capabilities that are off are as if the server had never heard of them.
func ExampleWithCapabilities() {
	options := []imapfake.Option{imapfake.WithCapabilities(imap.CapIMAP4rev1, imap.CapUIDPlus)}
	talk(options, "a CAPABILITY", "b LOGIN alice secret", "c IDLE")
	// Output:
	// * CAPABILITY IMAP4rev1 UIDPLUS
	// a OK CAPABILITY completed
	// b OK [CAPABILITY IMAP4rev1 UIDPLUS] LOGIN completed
	// c BAD unknown command IDLE (RFC 3501 6)
}

// A command that only one company's server knows.
func ExampleWithCommand() {
	xping := imapfake.WithCommand(imapfake.Command{
		Name: "XPING", Capability: "XPING", States: imapfake.Authenticated | imapfake.Selected,
		Run: func(c *imapfake.Call) error {
			payload := c.Args().AString()
			if err := c.Args().End(); err != nil {
				return err // BAD, with what is wrong
			}
			if payload == "" {
				return &imap.Error{Type: imap.StatusResponseTypeNo, Code: "XEMPTY", Text: "nothing to send back"}
			}
			c.Untagged("XPING", imapfake.String(payload), imapfake.Number(len(payload)))
			return nil
		},
	})
	talk([]imapfake.Option{xping, imapfake.WithCapabilities("IDLE")},
		"a CAPABILITY",
		"b XPING hello",
		"c LOGIN alice secret",
		"d XPING hello",
		`e XPING ""`,
		"f XPING")
	// Output:
	// * CAPABILITY IMAP4rev1 IDLE XPING
	// a OK CAPABILITY completed
	// b BAD XPING is not allowed in the not authenticated state (RFC 3501 6)
	// c OK [CAPABILITY IMAP4rev1 IDLE XPING] LOGIN completed
	// * XPING "hello" 5
	// d OK XPING completed
	// e NO [XEMPTY] nothing to send back
	// f BAD XPING: expected a space and an argument, found end of the line
}

// A server that lets in only those who say who they are, as some providers do.
func ExampleOverrideCommand() {
	idFirst := imapfake.OverrideCommand("SELECT", func(c *imapfake.Call) error {
		if _, told := c.ClientID(); !told {
			return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "Unsafe Login"}
		}
		return c.Next()
	})
	talk([]imapfake.Option{idFirst, imapfake.WithCapabilities("ID")},
		"a LOGIN alice secret",
		"b SELECT INBOX",
		`c ID ("name" "mutt")`,
		"d SELECT INBOX")
	// Output:
	// a OK [CAPABILITY IMAP4rev1 ID] LOGIN completed
	// b NO Unsafe Login
	// * ID ("name" "mailfakes")
	// c OK ID completed
	// * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
	// * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed
	// * 2 EXISTS
	// * 2 RECENT
	// * OK [UNSEEN 1] first unseen message
	// * OK [UIDVALIDITY 1] UIDs valid
	// * OK [UIDNEXT 3] predicted next UID
	// d OK [READ-WRITE] SELECT completed
}

// A server that forgets to say what it has enabled, and has changed the tagged response.
func ExampleCall_Filter() {
	forgetful := imapfake.OverrideCommand("ENABLE", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			if strings.HasPrefix(response, "* ENABLED") {
				return nil
			}
			return []string{strings.Replace(response, "completed", "done", 1)}
		})
		return c.Next()
	})
	talk([]imapfake.Option{forgetful, imapfake.WithCapabilities("ENABLE", "CONDSTORE")},
		"a LOGIN alice secret",
		"b ENABLE CONDSTORE")
	// Output:
	// a OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE] LOGIN completed
	// b OK ENABLE done
}

// What a spam filter thinks of a message, to fetch and to search for.
func ExampleWithFetchItem() {
	isSpam := func(m *mailstore.Message) bool { return strings.Contains(string(m.Raw()), "prize") }
	item := imapfake.WithFetchItem(imapfake.FetchItem{
		Name: "X-SPAM", Capability: "X-SPAM",
		Value: func(m *mailstore.Message) imapfake.Value { return imapfake.String(fmt.Sprint(isSpam(m))) },
	})
	key := imapfake.WithSearchKey(imapfake.SearchKey{
		Name: "X-SPAM", Capability: "X-SPAM",
		Parse: func(*imapfake.Args) func(*mailstore.Message) bool { return isSpam },
	})
	talk([]imapfake.Option{item, key, imapfake.WithCapabilities()},
		"a LOGIN alice secret",
		"b EXAMINE INBOX",
		"c FETCH 1:* X-SPAM",
		"d SEARCH NOT X-SPAM")
	// Output:
	// a OK [CAPABILITY IMAP4rev1 X-SPAM] LOGIN completed
	// * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
	// * OK [PERMANENTFLAGS ()] flags that can be changed
	// * 2 EXISTS
	// * 2 RECENT
	// * OK [UNSEEN 1] first unseen message
	// * OK [UIDVALIDITY 1] UIDs valid
	// * OK [UIDNEXT 3] predicted next UID
	// b OK [READ-ONLY] EXAMINE completed
	// * 1 FETCH (X-SPAM "true")
	// * 2 FETCH (X-SPAM "false")
	// c OK FETCH completed
	// * SEARCH 2
	// d OK SEARCH completed
}
