package mailtest_test

import (
	"fmt"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
)

func ExampleMail() {
	m := mailtest.Mail{
		From:    "José <jose@example.org>",
		To:      "alice@example.org",
		Subject: "Déjeuner",
		Date:    time.Date(2024, 5, 1, 9, 30, 0, 0, time.UTC),
		Text:    "À midi ?",
	}
	raw, err := m.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	// Output:
	// Date: Wed, 01 May 2024 09:30:00 +0000
	// From: =?utf-8?q?Jos=C3=A9?= <jose@example.org>
	// To: alice@example.org
	// Message-ID: <b88a9cd4b3bdbecedfb40dde2ddd7884@example.org>
	// Subject: =?utf-8?q?D=C3=A9jeuner?=
	// MIME-Version: 1.0
	// Content-Type: text/plain; charset=utf-8
	// Content-Transfer-Encoding: quoted-printable
	//
	// =C3=80 midi ?
}

func ExampleMail_attachments() {
	m := mailtest.Mail{
		MessageID: "lunch@example.org",
		Date:      time.Date(2024, 5, 1, 9, 30, 0, 0, time.UTC),
		Header:    []string{"List-Id: <lunch.example.org>"},
		Text:      "The menu.",
		Attachments: []mailtest.Attachment{
			{Filename: "menu.txt", ContentType: "text/plain", Data: []byte("soup\n")},
		},
	}
	raw, err := m.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	// Output:
	// List-Id: <lunch.example.org>
	// Date: Wed, 01 May 2024 09:30:00 +0000
	// From: sender@example.org
	// Message-ID: <lunch@example.org>
	// MIME-Version: 1.0
	// Content-Type: multipart/mixed;
	//  boundary="=_1_69c878435e80ce5bb553f259a0e11b76"
	//
	// --=_1_69c878435e80ce5bb553f259a0e11b76
	// Content-Type: text/plain; charset=utf-8
	// Content-Transfer-Encoding: 7bit
	//
	// The menu.
	//
	// --=_1_69c878435e80ce5bb553f259a0e11b76
	// Content-Type: text/plain
	// Content-Disposition: attachment; filename=menu.txt
	// Content-Transfer-Encoding: base64
	//
	// c291cAo=
	//
	// --=_1_69c878435e80ce5bb553f259a0e11b76--
}
