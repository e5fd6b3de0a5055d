package pop3fake_test

import (
	"testing"

	"example.org/mailfakes/pop3fake"
)

const inUTF8 = "Subject: Grüße\r\n\r\nhi\r\n"

func TestAMessageWithUTF8InItsHeaderNeedsUTF8Mode(t *testing.T) {
	t.Parallel()
	const refusal = "message 1 has UTF-8 in its header, which needs the command UTF8 before login (RFC 6856 section 2.1)"
	f := start(t, []string{inUTF8})
	f.logIn().run(`
		C: LIST 1
		S: +OK 1 24
		C: RETR 1
		S: -ERR [UTF8] RETR: ` + refusal + `
		C: TOP 1 0
		S: -ERR [UTF8] TOP: ` + refusal + `
		C: UTF8
		S: -ERR UTF8: only valid in the AUTHORIZATION state
		C: QUIT
		S: +OK bye, 1 message left
		S: CLOSED`)
	f.connect().run(`
		C: UTF8
		S: +OK messages are sent in UTF-8 from now on
		C: STLS
		S: -ERR STLS: not permitted after UTF8 (RFC 6856 section 2.1)
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 1 message
		C: RETR 1
		S: +OK 24 octets
		S: Subject: Grüße
		S: 
		S: hi
		S: .`)
}

func TestOctetsOfNoStandardAreSentAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"Latin-1 header": "Subject: Gr\xfc\xdfe\r\n\r\n",
		"8-bit body":     "Subject: x\r\n\r\nGrüße\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, []string{content}).logIn()
			c.send("RETR 1\r\n")
			c.line()
			if got := string(unstuff(c.readResponse())); got != content {
				t.Errorf("got %q, want %q", got, content)
			}
		})
	}
}

func TestAServerWithoutUTF8SendsWhateverThereIs(t *testing.T) {
	t.Parallel()
	c := start(t, []string{inUTF8}, pop3fake.WithoutCapabilities(pop3fake.UTF8)).logIn()
	c.run("C: RETR 1\nS: +OK 24 octets")
	if got := string(unstuff(c.readResponse())); got != inUTF8 {
		t.Errorf("got %q, want %q", got, inUTF8)
	}
}

func TestNamesAndPasswordsMayBeInUTF8(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	bob, err := f.store.AddAccount("jürgen@example.org", "grüße")
	if err != nil {
		t.Fatal(err)
	}
	c := f.connect()
	c.run("C: USER jürgen@example.org\nS: +OK send PASS\nC: PASS gru\u0308ße\nS: +OK maildrop locked and ready, 0 messages")
	c.run("C: QUIT\nS: +OK bye, 0 messages left\nS: CLOSED")
	bob.SetPassword("plain")
	f.connect().run(`
		C: USER ` + "j\xfcrgen" + `
		S: -ERR USER: the name or password isn't UTF-8 (RFC 6856 section 2.2)
		C: USER ` + "\ue000" + `
		S: -ERR USER: the name or password has a character that SASLprep prohibits (RFC 4013 section 2.3)`)
}

func TestWithoutUTF8USERNamesAndPasswordsAreInASCII(t *testing.T) {
	t.Parallel()
	c := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.UTF8User)).connect()
	if caps := c.capabilities(); !contains(caps, "UTF8") {
		t.Errorf("capabilities %q", caps)
	}
	c.run("C: USER jürgen\nS: -ERR USER: octet 0xC3 isn't printable ASCII (RFC 1939 section 3)")
}
