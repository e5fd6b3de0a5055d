package mailtest_test

import (
	"fmt"
	"strings"
	"testing/fstest"

	"example.org/mailfakes/mailtest"
)

func ExampleMail_Reply() {
	hello := mailtest.Mail{
		From: "bob@example.org", To: "alice@example.org", Subject: "lunch", MessageID: "1@example.org", Text: "At noon?",
	}
	answer := hello.Reply()
	answer.MessageID = "2@example.org"
	answer.Text = "Yes."
	raw, err := answer.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, "Date:") { // the time now
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// From: alice@example.org
	// To: bob@example.org
	// Message-ID: <2@example.org>
	// In-Reply-To: <1@example.org>
	// References: <1@example.org>
	// Subject: Re: lunch
	// MIME-Version: 1.0
	// Content-Type: text/plain; charset=utf-8
	// Content-Transfer-Encoding: 7bit
	//
	// Yes.
}

func ExampleMail_Forward() {
	hello := mailtest.Mail{From: "bob@example.org", To: "alice@example.org", Subject: "lunch", Text: "At noon?"}
	raw, err := hello.Forward("carol@example.org").Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	m := mailtest.ParseMessage(raw)
	fmt.Println(m.From, m.To, m.Subject)
	fmt.Println(strings.Contains(m.Raw, "Content-Type: message/rfc822"), strings.Contains(m.Raw, "At noon?"))
	// Output:
	// alice@example.org carol@example.org Fwd: lunch
	// true true
}

func ExampleMail_Bounce() {
	sent := mailtest.Mail{From: "alice@example.org", To: "nobody@example.com", Subject: "lunch"}
	raw, err := sent.Bounce("nobody@example.com").Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, report, _ := strings.Cut(string(raw), "Content-Type: message/delivery-status\r\n\r\n")
	report, _, _ = strings.Cut(report, "\r\n--")
	fmt.Print(strings.ReplaceAll(report, "\r\n", "\n"))
	// Output:
	// Reporting-MTA: dns; mail.example.org
	//
	// Final-Recipient: rfc822; nobody@example.com
	// Action: failed
	// Status: 5.1.1
	// Diagnostic-Code: smtp; 550 5.1.1 no such user
}

func ExampleAttachment_file() {
	files := fstest.MapFS{"menu.txt": {Data: []byte("soup\n")}} // or os.DirFS("testdata")
	m := mailtest.Mail{
		Text:     "Fällt heute aus.",
		Charset:  "iso-8859-1",
		Encoding: "quoted-printable",
		Attachments: []mailtest.Attachment{
			{FS: files, Path: "menu.txt", Encoding: "7bit"},
		},
	}
	raw, err := m.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, parts, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.Lines(parts) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			fmt.Println(line)
		}
	}
	// Output:
	// Content-Type: text/plain; charset=iso-8859-1
	// Content-Transfer-Encoding: quoted-printable
	// F=E4llt heute aus.
	// Content-Type: text/plain; charset=utf-8
	// Content-Disposition: attachment; filename=menu.txt
	// Content-Transfer-Encoding: 7bit
	// soup
}
