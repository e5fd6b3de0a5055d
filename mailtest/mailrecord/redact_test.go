package mailrecord_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailstore/structure"
	"example.org/mailfakes/mailtest/mailwire"
)

func TestWordsAreReplacedConsistently(t *testing.T) {
	t.Parallel()
	r := mailrecord.NewRedactor("key")
	one := string(r.Text([]byte("Alice <alice@example.org>, ALICE, bob@example.org; Größe 東京 x 7")))
	if two := string(mailrecord.NewRedactor("key").Text([]byte("Alice <alice@example.org>, ALICE, bob@example.org; Größe 東京 x 7"))); one != two {
		t.Errorf("%q the first time, %q the second", one, two)
	}
	form := regexp.MustCompile(`^([A-Z][a-z]{4}) <([a-z]{5})@([a-z]{7}\.[a-z]{3})>, ([A-Z]{5}), [a-z]{3}@([a-z]{7}\.[a-z]{3}); [A-Z][a-z][à-ö]{2}[a-z] \p{Han}{2} [a-z] \d$`)
	m := form.FindStringSubmatch(one)
	if m == nil {
		t.Fatalf("became %q", one)
	}
	if !strings.EqualFold(m[1], m[2]) || !strings.EqualFold(m[1], m[4]) || m[3] != m[5] || m[2] == "alice" {
		t.Errorf("not consistent: %q", one)
	}
}

// encoded is a message in which an address and a word stand in many forms.
var encoded = "Received: from mail.example.net by mx.example.org; Thu, 29 Feb 2024 12:30:00 +0000\r\n" +
	"From: =?utf-8?q?J=C3=BCrgen_Winkelmann?= <winkelmann@example.net>\r\n" +
	"To: \"Alice\" <alice@example.org>,\r\n bob@example.org\r\n" +
	"Subject: Re: =?UTF-8?B?R2VoZWltbmlz?= of winkelmann\r\n" +
	"Message-ID: <geheimnis.1@example.net>\r\n" +
	"Date: Thu, 29 Feb 2024 12:30:00 +0000\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=\"geheimnis=_9\"\r\n" +
	"\r\n" +
	"preamble of winkelmann\r\n" +
	"--geheimnis=_9\r\n" +
	"Content-Type: text/plain; charset=utf-8; format=flowed\r\n" +
	"Content-Transfer-Encoding: quoted-printable\r\n" +
	"\r\n" +
	"Das Gehei=\r\nmnis von winkelmann=40example.net: =67eheimnis, =C3=A4hm\r\n" +
	"--geheimnis=_9\r\n" +
	"Content-Type: text/html; charset=us-ascii\r\n" +
	"Content-Transfer-Encoding: base64\r\n" +
	"\r\n" +
	strings.Join([]string{b64("<p>winkelmann@example.net, geheimnis</p> and more text"), ""}, "\r\n") +
	"--geheimnis=_9\r\n" +
	"Content-Type: message/rfc822\r\n" +
	"\r\n" +
	"From: winkelmann@example.net\r\nSubject: geheimnis\r\n\r\ngeheimnis\r\n" +
	"--geheimnis=_9\r\n" +
	"Content-Type: application/octet-stream; name*=utf-8''geheimni%73.bin\r\n" +
	"Content-Disposition: attachment; filename=\"geheimnis.bin\"\r\n" +
	"Content-Transfer-Encoding: base64\r\n" +
	"\r\n" +
	"AAECAwQFBgcICQoLDA0ODw==\r\n" +
	"--geheimnis=_9--\r\nepilogue\r\n"

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestAMessageKeepsItsFormWhenItIsRedacted(t *testing.T) {
	t.Parallel()
	r := mailrecord.NewRedactor("key")
	got := string(r.Message([]byte(encoded)))
	checkForm(t, encoded, got)
	// A short word may stand within another, or within base64, by chance.
	private := regexp.MustCompile(`(?i)winkelmann|geheimnis|gehei|\balice\b|\bbob\b|example`)
	for text := range forms(got) {
		if word := private.FindString(text); word != "" {
			t.Errorf("%q is in\n%s", word, text)
		}
	}
	for _, kept := range []string{"\r\nSubject: Re: =?UTF-8?B?", "\r\nDate: Thu, 29 Feb 2024 12:30:00 +0000\r\n", "charset=utf-8; format=flowed\r\n", "Received: from "} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is not in\n%s", kept, got)
		}
	}
	secret := string(r.Text([]byte("geheimnis")))
	address := string(r.Text([]byte("winkelmann@example.net")))
	for _, want := range []string{"Message-ID: <" + secret + ".", "boundary=\"" + secret, "--" + secret, "<" + address + ">", "filename=\"" + secret} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	whole := strings.Join(values(forms(got)), "\n")
	for _, want := range []string{">" + address + ", " + secret + "<", strings.ToUpper(secret[:1]) + secret[1:] + " "} {
		if !strings.Contains(strings.ReplaceAll(whole, "=\r\n", ""), want) {
			t.Errorf("%q is not in\n%s", want, whole)
		}
	}
}

