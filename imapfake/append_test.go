package imapfake_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestAppendStoresOctetsFlagsAndDate(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	octets := "a: b\n\n\x01\xff\r.\r\n"
	send := func(arguments, want string) {
		t.Helper()
		c.run(fmt.Sprintf("APPEND %s {%d+}\r\n%s", arguments, len(octets), octets), want)
	}
	send(`inbox (\SEEN $work \seen) "29-Feb-2024 12:30:00 +0130"`, "T OK [APPENDUID 1 1] APPEND completed")
	send(`INBOX " 1-jan-1970 00:00:00 -0000"`, "T OK [APPENDUID 1 2] APPEND completed")
	send(`INBOX ()`, "T OK [APPENDUID 1 3] APPEND completed")
	send(`"INBOX" ($WORK)`, "T OK [APPENDUID 1 4] APPEND completed")
	type stored struct {
		Flags []imap.Flag
		Date  string
	}
	var got []stored
	for _, m := range f.inbox.Messages().All() {
		if !bytes.Equal(m.Raw(), []byte(octets)) {
			t.Errorf("stored %q", m.Raw())
		}
		s := stored{Flags: m.Flags}
		if m.UID <= 2 {
			s.Date = m.InternalDate.Format("2006-01-02T15:04:05 -0700")
		}
		got = append(got, s)
	}
	want := []stored{
		{[]imap.Flag{imap.FlagSeen, "$work"}, "2024-02-29T12:30:00 +0130"},
		{nil, "1970-01-01T00:00:00 +0000"},
		{nil, ""},
		{[]imap.Flag{"$work"}, ""}, // as it was spelled first
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestAppendRefusesWhatIsNoFlagOrDate(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	for arguments, why := range map[string]string{
		`(\Recent)`:                     `APPEND: a client can't set \Recent (RFC 3501 2.3.2)`,
		`(\Frob)`:                       `append to…`,
		`(\*)`:                          `APPEND: expected an atom, found "*) {4+}" (RFC 3501 9)`,
		`(a b`:                          `APPEND: expected an atom, found "{4+}" (RFC 3501 9)`,
		`( a)`:                          `APPEND: expected an atom, found " a) {4+}" (RFC 3501 9)`,
		`(a(b))`:                        `APPEND: expected a space…`,
		`\Seen`:                         `APPEND: expected "{", found "\\Seen {4+}" (RFC 3501 9)`,
		`() ()`:                         `APPEND: expected "{", found "() {4+}" (RFC 3501 9)`,
		`"29-Feb-2023 12:30:00 +0100"`:  `APPEND: "29-Feb-2023 12:30:00 +0100" is no date and time such as " 7-Jul-1996 02:44:25 -0700" (RFC 3501 9)`,
		`"9-Feb-2024 12:30:00 +0100"`:   `APPEND: "9-Feb…`,
		`" 9-Feb-2024 2:30:00.0 +0100"`: `APPEND: " 9-Feb…`,
		`"9-Feb-2024 2:30:00.0 +0100"`:  `APPEND: "9-Feb…`,
		`"09-Feb-2024 12:30:60 +0100"`:  `APPEND: "09-Feb…`,
		`"09-Feb-2024 24:30:00 +0100"`:  `APPEND: "09-Feb…`,
		`"09-Feb-2024 12:30:00 +01000"`: `APPEND: "09-Feb…`,
		`"09-Feb-2024 12:30:00 CET"`:    `APPEND: "09-Feb…`,
		`"09-Feb-24 12:30:00 +0100  "`:  `APPEND: "09-Feb…`,
		`""`:                            `APPEND: "" is no date…`,
	} {
		c.run("APPEND INBOX "+arguments+" {4+}\r\na: b", "T BAD "+why)
	}
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestAppendOverQuotaStoresNothing(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.alice.SetQuota(mailstore.Quota{Octets: 6})
	c := f.login()
	c.run("APPEND INBOX {4+}\r\na: b", "T OK…")
	c.run("APPEND INBOX {4+}\r\na: b", `T NO [OVERQUOTA] append to "alice@example.org": quota exceeded`)
}

func TestAppendToTheSelectedMailboxIsAnnouncedAtOnce(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).selected()
	c.run("APPEND INBOX (\\Seen) {4+}\r\na: b", "* 1 EXISTS", "* 1 RECENT", "T OK [APPENDUID 1 1] APPEND completed")
	c.run("FETCH 1 (UID FLAGS RFC822.SIZE)", `* 1 FETCH (UID 1 FLAGS (\Seen \Recent) RFC822.SIZE 4)`, "T OK FETCH completed")
}
