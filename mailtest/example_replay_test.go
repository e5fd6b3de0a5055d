package mailtest_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailreplay"
)

// A user has sent a log, here lines with C: and S:, and the code under test asks for something else
// than the program did that wrote it.
func ExampleStartReplay() {
	const log = `
S: * OK ready
C: 1 LOGIN alice secret
S: 1 OK done
C: 2 SELECT INBOX
S: * 1 EXISTS
S: 2 OK done
`
	path := filepath.Join(os.TempDir(), fmt.Sprintf("example-%d.log", os.Getpid()))
	defer os.Remove(path)
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	srv, err := mailtest.StartReplay(path, func(d *mailreplay.Deviation) {
		fmt.Printf("line %d: %s\n- %s\n+ %s\n", d.Line, d.Problem, d.Want, d.Got)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	nc, err := srv.IMAP.Dial()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nc.Close()
	fmt.Fprint(nc, "x LOGIN alice other\r\ny SELECT Work\r\n")
	io.Copy(io.Discard, nc)
	// Output:
	// line 5: mailbox "Work", not "INBOX"
	// - 2 SELECT INBOX
	// + y SELECT Work
}
