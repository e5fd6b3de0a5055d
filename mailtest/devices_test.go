package mailtest_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

// household has alice's mail on devices of both kinds.
func household(t *testing.T, subjects ...string) *mailtest.Account {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	for _, s := range subjects {
		alice.Deliver(mailtest.Mail{Subject: s, Text: s + " text"})
	}
	return alice
}

// subjects returns the messages' subjects, those read in parentheses.
func subjects(messages []mailtest.Message) string {
	var out []string
	for _, m := range messages {
		s := m.Subject
		for _, f := range m.Flags {
			if f == imap.FlagSeen {
				s = "(" + s + ")"
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func wantMail(t *testing.T, where string, messages []mailtest.Message, want string) {
	t.Helper()
	if diff := cmp.Diff(want, subjects(messages)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", where, diff)
	}
}

func TestIMAPDevicesShareWhatIsOnTheServer(t *testing.T) {
	t.Parallel()
	alice := household(t, "one", "two", "three")
	phone, laptop := mailtest.NewIMAPDevice(t, alice), mailtest.NewIMAPDevice(t, alice)
	phone.Sync()
	laptop.Sync()
	phone.MarkRead("one")
	phone.Delete("two")
	wantMail(t, "the server", alice.Messages(), "(one) three")
	wantMail(t, "the laptop before it syncs", laptop.Messages(), "one two three")
	laptop.Sync()
	wantMail(t, "the laptop", laptop.Messages(), "(one) three")
	phone.GoOffline()
	wantMail(t, "the phone without a connection", phone.Messages(), "")
	alice.Deliver(mailtest.Mail{Subject: "four"})
	phone.GoOnline()
	phone.Sync()
	wantMail(t, "the phone again", phone.Messages(), "(one) three four")
}

func TestAPOP3DeviceThatKeepsDownloadsEachMessageOnce(t *testing.T) {
	t.Parallel()
	alice := household(t, "one", "two")
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
	laptop.Sync()
	laptop.MarkRead("one")
	laptop.Delete("two")
	wantMail(t, "the laptop", laptop.Messages(), "(one)")
	wantMail(t, "the server, where nothing flows back", alice.Messages(), "one two")
	alice.Deliver(mailtest.Mail{Subject: "three"})
	laptop.Sync()
	wantMail(t, "the laptop", laptop.Messages(), "(one) three")
}

func TestAPOP3DeviceThatDeletesLeavesNothing(t *testing.T) {
	t.Parallel()
	alice := household(t, "one", "two")
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	phone := mailtest.NewIMAPDevice(t, alice)
	laptop.Sync()
	phone.Sync()
	laptop.GoOffline()
	wantMail(t, "the laptop without a connection", laptop.Messages(), "one two")
	wantMail(t, "the phone", phone.Messages(), "")
	if octets, messages := alice.Usage(); octets != 0 || messages != 0 {
		t.Errorf("%d octets in %d messages are left on the server", octets, messages)
	}
}

func TestADeviceHasTheOctetsThatWereDelivered(t *testing.T) {
	t.Parallel()
	alice := household(t)
	raw := "Subject: dots\r\n\r\n.\r\n..two\r\n.three\r\n"
	alice.DeliverVerbatim([]byte(raw))
	phone := mailtest.NewIMAPDevice(t, alice)
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	phone.Sync()
	laptop.Sync()
	for where, messages := range map[string][]mailtest.Message{"IMAP": phone.Messages(), "POP3": laptop.Messages()} {
		if messages[0].Raw != raw {
			t.Errorf("%s: %q, want %q", where, messages[0].Raw, raw)
		}
	}
}
