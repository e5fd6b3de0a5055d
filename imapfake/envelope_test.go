package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// fetchItem fetches one item of message n and returns its value as it came.
func (c *client) fetchItem(n, item string) string {
	c.t.Helper()
	c.send("T FETCH " + n + " " + item)
	response, err := readResponse(c.r)
	if err != nil {
		c.t.Fatal(err)
	}
	if done := c.line(); done != "T OK FETCH completed" {
		c.t.Fatalf("FETCH %s %s: %s, then %s", n, item, response, done)
	}
	return strings.TrimSuffix(strings.TrimPrefix(response, "* "+n+" FETCH ("+item+" "), ")\r\n")
}

func TestFetchEnvelope(t *testing.T) {
	t.Parallel()
	const a = `((NIL NIL "a" "x.org"))`
	for _, test := range []struct{ name, header, want string }{
		{"every field", `Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
From: Terry Gray <gray@cac.example>
Subject: IMAP4rev1
Sender: s@x.org
Reply-To: "R. T." <r@x.org>, r2@x.org
To: imap@cac.example
Cc: minutes@x.org, John Klensin <k@mit.example>
Bcc: secret@x.org
In-Reply-To: <0@x.org>
Message-ID: <1@x.org>
References: <0@x.org>
`, `("Mon, 7 Feb 1994 21:52:25 -0800 (PST)" "IMAP4rev1" (("Terry Gray" NIL "gray" "cac.example")) ((NIL NIL "s" "x.org"))` +
			` (("R. T." NIL "r" "x.org")(NIL NIL "r2" "x.org")) ((NIL NIL "imap" "cac.example"))` +
			` ((NIL NIL "minutes" "x.org")("John Klensin" NIL "k" "mit.example")) ((NIL NIL "secret" "x.org")) "<0@x.org>" "<1@x.org>")`},
		{"nothing", "X-Other: a\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
		// RFC 3501 §7.4.2: absent is NIL, empty is "", and of addresses both are NIL.
		{"empty", "Subject:\nDate: \nFrom:\nSender:\nReply-To:\nTo:\nIn-Reply-To:\nMessage-ID:\n", `("" "" NIL NIL NIL NIL NIL NIL "" "")`},
		{"Sender and Reply-To default to From", "From: a@x.org\nSender:\n", "(NIL NIL " + a + " " + a + " " + a + " NIL NIL NIL NIL NIL)"},
		{"without From", "Sender: a@x.org\n", "(NIL NIL NIL " + a + " NIL NIL NIL NIL NIL NIL)"},
		{"names in any case", "SUBJECT: s\nfRoM: a@x.org\nmessage-id: <i>\n", `(NIL "s" ` + a + " " + a + " " + a + ` NIL NIL NIL NIL "<i>")`},
		{"groups", "To: Friends: a@x.org, \"B b\" <b@x.org>;, undisclosed-recipients:;\n",
			`(NIL NIL NIL NIL NIL ((NIL NIL "Friends" NIL)(NIL NIL "a" "x.org")("B b" NIL "b" "x.org")(NIL NIL NIL NIL)` +
				`(NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)`},
		{"twice", "Subject: 1\nSubject: 2\nTo: a@x.org\nTo: b@x.org\nCc:\nCc: c@x.org\n",
			`(NIL "2" NIL NIL NIL ((NIL NIL "a" "x.org")(NIL NIL "b" "x.org")) ((NIL NIL "c" "x.org")) NIL NIL NIL)`},
		{"encoded words are kept", "Subject: =?utf-8?q?=C3=A9?= x\nTo: =?utf-8?b?w6k=?= <a@x.org>\n",
			`(NIL "=?utf-8?q?=C3=A9?= x" NIL NIL NIL (("=?utf-8?b?w6k=?=" NIL "a" "x.org")) NIL NIL NIL NIL)`},
		{"octets that a quoted string can't hold", "Subject: caf\xe9\nTo: \"\xc3\xa9\" <a@x.org>\n",
			"(NIL {4}\r\ncaf\xe9 NIL NIL NIL (({2}\r\n\xc3\xa9 NIL \"a\" \"x.org\")) NIL NIL NIL NIL)"},
		{"quotes and backslashes", `Subject: say "hi" \o/` + "\n" + `To: "B \"b\" \\ c" <"d e"@x.org>` + "\n",
			`(NIL "say \"hi\" \\o/" NIL NIL NIL (("B \"b\" \\ c" NIL "d e" "x.org")) NIL NIL NIL NIL)`},
		{"folded", "Subject: one\n two\n\tthree\nTo: a\n\t<a@x.org>,\n b@x.org\n",
			`(NIL "one two three" NIL NIL NIL (("a" NIL "a" "x.org")(NIL NIL "b" "x.org")) NIL NIL NIL NIL)`},
		{"comments and routes", "To: a@x.org (A. A.), <@r1,@r2:b@x.org>\n",
			`(NIL NIL NIL NIL NIL (("A. A." NIL "a" "x.org")(NIL "@r1,@r2" "b" "x.org")) NIL NIL NIL NIL)`},
		{"long", "Subject: " + strings.Repeat("x", 5000) + "\n",
			"(NIL {5000}\r\n" + strings.Repeat("x", 5000) + " NIL NIL NIL NIL NIL NIL NIL NIL)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.deliver(crlf(test.header) + "\r\nSubject: not of the header\r\n")
			if got := f.selected().fetchItem("1", "ENVELOPE"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// The client of another project must understand what is sent of messages however
// broken.
func TestGoIMAPReadsEnvelopesAndStructures(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, nested, "", "A", "\r\n\r\n", "Subject: \x80\xff\"\\\r\nTo: ,<>@:;(\r\n\r\n",
		"Content-Type: multipart/mixed; boundary=a; x=\"\x80\"; y=\r\n\r\n",
		"Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n--a\r\n\r\nA: b\r\n\r\nc\r\n--a--",
		"Content-Type: message/rfc822\r\nContent-Language: a, b\r\nContent-Disposition: inline; a=\"\\\"\"\r\nContent-MD5: m\r\n\r\n",
		strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 200),
		strings.Repeat("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", 200),
		"To: "+strings.Repeat("a@b, ", 20_000)+"\r\n\r\n", "Content-Type: TEXT/x; "+strings.Repeat("a=b; ", 5000)+"\r\n\r\n")
	conn, err := f.listener.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	defer c.Close()
	if err := c.Login("alice@example.org", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	all := imap.SeqSetNum()
	all.AddRange(1, 0)
	got, err := c.Fetch(all, &imap.FetchOptions{Envelope: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	if want := int(f.inbox.Messages().Len()); len(got) != want {
		t.Fatalf("%d of %d messages", len(got), want)
	}
	if s := got[0].Envelope.Subject; s != "hello" {
		t.Errorf("subject %q", s)
	}
	if n := len(got[11].Envelope.To); n != 20_000 {
		t.Errorf("%d addresses", n)
	}
	if outer, ok := got[1].BodyStructure.(*imap.BodyStructureMultiPart); !ok || len(outer.Children) != 4 {
		t.Errorf("structure %v", got[1].BodyStructure)
	}
}