// forms returns a message as it is, and what its parts and encoded words decode to.
func forms(message string) map[string]bool {
	found := map[string]bool{message: true}
	for _, m := range regexp.MustCompile(`(?m)[A-Za-z0-9+/]{8,}={0,2}`).FindAllString(message, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(m); err == nil {
			found[string(decoded)] = true
		}
	}
	decoded, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(message)))
	found[string(decoded)] = true
	return found
}

func values(set map[string]bool) (list []string) {
	for s := range set {
		list = append(list, s)
	}
	return list
}

// checkForm checks that a redacted message has the length, line breaks and structure that it had.
func checkForm(t *testing.T, before, after string) {
	t.Helper()
	if len(before) != len(after) {
		t.Fatalf("%d octets became %d:\n%s", len(before), len(after), after)
	}
	for i := range len(before) {
		if (before[i] == '\r' || before[i] == '\n') != (after[i] == '\r' || after[i] == '\n') {
			t.Fatalf("a line break at octet %d has come or gone:\n%q", i, after)
		}
	}
	if b, a := shape(structure.Parse([]byte(before))), shape(structure.Parse([]byte(after))); a != b {
		t.Errorf("the structure was\n%s\nand became\n%s\nof\n%q", b, a, after)
	}
}

func TestASessionIsRedactedWithoutLosingItsForm(t *testing.T) {
	t.Parallel()
	dial, l := record(t, mailrecord.Config{Redactor: mailrecord.NewRedactor("key"), Bodies: true}, conversation(t,
		"* OK ready\r\n", "a LOGIN alice@example.org secret123\r\n", "a OK [CAPABILITY IMAP4rev1] alice@example.org logged in\r\n",
		"b FETCH 1 (ENVELOPE)\r\n", `* 1 FETCH (FLAGS (\Seen) INTERNALDATE "29-Feb-2024 12:30:00 +0000" ENVELOPE ("Thu, 29 Feb 2024 12:30:00 +0000" {9}`+"\r\ngeheimnis ((\"Alice\" NIL \"alice\" \"example.org\")) NIL) BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\" \"NAME\" \"geheimnis\") NIL NIL \"7BIT\" 5 1))\r\nb OK\r\n",
		"c FETCH 1 BODY[]\r\n", fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n%s)\r\nc OK\r\n", len(encoded), encoded),
		"d SEARCH FROM alice SUBJECT \"geheimnis\"\r\n", "* SEARCH 1\r\nd OK\r\n",
		"e APPEND INBOX {24+}\r\nSubject: geheimnis\r\n\r\nhi\r\n", "e OK\r\n",
	))
	nc := dial()
	say(t, nc, "", "* OK ready\r\n")
	for _, command := range []string{"a LOGIN alice@example.org secret123\r\n", "b FETCH 1 (ENVELOPE)\r\n", "c FETCH 1 BODY[]\r\n",
		"d SEARCH FROM alice SUBJECT \"geheimnis\"\r\n", "e APPEND INBOX {24+}\r\nSubject: geheimnis\r\n\r\nhi\r\n"} {
		io.WriteString(nc, command)
		for tag := command[:1]; ; {
			line := readLine(t, nc)
			if strings.HasPrefix(line, tag+" OK") {
				break
			}
		}
	}
	got := l.String()
	for _, secret := range []string{"alice", "geheimnis", "winkelmann", "secret123", b64("winkelmann")[:12]} {
		if strings.Contains(strings.ToLower(got), secret) {
			t.Errorf("%q is in\n%s", secret, got)
		}
	}
	for _, kept := range []string{`INTERNALDATE "29-Feb-2024 12:30:00 +0000" ENVELOPE ("Thu, 29 Feb 2024 12:30:00 +0000" {9}`, `("TEXT" "PLAIN" ("CHARSET" "utf-8" "NAME" "`, `"7BIT" 5 1))`, "[CAPABILITY IMAP4rev1] ", "C: e APPEND INBOX {24+}\n"} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is not in\n%s", kept, got)
		}
	}
	records, err := mailwire.ParseTranscript(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	literal := 0
	for _, line := range mailwire.Lines(records) {
		if line.Literal && line.Dir == mailwire.Server {
			literal += len(line.Text)
		}
	}
	if literal != len(encoded)+9 {
		t.Errorf("the literals have %d octets, want %d", literal, len(encoded)+9)
	}
}

