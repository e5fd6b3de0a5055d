package mailtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// shape describes a message as the server's index has it: the parts' types and encodings.
func shape(raw []byte) (lines []string) {
	structure.Parse(raw).Walk(func(path []int, p *structure.Part) bool {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%v %s/%s %s", path, p.Type, p.Subtype, p.Encoding)))
		return true
	})
	return lines
}

func wantShape(t *testing.T, raw []byte, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, shape(raw)); diff != "" {
		t.Errorf("%s\nin\n%s", diff, raw)
	}
}

func wantOutline(t *testing.T, raw []byte, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, outline(t, parsed(t, raw), "", nil)); diff != "" {
		t.Errorf("%s\nin\n%s", diff, raw)
	}
}

func TestTextIsInTheCharsetAndEncodingOfChoice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		charset, encoding, text string
		fields                  string
		body                    string
	}{
		{"", "", "déjà", "text/plain; charset=utf-8|base64", "ZMOpasOgDQo=\r\n"},
		{"", "quoted-printable", "déjà", "text/plain; charset=utf-8|quoted-printable", "d=C3=A9j=C3=A0\r\n"},
		{"iso-8859-1", "", "déjà", "text/plain; charset=iso-8859-1|quoted-printable", "d=E9j=E0\r\n"},
		{"iso-8859-1", "base64", "déjà", "text/plain; charset=iso-8859-1|base64", "ZOlq4A0K\r\n"},
		{"ISO-8859-1", "8bit", "déjà", "text/plain; charset=ISO-8859-1|8bit", "d\xe9j\xe0\r\n"},
		{"windows-1252", "quoted-printable", "5 €", "text/plain; charset=windows-1252|quoted-printable", "5 =80\r\n"},
		{"iso-2022-jp", "", "日本", "text/plain; charset=iso-2022-jp|7bit", "\x1b$BF|K\\\x1b(B\r\n"},
		{"koi8-r", "8bit", "мир", "text/plain; charset=koi8-r|8bit", "\xcd\xc9\xd2\r\n"},
		{"", "7BIT", "plain", "text/plain; charset=utf-8|7bit", "plain\r\n"},
		{"us-ascii", "quoted-printable", "a = b", "text/plain; charset=us-ascii|quoted-printable", "a =3D b\r\n"},
	} {
		t.Run(tt.charset+" "+tt.encoding, func(t *testing.T) {
			t.Parallel()
			raw := built(t, mailtest.Mail{Text: tt.text, Charset: tt.charset, Encoding: tt.encoding})
			header, body, _ := strings.Cut(string(raw), "\r\n\r\n")
			e := parsed(t, raw)
			if got := e.Header.Get("Content-Type") + "|" + e.Header.Get("Content-Transfer-Encoding"); got != tt.fields || body != tt.body {
				t.Errorf("%s\n%s\n%q", got, header, body)
			}
			if got := decoded(t, e); got != tt.text+"\r\n" {
				t.Errorf("go-message reads %q", got)
			}
			if got := mailtest.ParseMessage(raw).Text; got != tt.text {
				t.Errorf("the index has %q", got)
			}
		})
	}
}

func TestAttachmentsComeFromFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"mail/menu.txt":  {Data: []byte("Suppe\nFisch\n")},
		"mail/logo.PNG":  {Data: []byte("\x89PNG\r\n")},
		"mail/hello.eml": {Data: []byte("Subject: hello\n\nhi\n")},
		"mail/data":      {Data: []byte{0, 1}},
	}
	raw := built(t, mailtest.Mail{Attachments: []mailtest.Attachment{
		{FS: files, Path: "mail/menu.txt", Encoding: "quoted-printable"},
		{FS: files, Path: "mail/logo.PNG"},
		{FS: files, Path: "mail/hello.eml"},
		{FS: files, Path: "mail/data", Filename: "other.pdf", ContentType: "application/pdf"},
		{FS: files, Path: "mail/data"},
	}})
	wantOutline(t, raw,
		"multipart/mixed",
		"\ttext/plain attachment menu.txt Suppe\r\nFisch\r\n",
		"\timage/png attachment logo.PNG \x89PNG\r\n",
		"\tmessage/rfc822 attachment hello.eml Subject: hello\r\n\r\nhi\r\n",
		"\tapplication/pdf attachment other.pdf \x00\x01",
		"\tapplication/octet-stream attachment data \x00\x01",
	)
	wantShape(t, raw, "[] multipart/mixed", "[1] text/plain quoted-printable", "[2] image/png base64",
		"[3] message/rfc822 7bit", "[3 1] text/plain", "[4] application/pdf base64", "[5] application/octet-stream base64")
}

