package mailtest_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

var newYear = time.Date(2024, 1, 1, 12, 30, 0, 0, time.FixedZone("", 3600))

// built returns the mail's octets after checking what every message must be.
func built(t *testing.T, m mailtest.Mail) []byte {
	t.Helper()
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	header := true
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		limit := 998
		if header = header && line != ""; header && strings.Contains(line, "=?") {
			limit = 76
		}
		if len(line) > limit || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d octets, or with a bare CR or LF: %.120q", len(line), line)
		}
	}
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Errorf("the message doesn't end in CRLF")
	}
	return raw
}

func parsed(t *testing.T, raw []byte) *message.Entity {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return e
}

func decoded(t *testing.T, e *message.Entity) string {
	t.Helper()
	body, err := io.ReadAll(e.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestMailOfNothingIsAMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := built(t, mailtest.Mail{})
		h := mail.Header{Header: parsed(t, raw).Header}
		if date, err := h.Date(); err != nil || !date.Equal(time.Now()) {
			t.Errorf("Date is %v, %v", date, err)
		}
		if from := h.Get("From"); from != "sender@example.org" {
			t.Errorf("From is %q", from)
		}
		if id, err := h.MessageID(); err != nil || !strings.HasSuffix(id, "@example.org") {
			t.Errorf("Message-ID is %q, %v", id, err)
		}
		if h.Has("Subject") || h.Has("To") {
			t.Errorf("fields that nobody gave in\n%s", raw)
		}
		if !bytes.HasSuffix(raw, []byte("\r\n\r\n")) {
			t.Errorf("a body that nobody gave in\n%s", raw)
		}
	})
}

func TestMailTextComesBackAsWritten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long line ", 300)
	for name, c := range map[string]struct{ text, want, encoding string }{
		"no line end":         {"hi", "hi\r\n", "7bit"},
		"bare LF":             {"a\n\nb\n", "a\r\n\r\nb\r\n", "7bit"},
		"CRLF":                {"a\r\nb\r\n", "a\r\nb\r\n", "7bit"},
		"bare CR":             {"a\rb\r", "a\r\nb\r\n", "7bit"},
		"dots and From_":      {".\n..\n.x\nFrom me\n>From\n", ".\r\n..\r\n.x\r\nFrom me\r\n>From\r\n", "7bit"},
		"blanks at line ends": {"a \n-- \n\t\n", "a \r\n-- \r\n\t\r\n", "7bit"},
		"line of 998":         {strings.Repeat("x", 998), strings.Repeat("x", 998) + "\r\n", "7bit"},
		"line of 999":         {strings.Repeat("x", 999), strings.Repeat("x", 999) + "\r\n", "quoted-printable"},
		"long lines":          {long + "\n" + long, long + "\r\n" + long + "\r\n", "quoted-printable"},
		"German":              {"Schöne Grüße aus der Stadt \n= gleich\n", "Schöne Grüße aus der Stadt \r\n= gleich\r\n", "quoted-printable"},
		"Japanese":            {strings.Repeat("お知らせ", 100), strings.Repeat("お知らせ", 100) + "\r\n", "base64"},
		"boundary look-alike": {"--=_1_x\n--=_1_x--\n", "--=_1_x\r\n--=_1_x--\r\n", "7bit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone := parsed(t, built(t, mailtest.Mail{Text: c.text}))
			if got := alone.Header.Get("Content-Transfer-Encoding"); got != c.encoding {
				t.Errorf("encoding is %s, want %s", got, c.encoding)
			}
			if diff := cmp.Diff(c.want, decoded(t, alone)); diff != "" {
				t.Error(diff)
			}
			both := mailtest.Mail{Text: c.text, HTML: "<p>" + c.text}
			parts := parsed(t, built(t, both)).MultipartReader()
			first, err := parts.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, decoded(t, first)); diff != "" {
				t.Error("in a multipart:", diff)
			}
		})
	}
}

func TestMailSubjectComesBackAsWritten(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"hello",
		" two  spaces, and one at each end ",
		"tab\there",
		strings.Repeat("two  spaces ", 20) + "!",
		strings.Repeat("a\ttab ", 20) + "!",
		"=?utf-8?q?not_an_encoded_word?=",
		"Grüße",
		strings.Repeat("Straße und Wörter ", 20) + "!",
		strings.Repeat("お知らせ", 40),
		"😀",
		"\x1b[1mbold",
		strings.Repeat("plain words ", 30) + "!",
		strings.Repeat("w", 900),
	} {
		raw := built(t, mailtest.Mail{Subject: subject})
		if bytes.Contains(raw, []byte("Subject:\r\n")) {
			t.Errorf("subject %q begins on a line of its own", subject)
		}
		h := mail.Header{Header: parsed(t, raw).Header}
		if got, err := h.Subject(); got != subject || err != nil {
			t.Errorf("subject %q comes back as %q, %v", subject, got, err)
		}
	}
}

