package pop3fake_test

import (
	"testing"

	"example.org/mailfakes/pop3fake"
)

func TestXTNDXLSTListsAHeaderField(t *testing.T) {
	t.Parallel()
	contents := []string{"Subject: one\r\n\r\n", "From: x\r\n\r\n", "SUBJECT: in two\r\n lines\r\n\r\n"}
	start(t, contents, pop3fake.WithMoreCapabilities(pop3fake.XTND)).logIn().run(`
		C: XTND XLST Subject
		S: +OK header fields follow
		S: 1 Subject: one
		S: 3 Subject: in two lines
		S: .
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: XTND xlst Subject
		S: +OK header fields follow
		S: 3 Subject: in two lines
		S: .
		C: XTND XLST subject 3
		S: +OK header field follows
		S: 3 subject: in two lines
		S: .
		C: XTND XLST Subject 1
		S: -ERR XTND: message 1 is marked as deleted
		C: XTND XLST Subject 4
		S: -ERR XTND: no such message, the maildrop has 3 messages
		C: XTND XMIT x
		S: -ERR XTND: no extension "XMIT" here, only XLST
		C: XTND XLST
		S: -ERR XTND: wrong number of arguments (1), the command is "XTND XLST header [msg]"`)
}

func TestXTNDIsUnknownUnlessAskedFor(t *testing.T) {
	t.Parallel()
	start(t, nil).logIn().run("C: XTND XLST Subject\nS: -ERR unknown command \"XTND\"")
}
