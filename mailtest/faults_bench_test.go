package mailtest_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// The cost of faults for FETCH over loopback: of a server that can have none, of one without
// rules, and of one with a rule that never matches.
func BenchmarkFaults(b *testing.B) {
	for _, fetch := range []struct {
		name, items    string
		messages, size int
	}{
		{"Flags10000", "(UID FLAGS)", 10_000, 100},
		{"Body1000", "(BODY.PEEK[])", 1000, 10_000},
	} {
		run := func(name string, faults *mailwire.Faults) {
			b.Run(fetch.name+"/"+name, func(b *testing.B) {
				in, out := benchmarkClient(b, faults, fetch.messages, fetch.size)
				b.ReportAllocs()
				for b.Loop() {
					fmt.Fprintf(out, "c FETCH 1:* %s\r\n", fetch.items)
					b.SetBytes(readUntil(b, in, "c OK "))
				}
			})
		}
		var none, one mailwire.Faults
		if _, err := one.Inject(mailwire.OnResponse("* * EXPUNGE").Drop()); err != nil {
			b.Fatal(err)
		}
		run("impossible", nil)
		run("none", &none)
		run("unmatched", &one)
	}
}

func benchmarkClient(b *testing.B, faults *mailwire.Faults, messages, size int) (*bufio.Reader, net.Conn) {
	store := mailstore.New()
	account, err := store.AddAccount("alice", "secret")
	if err != nil {
		b.Fatal(err)
	}
	inbox, err := account.Mailbox(mailstore.Inbox)
	if err != nil {
		b.Fatal(err)
	}
	content := mailstore.NewContent([]byte("Subject: hello\r\n\r\n" + strings.Repeat("0123456789 0123456789\r\n", size/23)))
	for range messages {
		if _, err := inbox.Append(mailstore.NewMessage{Content: content}); err != nil {
			b.Fatal(err)
		}
	}
	server := imapfake.New(store, imapfake.WithTranscript(new(mailwire.Transcript)), imapfake.WithFaults(faults))
	b.Cleanup(func() { server.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go server.Serve(l)
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { out.Close() })
	in := bufio.NewReaderSize(out, 64<<10)
	fmt.Fprint(out, "a LOGIN alice secret\r\nb SELECT INBOX\r\n")
	readUntil(b, in, "b OK ")
	return in, out
}

// readUntil reads lines up to one with that beginning, and returns how many octets they had.
func readUntil(b *testing.B, in *bufio.Reader, beginning string) (octets int64) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		octets += int64(len(line))
		if strings.HasPrefix(string(line), beginning) {
			return octets
		}
	}
}
