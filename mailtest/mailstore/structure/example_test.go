package structure_test

import (
	"fmt"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// The parts of a message are places in its octets.
func Example() {
	raw := []byte(strings.ReplaceAll(`Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne Gr=FC=DFe
--x
Content-Type: application/pdf; name=card.pdf

%PDF-1.7
--x--
`, "\n", "\r\n"))
	message := structure.Parse(raw)
	subject, _ := structure.Value(raw, message.Header, "Subject")
	fmt.Println(structure.DecodeHeader(subject))
	for i, part := range message.Parts {
		fmt.Printf("%d %s/%s, octets %d to %d\n", i+1, part.Type, part.Subtype, part.Body.Start, part.Body.End)
	}
	fmt.Println(structure.DecodedText(raw, message.Find([]int{1})))
	fmt.Println(message.Find([]int{2}).Filename())
	// Output:
	// Grüße
	// 1 text/plain, octets 181 to 199
	// 2 application/pdf, octets 254 to 262
	// Schöne Grüße
	// card.pdf
}