func TestMailAddressesStayAsWrittenUnlessTheyNeedEncoding(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"bob@example.org":                          "bob@example.org",
		"Bob <bob@example.org>, carol@[192.0.2.1]": "Bob <bob@example.org>, carol@[192.0.2.1]",
		"undisclosed-recipients:;":                 "undisclosed-recipients:;",
		"Team: a@example.org, b@example.org;":      "Team: a@example.org, b@example.org;",
		`"Doe, Jane" <jane@example.org> (at home)`: `"Doe, Jane" <jane@example.org> (at home)`,
		"José <jose@example.org>, bob@example.org": "=?utf-8?q?Jos=C3=A9?= <jose@example.org>, <bob@example.org>",
		"aaa" + strings.Repeat("ö", 40) + " <o@b>": "=?utf-8?q?aaa" + strings.Repeat("=C3=B6", 10) + "?= =?utf-8?q?" + strings.Repeat("=C3=B6", 10) +
			"?= =?utf-8?q?" + strings.Repeat("=C3=B6", 10) + "?= =?utf-8?q?" + strings.Repeat("=C3=B6", 10) + "?= <o@b>",
		"jürgen@bücher.example": "<jürgen@bücher.example>",
	} {
		got := parsed(t, built(t, mailtest.Mail{To: list})).Header.Get("To")
		if got != want {
			t.Errorf("%q is written as %q, want %q", list, got, want)
		}
	}
}

func TestMailHeaderHasAllFieldsInOrder(t *testing.T) {
	t.Parallel()
	raw := built(t, mailtest.Mail{
		From: "a@example.org", To: "b@example.org", Cc: "c@example.org", Bcc: "d@example.org", ReplyTo: "e@example.org",
		Date: newYear, Subject: "s", MessageID: "1@example.org", InReplyTo: "<0@example.org>",
		References: []string{"<-1@example.org>", "0@example.org"},
		Header:     []string{"Received: from a by b;\t1 Jan 2024", "Received: from c", "X-Empty:", "Comments: für alle"},
		Text:       "t",
	})
	want := strings.ReplaceAll(`Received: from a by b;	1 Jan 2024
Received: from c
X-Empty:
Comments: =?utf-8?q?f=C3=BCr_alle?=
Date: Mon, 01 Jan 2024 12:30:00 +0100
From: a@example.org
To: b@example.org
Cc: c@example.org
Bcc: d@example.org
Reply-To: e@example.org
Message-ID: <1@example.org>
In-Reply-To: <0@example.org>
References: <-1@example.org> <0@example.org>
Subject: s
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

t
`, "\n", "\r\n")
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
}

// outline describes an entity and its parts, with the decoded contents of the leaves.
func outline(t *testing.T, e *message.Entity, indent string, lines []string) []string {
	t.Helper()
	mediaType, _, err := e.Header.ContentType()
	if err != nil {
		t.Fatal(err)
	}
	parts := e.MultipartReader()
	if parts == nil {
		disposition, params, _ := e.Header.ContentDisposition()
		about := strings.TrimSpace(strings.Join([]string{mediaType, disposition, params["filename"], e.Header.Get("Content-Id")}, " "))
		return append(lines, indent+about+" "+decoded(t, e))
	}
	lines = append(lines, indent+mediaType)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return lines
		}
		if err != nil && !message.IsUnknownCharset(err) {
			t.Fatal(err)
		}
		lines = outline(t, part, indent+"\t", lines)
	}
}