func TestAReplyIsInTheThread(t *testing.T) {
	t.Parallel()
	hello := mailtest.Mail{From: "Bob <bob@example.org>", To: "alice@example.org", Subject: "hello", Text: "hi"}
	first := hello.Reply()
	second := first.Reply()
	third := second.Reply()
	third.ReplyTo = "list@example.org"
	fourth := third.Reply()
	var ids []string
	for i, m := range []mailtest.Mail{hello, first, second, third, fourth} {
		h := mail.Header{Header: parsed(t, built(t, m)).Header}
		id, _ := h.MessageID()
		references, err := h.MsgIDList("References")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(references, ids) {
			t.Errorf("message %d refers to %q, the thread is %q", i, references, ids)
		}
		answers, _ := h.MsgIDList("In-Reply-To")
		if i > 0 && !slices.Equal(answers, ids[i-1:]) {
			t.Errorf("message %d answers %q", i, answers)
		}
		ids = append(ids, id)
	}
	got := mailtest.ParseMessage(built(t, first))
	if got.From != "alice@example.org" || got.To != "Bob <bob@example.org>" || got.Subject != "Re: hello" {
		t.Errorf("%+v", got)
	}
	if second.Subject != "Re: hello" || fourth.To != "list@example.org" || fourth.From != "Bob <bob@example.org>" {
		t.Errorf("%+v", fourth)
	}
	if got := (mailtest.Mail{}).Reply(); got.To != "sender@example.org" || got.Subject != "Re:" {
		t.Errorf("the reply to nothing: %+v", got)
	}
	// RFC 5322 §3.6.4: without References, In-Reply-To stands in for them.
	orphan := mailtest.Mail{MessageID: "c@x", InReplyTo: "b@x"}
	h := mail.Header{Header: parsed(t, built(t, orphan.Reply())).Header}
	if references, _ := h.MsgIDList("References"); !slices.Equal(references, []string{"b@x", "c@x"}) {
		t.Errorf("%q", references)
	}
}

func TestAForwardHasTheMessageAttached(t *testing.T) {
	t.Parallel()
	hello := mailtest.Mail{
		From: "bob@example.org", To: "alice@example.org", Subject: "hello", Date: newYear, Text: "hi", HTML: "<p>hi",
	}
	forward := hello.Forward("carol@example.org")
	forward.Text = "look"
	raw := built(t, forward)
	wantShape(t, raw, "[] multipart/mixed", "[1] text/plain 7bit", "[2] message/rfc822 7bit",
		"[2] multipart/alternative", "[2 1] text/plain 7bit", "[2 2] text/html 7bit")
	wantOutline(t, raw, "multipart/mixed", "\ttext/plain look\r\n", "\tmessage/rfc822 attachment "+string(built(t, hello)))
	if got := mailtest.ParseMessage(raw); got.Subject != "Fwd: hello" || got.From != "alice@example.org" || got.To != "carol@example.org" {
		t.Errorf("%+v", got)
	}
	again := forward.Forward("dave@example.org")
	if again.Subject != "Fwd: hello" {
		t.Error(again.Subject)
	}
	built(t, again)
}

