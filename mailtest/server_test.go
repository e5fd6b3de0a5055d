package mailtest_test

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReadMailStaysRead(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t)
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})

	c, err := imapclient.DialInsecure(srv.IMAP.Addr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("alice", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close(); err != nil {
		t.Fatal(err)
	}

	want := []mailtest.Message{{From: "bob@example.org", Subject: "hello", Text: "hi", Flags: []imap.Flag{imap.FlagSeen}}}
	if diff := cmp.Diff(want, alice.Mailbox("INBOX").Messages(), mailtest.IgnoreVolatile()); diff != "" {
		t.Error(diff)
	}
}

func TestTLSWorksFromTheStartAndByUpgrade(t *testing.T) {
	t.Parallel()
	for _, options := range [][]mailtest.Option{nil, {mailtest.InMemory()}} {
		srv := mailtest.New(t, options...)
		srv.AddAccount("alice@example.org", "secret")
		for name, dial := range map[string]func() (*imapclient.Client, error){
			"implicit": func() (*imapclient.Client, error) {
				nc, err := srv.IMAP.DialTLS()
				return imapclient.New(nc, nil), err
			},
			"STARTTLS": func() (*imapclient.Client, error) {
				nc, err := srv.IMAP.Dial()
				if err != nil {
					return nil, err
				}
				return imapclient.NewStartTLS(nc, &imapclient.Options{TLSConfig: srv.TLSConfig()})
			},
		} {
			c, err := dial()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := c.Login("alice@example.org", "secret").Wait(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			c.Close()
		}
		nc, err := srv.POP3.DialTLS()
		if err != nil {
			t.Fatal(err)
		}
		greeting := make([]byte, 3)
		if _, err := io.ReadFull(nc, greeting); err != nil || string(greeting) != "+OK" {
			t.Errorf("POP3 over TLS greets with %q, %v", greeting, err)
		}
		nc.Close()
	}
}

func TestAnAuthorsMistakeFailsTheTestAndNamesIt(t *testing.T) {
	t.Parallel()
	for name, mistake := range map[string]struct {
		make func(testing.TB, *mailtest.Server)
		want string
	}{
		"unknown account": {func(_ testing.TB, s *mailtest.Server) { s.Account("nobody") }, "nobody"},
		"account twice":   {func(_ testing.TB, s *mailtest.Server) { s.AddAccount("Alice@example.org", "x") }, "Alice@example.org"},
		"no mailbox":      {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").Mailbox("Sent") }, "Sent"},
		"mailbox twice":   {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").CreateMailbox("inbox") }, "INBOX"},
		"unknown UID":     {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").Mailbox("INBOX").AddFlags(7, imap.FlagSeen) }, "7"},
		"header injection": {func(_ testing.TB, s *mailtest.Server) {
			s.Account("alice").Deliver(mailtest.Mail{Subject: "a\r\nBcc: b"})
		}, "ubject"},
		"no matching file": {func(_ testing.TB, s *mailtest.Server) {
			s.Account("alice").DeliverFS(os.DirFS("testdata"), "*.nothing")
		}, "*.nothing"},
		"no mbox":         {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").LoadMbox(strings.NewReader("hello\n")) }, "From"},
		"no such message": {func(a testing.TB, s *mailtest.Server) { mailtest.NewIMAPDevice(a, s.Account("alice")).MarkRead("lost") }, "lost"},
		"invalid flag":    {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").DeliverRaw([]byte("x"), `\Bogus`) }, "Bogus"},
		"wrong capability": {func(a testing.TB, s *mailtest.Server) {
			mailtest.New(a, mailtest.WithIMAP(imapfake.WithoutCapabilities("TELEPATHY")))
		}, "TELEPATHY"},
		"no option":             {func(a testing.TB, _ *mailtest.Server) { mailtest.New(a, mailtest.InMemory(), nil) }, "option 2"},
		"no client option":      {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").IMAPClient(nil) }, "option 1 is nil"},
		"no IMAP option":        {func(a testing.TB, _ *mailtest.Server) { mailtest.New(a, mailtest.WithIMAP(nil)) }, "imapfake: an option is nil"},
		"no POP3 option":        {func(a testing.TB, _ *mailtest.Server) { mailtest.New(a, mailtest.WithPOP3(nil)) }, "pop3fake: an option is nil"},
		"no change of TLS":      {func(a testing.TB, _ *mailtest.Server) { mailtest.New(a, mailtest.WithTLS(nil)) }, "WithTLS: there is no function"},
		"no replay option":      {func(a testing.TB, _ *mailtest.Server) { mailtest.Replay(a, "x.log", nil) }, "option 1 is nil"},
		"no file system":        {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").DeliverFS(nil) }, "no file system"},
		"no Maildir":            {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").LoadMaildir(nil) }, "no file system"},
		"no archive":            {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").LoadFile(nil, "a.txtar") }, `"a.txtar": there is no file system`},
		"no reader":             {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").LoadMbox(nil) }, "no reader"},
		"move to nowhere":       {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").Mailbox("INBOX").Move(nil, 1) }, `move from "INBOX": there is no mailbox`},
		"copy to nowhere":       {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").Mailbox("INBOX").Copy(nil, 1) }, `copy from "INBOX": there is no mailbox`},
		"expunge of nothing":    {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").Mailbox("INBOX").Expunge(7) }, "there is no message with UID 7"},
		"condition without Met": {func(_ testing.TB, s *mailtest.Server) { s.Wait(mailtest.Condition{What: "the moon"}) }, "the moon"},
		"delete INBOX":          {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").DeleteMailbox("INBOX") }, "INBOX"},
		"rename to nothing":     {func(_ testing.TB, s *mailtest.Server) { s.Account("alice").RenameMailbox("INBOX", "") }, `""`},
	} {
		a := &author{TB: t}
		a.run(func() {
			srv := mailtest.New(a, mailtest.InMemory())
			srv.AddAccount("alice@example.org", "secret")
			mistake.make(a, srv)
		})
		if !strings.Contains(a.fatal, mistake.want) {
			t.Errorf("%s: failed with %q, which doesn't name %q", name, a.fatal, mistake.want)
		}
	}
}

func TestSocketsInABubbleFailTheTestInsteadOfHangingIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &author{TB: t}
		a.run(func() { mailtest.New(a) })
		if !strings.Contains(a.fatal, "give mailtest.InMemory()") {
			t.Errorf("failed with %q", a.fatal)
		}
	})
}

func TestAFailedTestLogsTheTranscriptOnce(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{true, false} {
		a := &author{TB: t}
		a.run(func() {
			srv := mailtest.New(a)
			alice := srv.AddAccount("alice@example.org", "open sesame")
			alice.Deliver(mailtest.Mail{Subject: "hello"})
			mailtest.NewIMAPDevice(a, alice).Sync()
			a.failed = failed
		})
		log := a.log.String()
		want := 0
		if failed {
			want = 1
		}
		if n := strings.Count(log, "S: * OK [CAPABILITY"); n != want {
			t.Errorf("failed %v: the log has %d greetings, want %d:\n%s", failed, n, want, log)
		}
		if strings.Contains(log, "open sesame") {
			t.Errorf("the log has the password:\n%s", log)
		}
		if failed && !strings.Contains(log, "Subject: hello") {
			t.Errorf("the log lacks the message:\n%s", log)
		}
	}
}

func TestHalfAnHourOfIDLETakesNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		nc, err := srv.IMAP.Dial()
		if err != nil {
			t.Fatal(err)
		}
		exists := make(chan uint32, 1)
		c := imapclient.New(nc, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(data *imapclient.UnilateralDataMailbox) {
				if data.NumMessages != nil {
					exists <- *data.NumMessages
				}
			},
		}})
		defer c.Close()
		if err := c.Login("alice@example.org", "secret").Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		idle, err := c.Idle()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(29 * time.Minute)
		alice.Deliver(mailtest.Mail{Subject: "late"})
		if n := <-exists; n != 1 {
			t.Errorf("EXISTS %d, want 1", n)
		}
		if err := idle.Close(); err != nil {
			t.Error(err)
		}
		if err := idle.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func TestAnEventComesForEveryChange(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	feed := srv.Store.Subscribe()
	defer feed.Close()
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	laptop.Sync()
	var kinds []string
	for len(kinds) < 4 {
		e, err := feed.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, string(e.Kind))
	}
	want := []string{"message added", "maildrop locked", "message expunged", "maildrop unlocked"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