func TestMailPartsAreNestedAsAMailReaderExpects(t *testing.T) {
	t.Parallel()
	logo := mailtest.Attachment{ContentType: "image/png", Data: []byte("\x89PNG"), Inline: true, ContentID: "logo@x"}
	file := mailtest.Attachment{Filename: "Übersicht 2024.bin", Data: []byte("\x00\r\xff\n")}
	csv := mailtest.Attachment{Filename: "a;\"b\".csv", ContentType: "text/csv; charset=x-unknown", Data: []byte("\xe4;\n")}
	forwarded := mailtest.Attachment{ContentType: "message/rfc822", Data: []byte("Subject: x\n\nbody ä\n")}
	for name, c := range map[string]struct {
		mail mailtest.Mail
		want []string
	}{
		"text and HTML": {mailtest.Mail{Text: "t", HTML: "h"}, []string{
			"multipart/alternative", "\ttext/plain t\r\n", "\ttext/html h\r\n",
		}},
		"HTML alone": {mailtest.Mail{HTML: "h"}, []string{"text/html h\r\n"}},
		"an attachment alone": {mailtest.Mail{Attachments: []mailtest.Attachment{file}}, []string{
			"multipart/mixed", "\tapplication/octet-stream attachment Übersicht 2024.bin \x00\r\xff\n",
		}},
		"everything": {mailtest.Mail{Text: "t", HTML: "h", Attachments: []mailtest.Attachment{file, logo, csv, forwarded}}, []string{
			"multipart/mixed",
			"\tmultipart/alternative",
			"\t\ttext/plain t\r\n",
			"\t\tmultipart/related",
			"\t\t\ttext/html h\r\n",
			"\t\t\timage/png inline  <logo@x> \x89PNG",
			"\tapplication/octet-stream attachment Übersicht 2024.bin \x00\r\xff\n",
			"\ttext/csv attachment a;\"b\".csv \xe4;\n",
			"\tmessage/rfc822 attachment Subject: x\r\n\r\nbody ä\r\n",
		}},
		"inline without an ID": {mailtest.Mail{HTML: "h", Attachments: []mailtest.Attachment{{Inline: true}}}, []string{
			"multipart/mixed", "\ttext/html h\r\n", "\tapplication/octet-stream inline ",
		}},
		"inline without HTML": {mailtest.Mail{Text: "t", Attachments: []mailtest.Attachment{logo}}, []string{
			"multipart/mixed", "\ttext/plain t\r\n", "\timage/png inline  <logo@x> \x89PNG",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := outline(t, parsed(t, built(t, c.mail)), "", nil)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEqualMailsHaveEqualOctetsAndOthersOtherIDs(t *testing.T) {
	t.Parallel()
	m := mailtest.Mail{Date: newYear, Text: "t", HTML: "h", Attachments: []mailtest.Attachment{{Filename: "f", Data: []byte("d")}}}
	first := built(t, m)
	if diff := cmp.Diff(string(first), string(built(t, m))); diff != "" {
		t.Error(diff)
	}
	other := m
	other.Attachments = slices.Clone(m.Attachments)
	other.Attachments[0].Data = []byte("e")
	if a, b := parsed(t, first).Header.Get("Message-Id"), parsed(t, built(t, other)).Header.Get("Message-Id"); a == b {
		t.Errorf("mails that differ in an attachment have one Message-ID, %s", a)
	}
	m.Date, other = time.Time{}, m
	other.Date = time.Time{}
	synctest.Test(t, func(t *testing.T) {
		first := parsed(t, built(t, m)).Header.Get("Message-Id")
		time.Sleep(time.Hour)
		if second := parsed(t, built(t, other)).Header.Get("Message-Id"); first != second {
			t.Errorf("the clock changes a derived Message-ID from %s to %s", first, second)
		}
	})
}

func TestMailThatCannotBeAMessageIsRefusedByName(t *testing.T) {
	t.Parallel()
	attached := func(a mailtest.Attachment) mailtest.Mail {
		return mailtest.Mail{Attachments: []mailtest.Attachment{{}, a}}
	}
	for name, mails := range map[string][]mailtest.Mail{
		"From ":                      {{From: "bob"}, {From: "a@example.org\r\nBcc: b@example.org"}, {From: "\"\x00\" <a@example.org>"}},
		"To ":                        {{To: "\xff <a@example.org>"}, {To: " "}},
		"Cc ":                        {{Cc: "<>"}},
		"ReplyTo ":                   {{ReplyTo: "a@example.org;b@example.org"}},
		"Subject ":                   {{Subject: "a\r\nBcc: b@example.org"}, {Subject: "a\nb"}, {Subject: "\xff"}, {Subject: "\x00"}},
		"Subject:":                   {{Subject: strings.Repeat("w", 998)}},
		"Date ":                      {{Date: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"MessageID ":                 {{MessageID: "a b"}, {MessageID: "a\r\n"}, {MessageID: "<>"}, {MessageID: "ä@b"}},
		"InReplyTo ":                 {{InReplyTo: "<a><b>"}},
		"References ":                {{References: []string{"a", ""}}},
		"Header[1]":                  {{Header: []string{"A: b", "X: a\r\nY: b"}}, {Header: []string{"A: b", "X: ä\nY: b"}}, {Header: []string{"A: b", "X: \x01"}}},
		"Header[0]":                  {{Header: []string{"no colon"}}, {Header: []string{strings.Repeat("n", 998) + ": c"}}, {Header: []string{"a b: c"}}, {Header: []string{": c"}}, {Header: []string{"subject: s"}}},
		"Text:":                      {{Text: "\xff"}, {Text: "a\x00b"}},
		"HTML:":                      {{HTML: "\xff"}},
		"Attachments[1].Filename":    {attached(mailtest.Attachment{Filename: "a\nb"}), attached(mailtest.Attachment{Filename: strings.Repeat("ä", 300)})},
		"Attachments[1].ContentType": {attached(mailtest.Attachment{ContentType: "text"}), attached(mailtest.Attachment{ContentType: "a/b; c"}), attached(mailtest.Attachment{ContentType: "multipart/mixed"})},
		"Attachments[1].ContentID":   {attached(mailtest.Attachment{ContentID: "a b"})},
		"Text in charset":            {{Text: "€", Charset: "iso-8859-1"}, {Text: "t", Charset: "klingon"}, {Text: "t", Charset: "utf-16"}},
		"Text: encoding 7bit":        {{Text: "ä", Encoding: "7bit"}, {Text: strings.Repeat("x", 999), Encoding: "7bit"}},
		"Text: unknown transfer":     {{Text: "t", Encoding: "rot13"}},
		"Attachments[1].Encoding":    {attached(mailtest.Attachment{Encoding: "8bit"}), attached(mailtest.Attachment{ContentType: "message/rfc822", Encoding: "base64"}), attached(mailtest.Attachment{ContentType: "text/plain", Encoding: "x"})},
		"Attachments[1].FS":          {attached(mailtest.Attachment{FS: fstest.MapFS{}, Path: "a"}), attached(mailtest.Attachment{FS: fstest.MapFS{}, Data: []byte("x")})},
		"Attachments[1].Path":        {attached(mailtest.Attachment{Path: "a"})},
		"Attachments[1].Mail":        {attached(mailtest.Attachment{Mail: &mailtest.Mail{From: "bob"}}), attached(mailtest.Attachment{Mail: &mailtest.Mail{}, Data: []byte("x")})},
		"RepliesTo: From":            {{RepliesTo: &mailtest.Mail{From: "bob"}}},
		"Report.Returned: From":      {{Report: &mailtest.DeliveryReport{Recipient: "a", Returned: &mailtest.Mail{From: "bob"}}}},
		"Report.Action":              {{Report: &mailtest.DeliveryReport{Action: "x", Recipient: "a"}}},
		"Report.Recipient":           {{Report: &mailtest.DeliveryReport{}}, {Report: &mailtest.DeliveryReport{Recipient: "ä"}}},
		"Report.Diagnostic":          {{Report: &mailtest.DeliveryReport{Recipient: "a", Diagnostic: "ä"}}, {Report: &mailtest.DeliveryReport{Recipient: "a", Diagnostic: "a\r\nb"}}},
		"Signature":                  {{Text: "ä", Encoding: "8bit", Signature: []byte("s")}},
		"Enveloped":                  {{Text: "t", Enveloped: []byte("s")}},
		"Attachments[1].Data":        {attached(mailtest.Attachment{ContentType: "message/rfc822", Data: []byte{0}}), attached(mailtest.Attachment{ContentType: "message/rfc822", Data: bytes.Repeat([]byte("x"), 999)})},
	} {
		for _, m := range mails {
			raw, err := m.Bytes()
			if err == nil || !strings.HasPrefix(err.Error(), "mailtest: build mail: "+name) {
				t.Errorf("want an error that names %s, got %v\n%s", name, err, raw)
			}
		}
	}
}

func FuzzMailReadsBackAsWritten(f *testing.F) {
	f.Add("s", "t", "n", "X-A: b", "a@example.org")
	f.Add(" =?x?= ", "ä\r\n\n.\nFrom x\r", "ü;\"", "B: ö", "Ä <a@example.org>")
	f.Fuzz(func(t *testing.T, subject, text, filename, line, to string) {
		m := mailtest.Mail{
			Date: newYear, Subject: subject, Text: text, To: to, Header: []string{line},
			Attachments: []mailtest.Attachment{{Filename: filename, Data: []byte(text)}},
		}
		raw, err := m.Bytes()
		if err != nil {
			return
		}
		built(t, m)
		e := parsed(t, raw)
		want := 6 + min(len(subject), 1) + min(len(to), 1)
		if got := e.Header.Len(); got != want {
			t.Errorf("%d fields instead of %d in\n%s", got, want, raw)
		}
		if got, err := (&mail.Header{Header: e.Header}).Subject(); got != subject || err != nil {
			t.Errorf("subject %q comes back as %q, %v", subject, got, err)
		}
		got := outline(t, e, "", nil)
		if last := got[len(got)-1]; !strings.HasSuffix(last, " "+text) {
			t.Errorf("attachment %q comes back as %q", text, last)
		}
	})
}