func TestABounceIsADeliveryStatusNotification(t *testing.T) {
	t.Parallel()
	sent := mailtest.Mail{From: "alice@example.org", To: "nobody@example.com", Subject: "hällo", Date: newYear, Text: "hi"}
	raw := built(t, sent.Bounce("nobody@example.com"))
	const status = "Reporting-MTA: dns; mail.example.org\r\n\r\nFinal-Recipient: rfc822; nobody@example.com\r\n" +
		"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
	wantOutline(t, raw, "multipart/report",
		"\ttext/plain Your message to nobody@example.com couldn't be delivered.\r\n",
		"\tmessage/delivery-status "+status, "\tmessage/rfc822 "+string(built(t, sent)))
	wantShape(t, raw, "[] multipart/report", "[1] text/plain 7bit", "[2] message/delivery-status",
		"[3] message/rfc822 7bit", "[3 1] text/plain 7bit")
	_, params, err := parsed(t, raw).Header.ContentType()
	if err != nil || params["report-type"] != "delivery-status" {
		t.Error(params, err)
	}

	delayed := sent.Bounce("nobody@example.com")
	delayed.Report = &mailtest.DeliveryReport{Returned: &sent, HeaderOnly: true, Recipient: "nobody@example.com", Action: "delayed"}
	raw = built(t, delayed)
	wantShape(t, raw, "[] multipart/report", "[1] text/plain 7bit", "[2] message/delivery-status", "[3] text/rfc822-headers 7bit")
	if !strings.Contains(string(raw), "Action: delayed\r\nStatus: 4.0.0\r\n\r\n--") || strings.Contains(string(raw), "\r\nhi\r\n") {
		t.Errorf("%s", raw)
	}
}

func TestSMIMEShapesAreWellFormed(t *testing.T) {
	t.Parallel()
	raw := built(t, mailtest.Mail{Text: "grüße", HTML: "<p>grüße", Signature: []byte("signature")})
	wantOutline(t, raw, "multipart/signed",
		"\tmultipart/alternative", "\t\ttext/plain grüße\r\n", "\t\ttext/html <p>grüße\r\n",
		"\tapplication/pkcs7-signature attachment smime.p7s signature")
	wantShape(t, raw, "[] multipart/signed", "[1] multipart/alternative", "[1 1] text/plain base64",
		"[1 2] text/html base64", "[2] application/pkcs7-signature base64")
	_, params, err := parsed(t, raw).Header.ContentType()
	if err != nil || params["protocol"] != "application/pkcs7-signature" || params["micalg"] != "sha-256" {
		t.Error(params, err)
	}

	raw = built(t, mailtest.Mail{Subject: "secret", Enveloped: []byte("octets")})
	wantOutline(t, raw, "application/pkcs7-mime attachment smime.p7m octets")
	wantShape(t, raw, "[1] application/pkcs7-mime base64")
}

func TestMailThatContainsItselfIsRefused(t *testing.T) {
	t.Parallel()
	attached := &mailtest.Mail{}
	attached.Attachments = []mailtest.Attachment{{Mail: attached}}
	returned := &mailtest.Mail{Report: &mailtest.DeliveryReport{Recipient: "a@example.org"}}
	returned.Report.Returned = returned
	answered := &mailtest.Mail{}
	answered.RepliesTo = answered
	both := &mailtest.Mail{}
	both.RepliesTo = &mailtest.Mail{Attachments: []mailtest.Attachment{{Mail: both}}}
	for name, m := range map[string]*mailtest.Mail{"attached": attached, "returned": returned, "answered": answered, "both": both} {
		if raw, err := m.Bytes(); err == nil {
			t.Errorf("%s: %d octets", name, len(raw))
		}
	}
}

func FuzzTextReadsBackInEveryCharset(f *testing.F) {
	f.Add("déjà\n", "iso-8859-1", "8bit")
	f.Add("日本\r\n\tx", "iso-2022-jp", "")
	f.Add("мир", "koi8-r", "quoted-printable")
	f.Fuzz(func(t *testing.T, text, charset, encoding string) {
		m := mailtest.Mail{Text: text, Charset: charset, Encoding: encoding}
		raw, err := m.Bytes()
		if err != nil {
			return
		}
		built(t, m)
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		if want = strings.TrimSuffix(want, "\n"); mailtest.ParseMessage(raw).Text != want {
			t.Errorf("%q comes back as %q in\n%q", want, mailtest.ParseMessage(raw).Text, raw)
		}
	})
}
