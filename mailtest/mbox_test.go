package mailtest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

// shownSeed is a Seed that a failing test prints legibly.
type shownSeed struct {
	Raw          string
	Flags        []imap.Flag
	InternalDate time.Time
}

func shown(seeds []mailtest.Seed) []shownSeed {
	var out []shownSeed
	for _, s := range seeds {
		out = append(out, shownSeed{string(s.Raw), s.Flags, s.InternalDate})
	}
	return out
}

func readMbox(t *testing.T, mbox string) []mailtest.Seed {
	t.Helper()
	seeds, err := mailtest.ReadMbox(strings.NewReader(mbox))
	if err != nil {
		t.Fatal(err)
	}
	return seeds
}

func TestMboxBecomesMessagesAsAnIMAPServerShowsThem(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/inbox.mbox")
	if err != nil {
		t.Fatal(err)
	}
	want := []shownSeed{
		{
			Raw: `Return-Path: <alice@example.org>
Received: from mail.example.org (mail.example.org [192.0.2.7])
	by mx.example.com with ESMTP id 4R2x; Thu,  9 Nov 2023 22:33:51 +0000
Date: Thu, 9 Nov 2023 23:33:50 +0100
From: Alice <alice@example.org>
To: bob@example.com
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <1@example.org>

Dear Bob,

From now on I quote as mboxrd does.
>From was quoted before, so it has two.
> From with a space wasn't, and has its sign from the author.
Is this line, after one without an empty line, of any interest?
From here it is not.

From here neither, as no date follows.

-- 
Alice
`,
			Flags:        []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, "$Forwarded", "work"},
			InternalDate: time.Date(2023, 11, 9, 22, 33, 52, 0, time.UTC),
		}, {
			Raw: `From: Mail Delivery Subsystem <MAILER-DAEMON@example.com>
To: bob@example.com
Subject: Returned mail

This body holds, unquoted:

From nobody Thu Jan  1 00:00:00 1970

Its length is given.
`,
			InternalDate: time.Date(2023, 11, 10, 6, 0, 0, 0, time.UTC),
		}, {
			Raw:          "From: carol@example.org\nSubject: empty\n",
			Flags:        []imap.Flag{imap.FlagDeleted, imap.FlagDraft},
			InternalDate: time.Date(2023, 11, 10, 9, 15, 0, 0, time.UTC),
		},
	}
	if diff := cmp.Diff(want, shown(readMbox(t, string(file)))); diff != "" {
		t.Errorf("with LF: %s", diff)
	}
	for i := range want {
		want[i].Raw = strings.ReplaceAll(want[i].Raw, "\n", "\r\n")
	}
	crlf := strings.ReplaceAll(string(file), "\n", "\r\n")
	crlf = strings.Replace(crlf, "Content-Length: 87", "Content-Length: 92", 1)
	if diff := cmp.Diff(want, shown(readMbox(t, crlf))); diff != "" {
		t.Errorf("with CRLF: %s", diff)
	}
}

