// Package bothprotocols has two applications at work on one account, as it happens when
// nobody remembers that the other was set up: the poller of examples/poller over IMAP, and the
// importer of examples/pop3import over POP3, which deletes what it has imported.
package bothprotocols

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/poller"
	"example.org/mailfakes/examples/pop3import"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// office is an account and the applications that are at it.
type office struct {
	alice             *mailtest.Account
	srv               *mailtest.Server
	poller            *poller.Poller
	importer          *pop3import.Importer
	handled, imported []string
}

func newOffice(t *testing.T, subjects ...string) *office {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory())
	o := &office{srv: srv, alice: srv.AddAccount("alice@example.org", "secret")}
	for _, s := range subjects {
		o.alice.Deliver(mailtest.Mail{Subject: s, Text: "hi"})
	}
	remember := func(list *[]string) func([]byte) error {
		return func(raw []byte) error {
			*list = append(*list, mailtest.ParseMessage(raw).Subject)
			return nil
		}
	}
	o.poller = &poller.Poller{
		Dial: srv.IMAP.Dial, User: "alice@example.org", Password: "secret", Handle: remember(&o.handled),
	}
	o.importer = &pop3import.Importer{
		Dial: srv.POP3.Dial, User: "alice@example.org", Password: "secret", Import: remember(&o.imported), Delete: true,
	}
	return o
}

func (o *office) poll(t *testing.T) {
	t.Helper()
	if err := o.poller.Poll(); err != nil {
		t.Error(err)
	}
}

func (o *office) runImporter(t *testing.T) {
	t.Helper()
	if err := o.importer.Run(); err != nil {
		t.Error(err)
	}
}

func wantSubjects(t *testing.T, who string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the %s has had (-want +got):\n%s", who, diff)
	}
}

func TestWhoComesFirstOverIMAPLeavesTheMailForPOP3(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "order", "invoice")
	o.poll(t)
	o.runImporter(t)
	wantSubjects(t, "poller", o.handled, "order", "invoice")
	wantSubjects(t, "importer", o.imported, "order", "invoice")
}

func TestWhoComesFirstOverPOP3LeavesNothingForIMAP(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "order", "invoice")
	o.runImporter(t)
	o.poll(t)
	wantSubjects(t, "importer", o.imported, "order", "invoice")
	wantSubjects(t, "poller", o.handled)
	o.alice.WantGone("order")
}

func TestReadingOverPOP3LeavesMailUnreadOverIMAP(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "order", "invoice")
	o.importer.Delete = false
	o.runImporter(t)
	o.poll(t)
	wantSubjects(t, "poller", o.handled, "order", "invoice")
}

// POP3's session is frozen from login to QUIT: the poller has time until then, and no message
// is lost for both.
func TestMailIsThereForIMAPUntilTheImporterQuits(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "order", "invoice")
	quit := o.srv.POP3.Hold("QUIT")
	done := make(chan error)
	go func() { done <- o.importer.Run() }()
	if err := quit.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.alice.WantOverIMAP("INBOX", "order", "invoice")
	o.poll(t)
	o.alice.Deliver(mailtest.Mail{Subject: "reminder"}) // which the session doesn't know

	quit.Release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	wantSubjects(t, "poller", o.handled, "order", "invoice")
	wantSubjects(t, "importer", o.imported, "order", "invoice")
	o.alice.WantOverIMAP("INBOX", "reminder")
}

// A person deletes a message over IMAP while the importer is on its way to it.
func TestMailThatIMAPTakesFromUnderTheImporterIsReported(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "order", "invoice", "reminder")
	retr := o.srv.POP3.Inject(mailwire.On("RETR").Nth(2).Hold())
	done := make(chan error)
	go func() { done <- o.importer.Run() }()
	if err := retr.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	phone := mailtest.NewIMAPDevice(t, o.alice)
	phone.Sync()
	phone.Delete("invoice")

	retr.Release()
	if err := <-done; err == nil {
		t.Error("Run() = nil with a message that is gone")
	}
	wantSubjects(t, "importer", o.imported, "order", "reminder")
	o.alice.WantOverPOP3()
}
