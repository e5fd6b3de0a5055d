package mailrecord_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailwire"
)

// A client talks to a server through a recorder. Usually there is the server's address in
// Upstream in place of Dial.
func Example() {
	srv, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		panic(err)
	}
	defer srv.Close()
	if _, err := srv.Store.AddAccount("alice@example.org", "secret"); err != nil {
		panic(err)
	}
	trusted, err := srv.TLSConfig()
	if err != nil {
		panic(err)
	}

	transcript := mailwire.NewTranscript(0)
	r, err := mailrecord.New(mailrecord.Config{
		Protocol: mailwire.POP3, Transcript: transcript,
		Dial:        func(context.Context) (net.Conn, error) { return srv.POP3.Dial() },
		UpstreamTLS: trusted,
	})
	if err != nil {
		panic(err)
	}
	listener := mailwire.NewListener("recorder")
	go r.Serve(listener)

	client, err := listener.DialContext(context.Background())
	if err != nil {
		panic(err)
	}
	answers := bufio.NewScanner(client)
	for _, command := range []string{"USER alice@example.org", "PASS secret", "STAT", "QUIT"} {
		answers.Scan()
		fmt.Fprint(client, command+"\r\n")
	}
	answers.Scan()
	client.Close()
	r.Close()

	volatile := regexp.MustCompile(`(?m)^.* -- .*\n|^[\d.]+ | <.*>`)
	fmt.Print(volatile.ReplaceAllString(transcript.String(), ""))

	// Output:
	// pop3#1 S: +OK POP3 server ready
	// pop3#1 C: USER alice@example.org
	// pop3#1 S: +OK send PASS
	// pop3#1 C: PASS ***
	// pop3#1 S: +OK maildrop locked and ready, 0 messages
	// pop3#1 C: STAT
	// pop3#1 S: +OK 0 0
	// pop3#1 C: QUIT
	// pop3#1 S: +OK bye, 0 messages left
}

func ExampleRedactor_Message() {
	r := mailrecord.NewRedactor("a key for always the same words")
	message := "From: Alice <alice@example.org>\nSubject: Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nDear Bob, alice@example.org is new.\n"
	fmt.Printf("%s", r.Message([]byte(message)))

	// Output:
	// From: Bohxp <bohxp@bbnyyfa.nfk>
	// Subject: Re: =?utf-8?q?Os=C3=B4=C3=A8l?=
	//
	// Cxhv Mvb, bohxp@bbnyyfa.nfk yi pjb.
}