func readLine(t *testing.T, r io.Reader) string {
	t.Helper()
	var line bytes.Buffer
	for octet := make([]byte, 1); octet[0] != '\n'; line.Write(octet) {
		if _, err := io.ReadFull(r, octet); err != nil {
			t.Fatal(err)
		}
	}
	return line.String()
}

// shape describes what a client sees of a message's structure. Words that no standard knows
// may change.
func shape(p *structure.Part) string {
	s := fmt.Sprintf("(%s %s %d+%d octets, %d lines", known(p.Type), known(p.Encoding), p.Header.Len(), p.Body.Len(), p.Lines)
	for _, param := range p.Params {
		s += " " + known(param.Name)
	}
	for _, child := range p.Parts {
		s += shape(child)
	}
	if p.Message != nil {
		s += shape(p.Message)
	}
	return s + ")"
}

func known(word string) string {
	word = strings.ToLower(word)
	switch word {
	case "text", "multipart", "message", "application", "image", "", "base64", "quoted-printable", "7bit", "8bit", "charset", "boundary", "name":
		return word
	}
	return "?"
}

// longAddress finds addresses whose words are too long for one to become the other by chance.
var longAddress = regexp.MustCompile(`[a-z]{5,}@[a-z]{5,}\.[a-z]{3,}`)

var shortBoundary = regexp.MustCompile(`(?i)boundary\s*=\W*\w{0,4}(?:\W|$)`)

func FuzzRedactMessage(f *testing.F) {
	f.Add(encoded)
	f.Add("Subject: =?utf-8?b?YWxpY2VAZXhhbXBsZS5vcmc=?=\r\n\r\n=61lice@ex=\r\nample.org")
	f.Add("Content-Type: multipart/x; boundary=abcdefg\n\n--abcdefg\n\n--abcdefg--\n")
	f.Add("Content-Type: text/plain; name=\"alice@example.org\\\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYWxpY2VAZXhhbXBsZS5vcmcK")
	f.Fuzz(func(t *testing.T, message string) {
		if shortBoundary.MatchString(message) {
			return // other words may begin like it by chance
		}
		got := string(mailrecord.NewRedactor("key").Message([]byte(message)))
		checkForm(t, message, got)
		for _, address := range longAddress.FindAllString(message, -1) {
			if strings.Contains(got, address) {
				t.Errorf("%s is in %q", address, got)
			}
		}
	})
}