func TestMboxFromLineIsOneOnlyWhereItBelongsAndWithADate(t *testing.T) {
	t.Parallel()
	utc := time.Date(2023, 11, 9, 22, 33, 52, 0, time.UTC)
	for line, want := range map[string]time.Time{
		"From a Thu Nov  9 22:33:52 2023":                        utc,
		"From a@b.c  Thu Nov 09 22:33:52 2023 +0100":             utc.Add(-time.Hour),
		"From a Thu Nov  9 22:33:52 -0530 2023":                  utc.Add(5*time.Hour + 30*time.Minute),
		"From a Thu Nov  9 22:33 2023":                           utc.Add(-52 * time.Second),
		"From a Thu Nov  9 22:33:52 PST 2023":                    utc,
		"From a Thu, 9 Nov 2023 22:33:52 +0100":                  utc.Add(-time.Hour),
		"From a Thu Nov  9 22:33:52 2023 remote from b":          utc,
		"From \"a b\"@c Thu Nov  9 22:33:52 2023":                utc,
		"From Ann (at home) Thu Nov  9 22:33:52 2023":            utc,
		"From - Thu Nov  9 22:33:52 2023":                        utc,
		"From ":                                                  time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), // of the Date field
		"From a Thu Nov 31 22:33:52 2023":                        {},
		"From a Thu Nov  9 2023":                                 {},
		"From here on, all is text.":                             {},
		"From":                                                   {},
		"from a Thu Nov  9 22:33:52 2023":                        {},
		" From a Thu Nov  9 22:33:52 2023":                       {},
		"From a Thu Nov  9 22:33:52 23":                          {},
		"From:a Thu Nov  9 22:33:52 2023":                        {},
		"From a Thursday Nov  9 22:33:52 2023":                   {},
		"From a Thu Nov  9 24:33:52 2023 From b Mon Jan  1 2023": {},
	} {
		text := "From x Thu Jan  1 00:00:00 1970\n\nbody\n\n" + line + "\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nbody\n"
		seeds := readMbox(t, text)
		switch {
		case want.IsZero() && len(seeds) != 1:
			t.Errorf("%q is taken for the beginning of a message", line)
		case !want.IsZero() && (len(seeds) != 2 || !seeds[1].InternalDate.Equal(want)):
			t.Errorf("%q begins %d messages, of %v; want one, of %v", line, len(seeds)-1, seeds[len(seeds)-1].InternalDate, want)
		}
		if seeds := readMbox(t, strings.Replace(text, "body\n\n", "body\n", 1)); len(seeds) != 1 {
			t.Errorf("%q is taken for the beginning of a message without an empty line before", line)
		}
	}
}

func TestMboxContentLengthCountsOnlyIfAMessageEndsThere(t *testing.T) {
	t.Parallel()
	const from = "From x Thu Jan  1 00:00:00 1970\n"
	for length, want := range map[string][]string{
		"5":                    {"\nbody\n", "\nbody\n"},
		"6":                    {"\nbody\n", "\nbody\n"}, // leads into a From_ line
		"0":                    {"\nbody\n", "\nbody\n"},
		"44":                   {"\nbody\n\n" + from + "\nbody\n"}, // exactly to the end of the file
		"45":                   {"\nbody\n", "\nbody\n"},
		"-1":                   {"\nbody\n", "\nbody\n"},
		"x":                    {"\nbody\n", "\nbody\n"},
		"99999999999999999999": {"\nbody\n", "\nbody\n"},
	} {
		var got []string
		for _, seed := range readMbox(t, from+"Content-Length: "+length+"\n\nbody\n\n"+from+"\nbody\n") {
			got = append(got, string(seed.Raw))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Content-Length %s: %s", length, diff)
		}
	}
}

func TestMboxContentLengthIntoALineBeforeAFromLineIsWrong(t *testing.T) {
	t.Parallel()
	const from = "From x Thu Jan  1 00:00:00 1970\n"
	mbox := from + "Content-Length: 3\n\nab\nx\n" + from
	want := []shownSeed{{Raw: "\nab\nx\n" + from, InternalDate: time.Unix(0, 0)}}
	if diff := cmp.Diff(want, shown(readMbox(t, mbox))); diff != "" {
		t.Error(diff)
	}
}

func TestMboxStatusLettersAreFlags(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][]imap.Flag{
		"Status: R":                       {imap.FlagSeen},
		"status: OR":                      {imap.FlagSeen},
		"Status: O":                       nil,
		"Status: A":                       nil,
		"X-Status: A":                     {imap.FlagAnswered},
		"X-Status: F":                     {imap.FlagFlagged},
		"X-Status: D":                     {imap.FlagDeleted},
		"X-Status: T":                     {imap.FlagDraft},
		"X-Status: R":                     nil,
		"X-Keywords: a $b\n\tc\nX-UID: 1": {"a", "$b", "c"},
		"X-Keywords: a\nX-Keywords: b a":  {"a", "b"},
	} {
		seeds := readMbox(t, "From x Thu Jan  1 00:00:00 1970\n"+field+"\nSubject: s\n")
		if diff := cmp.Diff([]shownSeed{{"Subject: s\n", want, time.Unix(0, 0)}}, shown(seeds)); diff != "" {
			t.Errorf("%q: %s", field, diff)
		}
	}
}

