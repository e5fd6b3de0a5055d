package personality_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/personality"
)

func TestOneSessionTooMany(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		quirk   personality.Quirk
		limit   int
		refusal string
	}{
		{personality.FifteenSessions(), 15, "NO [ALERT] Too many simultaneous connections. (Failure)"},
		{personality.ConnectionLimit(), 10, "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"},
	} {
		f := start(t, personality.Minimal().With(tt.quirk))
		for range tt.limit {
			f.selected()
		}
		f.imap().run("S: * OK…\nC: a LOGIN alice@example.org secret\nS: a " + tt.refusal)
	}
}

func TestAnUnbalancedCommandIsNeverAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, personality.Minimal().With(personality.Unbalanced()))
		w := f.selected()
		began := time.Now()
		w.send("a STATUS INBOX (MESSAGES")
		w.conn.SetReadDeadline(time.Now().Add(29 * time.Minute))
		if line, err := w.in.ReadString('\n'); err == nil {
			t.Errorf("%q came after %v", line, time.Since(began))
		}
		w.conn.SetReadDeadline(time.Time{})
		if line, err := w.in.ReadString('\n'); err != io.EOF || time.Since(began) != 30*time.Minute {
			t.Errorf("%q, %v after %v, want the end after 30 minutes", line, err, time.Since(began))
		}
	})
}

func TestAMessageEndsInABareLF(t *testing.T) {
	t.Parallel()
	w := start(t, personality.Minimal().With(personality.BareLFEnd()), "A: b\n\nc\n").maildrop()
	w.send("RETR 1")
	for _, want := range []string{"+OK 11 octets\r\n", "A: b\r\n", "\r\n", "c\r\n", ".\n"} {
		if got := w.line(); got != want {
			t.Errorf("line %q, want %q", got, want)
		}
	}
}

func TestOfPipelinedCommandsOnlyTheFirstIsAnswered(t *testing.T) {
	t.Parallel()
	w := start(t, personality.Minimal().With(personality.OneCommandOnly())).maildrop()
	w.send("STAT\r\nNOOP\r\nLIST")
	w.run("S: +OK 0 0\nC: CAPA\nS: +OK…\nS: PIPELINING\nS: USER\nS: .")
}

func TestTOPMarksSeen(t *testing.T) {
	t.Parallel()
	f := start(t, personality.Minimal().With(personality.TOPMarksSeen()), "A: b\n\n")
	f.maildrop().run("C: TOP 1 0\nS: +OK…\nS: A: b\nS: ^\nS: .")
	if flags := f.alice.Messages()[0].Flags; len(flags) != 1 || flags[0] != imap.FlagSeen {
		t.Errorf("flags %v", flags)
	}
}

// A UID of all mail is another message's in INBOX.
func TestTOPMarksSeenInTheMaildropThatThereIs(t *testing.T) {
	t.Parallel()
	f := start(t, labels().With(personality.POP3AllMail(), personality.TOPMarksSeen()))
	f.alice.Mailbox("[Gmail]/Sent Mail").DeliverRaw([]byte("A: sent\n\n"))
	f.alice.DeliverRaw([]byte("A: received\n\n"))
	f.maildrop().run("C: TOP 1 0\nS: +OK…\nS: A: sent\nS: ^\nS: .")
	sent, received := f.alice.Mailbox("[Gmail]/Sent Mail").Messages()[0].Flags, f.alice.Messages()[0].Flags
	if !slices.Contains(sent, imap.FlagSeen) || slices.Contains(received, imap.FlagSeen) {
		t.Errorf("flags of what TOP was of: %v; of the other: %v", sent, received)
	}
}

func TestDELEFlags(t *testing.T) {
	t.Parallel()
	f := start(t, personality.Minimal().With(personality.DELEFlags()), "A: b\n\n", "C: d\n\n", "E: f\n\n")
	flagged := func(when string, want ...imap.UID) {
		t.Helper()
		var got []imap.UID
		for _, m := range f.alice.Messages() {
			if slices.Contains(m.Flags, imap.FlagDeleted) {
				got = append(got, m.UID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: \\Deleted is set for %v, want %v", when, got, want)
		}
	}
	w := f.maildrop()
	w.run("C: DELE 2\nS: +OK…")
	flagged("after DELE", 2)
	w.run("C: RSET\nS: +OK…")
	flagged("after RSET")
	w.run("C: DELE 2\nS: +OK…\nC: DELE 7\nS: -ERR…")
	w.conn.Close()
	f.srv.Wait(f.srv.UntilNoSessions())
	flagged("after a dropped connection", 2)
	f.maildrop().run("C: STAT\nS: +OK 3 …\nC: QUIT x\nS: -ERR…\nC: QUIT\nS: +OK…")
	if n := len(f.alice.Messages()); n != 2 {
		t.Errorf("%d messages after the next session's QUIT, want 2", n)
	}
}

func TestMicrosoft365ClosesTheConnectionAtALongToken(t *testing.T) {
	t.Parallel()
	f := start(t, personality.Microsoft365())
	f.alice.AddToken("token", time.Now().Add(time.Hour))
	f.pop3().run("S: +OK The Microsoft Exchange POP3 service is ready…\nC: AUTH XOAUTH2 " + strings.Repeat("dG9r", 400) +
		"\nS: -ERR Protocol error. Connection is closed. 10\nS: CLOSED")
	f.pop3().run("S: +OK…\nC: AUTH XOAUTH2\nS: + \nC: dXNlcj1hbGljZUBleGFtcGxlLm9yZwFhdXRoPUJlYXJlciB0b2tlbgEB\nS: +OK…")
}

func TestAPersonalityIsChangedQuirkByQuirk(t *testing.T) {
	t.Parallel()
	gmail := personality.Gmail()
	trashing := gmail.Without("dele-keeps", "no such quirk").With(personality.DeleteTrashes())
	names := func(quirks []personality.Quirk) (names []string) {
		for _, q := range quirks {
			names = append(names, q.Name)
		}
		return names
	}
	on, off := strings.Join(names(trashing.Quirks), " "), strings.Join(names(trashing.Rare), " ")
	if !strings.Contains(on, "dele-trashes") || strings.Contains(on, "dele-keeps") || strings.Contains(off, "dele-trashes") {
		t.Errorf("on: %s; off: %s", on, off)
	}
	if again := strings.Join(names(gmail.Quirks), " "); !strings.Contains(again, "dele-keeps") || strings.Contains(again, "dele-trashes") {
		t.Errorf("the personality that was changed has %s now", again)
	}
	if n := len(gmail.With(personality.DeleteKeeps()).Quirks); n != len(gmail.Quirks) {
		t.Errorf("a quirk of its own once more: %d quirks", n)
	}
}

func TestNamesAreFoundWhateverTheirCase(t *testing.T) {
	t.Parallel()
	for _, p := range personality.All() {
		if found, err := personality.ByName(strings.ToUpper(p.Name)); err != nil || found.Name != p.Name {
			t.Errorf("ByName: %v, %v", found.Name, err)
		}
	}
	if _, err := personality.ByName("eudora"); err == nil || !strings.Contains(err.Error(), `"eudora", only dovecot, gmail,`) {
		t.Errorf("ByName: %v", err)
	}
	if q, err := personality.QuirkByName("Empty-DELE-reply"); err != nil || q.Protocol() != "POP3" {
		t.Errorf("QuirkByName: %v, %v", q.Name, err)
	}
	if _, err := personality.QuirkByName("y2k"); fmt.Sprint(err) != `personality: no quirk "y2k"` {
		t.Errorf("QuirkByName: %v", err)
	}
}
