package mailwire_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// A network in memory: no port is taken, and connections look like any other.
func Example() {
	listener := mailwire.NewListener("imap")
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "* OK ready\r\n")
	}()

	conn, err := listener.DialContext(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	greeting, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q from %s\n", greeting, conn.RemoteAddr())
	// Output:
	// "* OK ready\r\n" from imap
}

// The log of a failed test can be read back.
func ExampleParseTranscript() {
	records, err := mailwire.ParseTranscript(strings.NewReader(`
    0.000802 imap#1 C: a1 LOGIN alice@example.org ***
    0.001302 imap#1 S: a1 OK \
    0.001302 imap#1 S: done
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range records {
		fmt.Printf("%v %d %v %q\n", r.Protocol, r.Session, r.Dir, r.Text)
	}
	// Output:
	// imap 1 C: "a1 LOGIN alice@example.org ***\r\n"
	// imap 1 S: "a1 OK "
	// imap 1 S: "done\r\n"
}