func TestMboxDataOfAServerIsNoMessage(t *testing.T) {
	t.Parallel()
	const from = "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"
	seeds := readMbox(t, from+"X-IMAP: 1 2\n\ninternal\n\n"+from+"Subject: a\nX-IMAP: 1\n 2\n\nb\n\n")
	want := []shownSeed{{Raw: "Subject: a\n\nb\n", InternalDate: time.Unix(0, 0)}}
	if diff := cmp.Diff(want, shown(seeds)); diff != "" {
		t.Error(diff)
	}
}

func TestMboxOfNothingHasNoMessages(t *testing.T) {
	t.Parallel()
	for _, mbox := range []string{"", "\n", "\r\n\r\n"} {
		if seeds := readMbox(t, mbox); seeds != nil {
			t.Errorf("%q has %d messages", mbox, len(seeds))
		}
	}
}

func TestFileThatIsNoMboxIsRefusedByLine(t *testing.T) {
	t.Parallel()
	_, err := mailtest.ReadMbox(strings.NewReader("\n\nSubject: a\n\nFrom x Thu Jan  1 00:00:00 1970\n"))
	if err == nil || !strings.Contains(err.Error(), `line 3: "Subject: a\n"`) {
		t.Errorf("got %v", err)
	}
	broken := errors.New("disk on fire")
	_, err = mailtest.ReadMbox(io.MultiReader(strings.NewReader("From "), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// mboxrd writes messages as an mboxrd file.
func mboxrd(seeds []mailtest.Seed) []byte {
	var out bytes.Buffer
	for _, seed := range seeds {
		out.WriteString("From x Thu Jan  1 00:00:00 1970\n")
		for line := range bytes.Lines(seed.Raw) {
			if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
				out.WriteByte('>')
			}
			out.Write(line)
		}
		if out.WriteByte('\n'); len(seed.Raw) > 0 && !bytes.HasSuffix(seed.Raw, []byte("\n")) {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

func FuzzReadMbox(f *testing.F) {
	const from = "From x Thu Jan  1 00:00:00 1970\n"
	file, err := os.ReadFile("testdata/inbox.mbox")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(file))
	f.Add(from + "Status: RO\n D\r\nX-Keywords: a b\n\n>From \n>>From x\n\n" + from + "\n\n\n" + from)
	f.Add(from + ">From \n")
	f.Add(from + "Content-Length: 3\nContent-Length: 9\n\nab\n\n" + from + "Content-Length: 0\n\n")
	f.Add("\r\n" + strings.ReplaceAll(from, "\n", "\r\n") + "X-IMAP: 1\n :\n\r\nFrom \na\r\n\nFrom \nb")
	f.Fuzz(func(t *testing.T, mbox string) {
		seeds, err := mailtest.ReadMbox(strings.NewReader(mbox))
		if err != nil {
			return
		}
		// What was read and is written as mboxrd must read the same.
		again := readMbox(t, string(mboxrd(seeds)))
		if len(again) != len(seeds) {
			t.Fatalf("%d messages become %d", len(seeds), len(again))
		}
		octets := 0
		for i, seed := range seeds {
			octets += len(seed.Raw)
			got := bytes.TrimSuffix(again[i].Raw, []byte("\n"))
			if want := bytes.TrimSuffix(seed.Raw, []byte("\n")); !bytes.Equal(got, want) {
				t.Errorf("message %d: %q becomes %q", i, want, got)
			}
		}
		if octets > len(mbox) {
			t.Errorf("%d octets of messages from a file of %d", octets, len(mbox))
		}
	})
}
