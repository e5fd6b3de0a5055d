package pop3fake_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// say starts a server with a message in alice's maildrop, says these lines to it and prints
// what it answers after the greeting.
func say(options []pop3fake.Option, lines ...string) {
	store := mailstore.New()
	alice, err := store.AddAccount("alice@example.org", "secret")
	if err != nil {
		log.Fatal(err)
	}
	inbox, err := alice.Mailbox(mailstore.Inbox)
	if err != nil {
		log.Fatal(err)
	}
	letter := mailstore.NormalizedContent([]byte("Subject: hello\n\nhi\n"))
	if _, err := inbox.Append(mailstore.NewMessage{Content: letter}); err != nil {
		log.Fatal(err)
	}
	server := pop3fake.New(store, options...)
	listener := mailwire.NewListener("pop3") // or net.Listen
	go server.Serve(listener)
	defer server.Close()
	conn, err := listener.DialContext(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, strings.Join(append(lines, "QUIT\r\n"), "\r\n"))
	answers := bufio.NewScanner(conn)
	answers.Scan()
	for answers.Scan() {
		fmt.Println(answers.Text())
	}
}

// The server alone, without package mailtest: lines go to it, and its answers are printed.
func Example() {
	say(nil, "USER alice", "PASS secret", "UIDL", "DELE 1")
	// Output:
	// +OK send PASS
	// +OK maildrop locked and ready, 1 message
	// +OK unique-id listing follows
	// 1 0000000100000001
	// .
	// +OK message 1 marked as deleted
	// +OK bye, 0 messages left
}

// A server that is too busy to delete, and has two spaces for one.
func ExampleOverrideCommand() {
	busy := pop3fake.OverrideCommand("DELE", func(c *pop3fake.Call) error {
		return pop3fake.Refuse("[SYS/TEMP] try again later")
	})
	spaces := pop3fake.OverrideCommand("UIDL", func(c *pop3fake.Call) error {
		c.Filter(func(response string) string { return strings.ReplaceAll(response, " ", "  ") })
		return c.Next()
	})
	say([]pop3fake.Option{busy, spaces}, "USER alice", "PASS secret", "UIDL 1", "DELE 1")
	// Output:
	// +OK send PASS
	// +OK maildrop locked and ready, 1 message
	// +OK  1  0000000100000001
	// -ERR [SYS/TEMP] try again later
	// +OK bye, 1 message left
}

// Capabilities that are off are as if the server had never heard of them.
func ExampleWithoutCapabilities() {
	options := []pop3fake.Option{pop3fake.WithoutCapabilities(pop3fake.UIDL, pop3fake.Top)}
	say(options, "USER alice", "PASS secret", "UIDL", "TOP 1 0")
	// Output:
	// +OK send PASS
	// +OK maildrop locked and ready, 1 message
	// -ERR unknown command "UIDL"
	// -ERR unknown command "TOP"
	// +OK bye, 1 message left
}
