package imapfake_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// watchers is how many sessions BenchmarkIdle has.
const watchers = 1000

// BenchmarkIdle takes the time from a delivery until each of 1,000 clients, of which
// the one half is in IDLE and the other has sent NOTIFY, has read that there is a new message.
func BenchmarkIdle(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		l := mailwire.NewListener("imap")
		benchmarkIdle(b, l, func() (net.Conn, error) { return l.DialContext(b.Context()) })
	})
	b.Run("loopback", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		benchmarkIdle(b, l, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
	})
}

func benchmarkIdle(b *testing.B, l net.Listener, dial func() (net.Conn, error)) {
	store, inbox := benchmarkInbox(b, 10)
	server := imapfake.New(store, imapfake.WithTranscript(new(mailwire.Transcript)))
	b.Cleanup(func() { server.Close() })
	go server.Serve(l)
	var told sync.WaitGroup
	for i := range watchers {
		conn, err := dial()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		r := bufio.NewReaderSize(conn, 4096)
		watch := "T IDLE"
		if i%2 == 0 {
			watch = "T NOTIFY SET (selected (MessageNew MessageExpunge))"
		}
		for _, command := range []string{"T LOGIN alice secret", "T SELECT INBOX", watch} {
			if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
				b.Fatal(err)
			}
			for line := []byte(nil); !bytes.HasPrefix(line, []byte("T OK")) && !bytes.HasPrefix(line, []byte("+ idling")); {
				if line, err = r.ReadSlice('\n'); err != nil {
					b.Fatal(err)
				}
			}
		}
		go func() {
			for {
				line, err := r.ReadSlice('\n')
				if err != nil {
					return
				}
				if bytes.HasSuffix(line, []byte(" RECENT\r\n")) {
					told.Done()
				}
			}
		}()
	}
	message := mailstore.NewMessage{Content: mailstore.NewContent([]byte(hello))}
	for b.Loop() {
		told.Add(watchers)
		if _, err := inbox.Append(message); err != nil {
			b.Fatal(err)
		}
		told.Wait()
	}
}

// benchmarkInbox returns a store and in it the INBOX of alice, with that many small messages.
func benchmarkInbox(b *testing.B, messages int) (*mailstore.Store, *mailstore.Mailbox) {
	b.Helper()
	store := mailstore.New()
	alice, err := store.AddAccount("alice", "secret")
	if err != nil {
		b.Fatal(err)
	}
	inbox, err := alice.Mailbox("INBOX")
	if err != nil {
		b.Fatal(err)
	}
	content := mailstore.NewContent([]byte(hello))
	for range messages {
		if _, err := inbox.Append(mailstore.NewMessage{Content: content}); err != nil {
			b.Fatal(err)
		}
	}
	return store, inbox
}

// BenchmarkLargeMailbox has commands whose time is not to depend on how many messages the
// mailbox has, over memory, while another session that is in IDLE looks at it.
func BenchmarkLargeMailbox(b *testing.B) {
	for _, messages := range []int{1000, 1_000_000} {
		store, inbox := benchmarkInbox(b, messages)
		l := mailwire.NewListener("imap")
		server := imapfake.New(store)
		b.Cleanup(func() { server.Close() })
		go server.Serve(l)
		dial := func(b *testing.B) *rawClient {
			conn, err := l.DialContext(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { conn.Close() })
			c := &rawClient{conn, make([]byte, 256<<10)}
			if _, err := conn.Read(c.buf); err != nil { // the greeting
				b.Fatal(err)
			}
			c.run(b, "LOGIN alice secret", false)
			c.run(b, "ENABLE QRESYNC", false)
			return c
		}
		watcher := dial(b)
		watcher.run(b, "SELECT INBOX", false)
		if _, err := io.WriteString(watcher, "T IDLE\r\n"); err != nil {
			b.Fatal(err)
		}
		go io.Copy(io.Discard, watcher)
		run := func(name string, do func(b *testing.B, c *rawClient, i int)) {
			b.Run(fmt.Sprintf("%s/%d", name, messages), func(b *testing.B) {
				c := dial(b)
				c.run(b, "SELECT INBOX", false)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					do(b, c, i)
				}
			})
		}
		run("Store", func(b *testing.B, c *rawClient, i int) {
			c.run(b, fmt.Sprintf("STORE 1 %cFLAGS (\\Flagged)", "+-"[i%2]), false)
		})
		run("UIDFetchFlags", func(b *testing.B, c *rawClient, i int) {
			c.run(b, fmt.Sprintf("UID FETCH %d (FLAGS)", 1+i*7919%messages), false)
		})
		run("Select", func(b *testing.B, c *rawClient, _ int) { c.run(b, "SELECT INBOX", false) })
		run("Resync", func(b *testing.B, c *rawClient, i int) {
			st, op := inbox.Status(), imap.StoreFlagsAdd
			if i/messages%2 == 1 {
				op = imap.StoreFlagsDel
			}
			if _, err := inbox.Store([]imap.UID{imap.UID(1 + i%messages)}, op, []imap.Flag{imap.FlagSeen}); err != nil {
				b.Fatal(err)
			}
			c.run(b, fmt.Sprintf("SELECT INBOX (QRESYNC (%d %d))", st.UIDValidity, st.HighestModSeq), false)
		})
	}
}
