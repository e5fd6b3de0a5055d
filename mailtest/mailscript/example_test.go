package mailscript_test

import (
	"context"
	"fmt"
	"log"
	"net"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailwire"
)

// A bug report becomes a script, which says what the server should have answered.
func Example() {
	script, err := mailscript.Parse("search", []byte(`
C: a1 LOGIN alice@example.org ***
S: a1 OK \...
C: a2 SELECT INBOX
S: \...
S: a2 OK [READ-WRITE] done
C: a3 SEARCH SUBJECT hello
S: * SEARCH 1 2
S: a3 OK done
-- message first INBOX (\Seen) --
Subject: hello

hi
`))
	if err != nil {
		log.Fatal(err)
	}
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer fakes.Close()
	if _, err := fakes.Store.AddAccount(mailscript.DefaultAccount, "secret"); err != nil {
		log.Fatal(err)
	}
	server := mailscript.Server{
		Password: "secret",
		Dial: func(_ context.Context, protocol mailwire.Protocol) (net.Conn, error) {
			return fakes.IMAP.Dial() // all that the script needs
		},
	}
	ctx := context.Background()
	if err := script.Seed(ctx, server); err != nil {
		log.Fatal(err)
	}
	result, err := script.Run(ctx, server)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Commands, "commands")
	for _, d := range result.Differences {
		fmt.Printf("line %d, after %s\n", d.Line, d.Command)
		fmt.Printf("want %q\ngot  %q\n", d.Want, d.Got)
	}
	// Output:
	// 3 commands
	// line 8, after a3 SEARCH SUBJECT hello
	// want "S: * SEARCH 1 2\nS: a3 OK done\n"
	// got  "S: * SEARCH 1\nS: a3 OK SEARCH completed\n"
}
