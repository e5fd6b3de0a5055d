package pop3import_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/pop3import"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// maildrop is an importer of alice's mail that remembers the subjects that it imported.
type maildrop struct {
	*pop3import.Importer
	srv      *mailtest.Server
	alice    *mailtest.Account
	imported []string
}

func newMaildrop(t *testing.T, options ...mailtest.Option) *maildrop {
	t.Helper()
	srv := mailtest.New(t, append(options, mailtest.InMemory())...)
	m := &maildrop{srv: srv, alice: srv.AddAccount("alice@example.org", "secret")}
	for _, s := range []string{"first", "second", "third"} {
		m.alice.Deliver(mailtest.Mail{Subject: s, Text: "hi"})
	}
	m.Importer = &pop3import.Importer{
		Dial: srv.POP3.Dial, User: "alice@example.org", Password: "secret",
		Import: func(raw []byte) error {
			m.imported = append(m.imported, mailtest.ParseMessage(raw).Subject)
			return nil
		},
	}
	return m
}

func (m *maildrop) run(t *testing.T) {
	t.Helper()
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
}

func (m *maildrop) want(t *testing.T, subjects ...string) {
	t.Helper()
	if diff := cmp.Diff(subjects, m.imported); diff != "" {
		t.Errorf("imported (-want +got):\n%s", diff)
	}
}

func TestMailThatStaysOnTheServerIsImportedOnce(t *testing.T) {
	t.Parallel()
	m := newMaildrop(t)
	m.run(t)
	m.alice.Deliver(mailtest.Mail{Subject: "fourth"})
	m.run(t)
	m.want(t, "first", "second", "third", "fourth")
	m.alice.WantOverPOP3("first", "second", "third", "fourth")
}

func TestImportedMailIsDeletedAndWhatFailedIsKept(t *testing.T) {
	t.Parallel()
	m := newMaildrop(t)
	m.Delete = true
	full := errors.New("disk full")
	importMail := m.Import
	m.Import = func(raw []byte) error {
		if mailtest.ParseMessage(raw).Subject == "second" {
			return full
		}
		return importMail(raw)
	}
	if err := m.Run(); !errors.Is(err, full) {
		t.Errorf("Run() = %v, want %v", err, full)
	}
	m.alice.WantOverPOP3("second")

	m.Import = importMail
	m.run(t)
	m.want(t, "first", "third", "second")
	m.alice.WantOverPOP3()
}

// The connection breaks at each command in turn. What DELE has marked comes back then, since
// only QUIT deletes.
func TestNothingIsImportedTwiceWhereverTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	for nth := 1; ; nth++ {
		m := newMaildrop(t)
		m.Delete = true
		broken := m.srv.POP3.Inject(mailwire.On("*").Nth(nth).Close())
		err := m.Run()
		if broken.Fired() == 0 {
			return
		}
		if err == nil {
			t.Errorf("broken at command %d: Run() = nil", nth)
		}
		m.run(t)
		m.want(t, "first", "second", "third")
		m.alice.WantOverPOP3()
	}
}

func TestAMaildropInUseIsReported(t *testing.T) {
	t.Parallel()
	m := newMaildrop(t)
	unlock := m.alice.LockMaildrop()
	if err := m.Run(); err == nil || !strings.Contains(err.Error(), "[IN-USE]") {
		t.Errorf("Run() = %v, want [IN-USE]", err)
	}
	unlock()
	m.run(t)
	m.want(t, "first", "second", "third")
}

// Servers that make it hard, each in its way.
func TestNothingIsImportedTwiceAtServersWithPoorUniqueIDs(t *testing.T) {
	t.Parallel()
	minimal := personality.Minimal
	for name, p := range map[string]personality.Personality{
		"none":                     minimal().With(personality.NoUIDL()),
		"one for several messages": minimal().With(personality.DuplicateUIDL()),
		"not announced":            personality.AOL(),
		"long ones":                personality.Comcast(),
		"shown once":               personality.Gmail(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMaildrop(t, mailtest.WithPersonality(p))
			m.run(t)
			m.run(t)
			m.want(t, "first", "second", "third")
		})
	}
}
