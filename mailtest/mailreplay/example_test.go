package mailreplay_test

import (
	"context"
	"fmt"
	"io"
	"log"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailreplay"
	"example.org/mailfakes/mailtest/mailwire"
)

// A POP3 session of a log is served to a client that leaves out what was in it. In a test
// mailtest.Replay is shorter.
func Example() {
	bug, err := maillog.Read([]byte(`
S: +OK ready
C: USER alice
S: +OK
C: PASS secret
S: +OK
C: DELE 1
S: +OK
C: QUIT
S: +OK bye
`), maillog.Detect)
	if err != nil {
		log.Fatal(err)
	}
	server, err := mailreplay.New(bug)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	listener := mailwire.NewListener("pop3") // or net.Listen
	go server.Service("pop3").Serve(listener)

	conn, err := listener.DialContext(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	go fmt.Fprint(conn, "USER alice\r\nPASS other\r\nQUIT\r\n")
	io.Copy(io.Discard, conn)
	fmt.Println(server.Deviation())
	// Output:
	// the log line 7, pop3 session 1: the client deviates from the log: QUIT, not DELE (-log +client)
	// - DELE 1
	// + QUIT
}
