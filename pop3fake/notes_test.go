package pop3fake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestPasswordsWithoutTLSAreNoted(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := start(t, nil, pop3fake.WithTranscript(transcript))
	f.connect().run(`
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages
		C: QUIT
		S: +OK bye, 0 messages left
		S: CLOSED`)
	f.connect().run(`
		C: AUTH CRAM-MD5 =
		S: -ERR AUTH: CRAM-MD5 begins with a challenge, not with a response (RFC 5034 section 4)
		C: AUTH plain AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
		S: +OK maildrop locked and ready, 0 messages`)
	note := pop3fake.Note{Session: 1, Protocol: mailwire.POP3, Command: "PASS", Rule: "cleartext-password", Text: "a password or token without TLS, which is offered", RFC: "RFC 2595 §2.3"}
	second := note
	second.Session, second.Command = 2, "AUTH"
	if diff := cmp.Diff([]pop3fake.Note{note, second}, f.server.Notes()); diff != "" {
		t.Errorf("%s\n%s", diff, transcript)
	}
}

func TestCapabilitiesThatAreNotAskedForAgainAfterSTLSAreNoted(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for _, next := range []string{"CAPA", "QUIT", "USER alice"} {
		c := f.connect()
		c.run(`
			C: STLS
			S: +OK begin TLS negotiation`)
		c.startTLS()
		c.send(next + "\r\nQUIT\r\n")
		for {
			if _, err := c.in.ReadByte(); err != nil {
				break
			}
		}
	}
	want := []pop3fake.Note{{Session: 3, Protocol: mailwire.POP3, Command: "USER", Rule: "capa-after-stls", Text: "no CAPA after STLS, which made void what was known", RFC: "RFC 2595 §4"}}
	if diff := cmp.Diff(want, f.server.Notes()); diff != "" {
		t.Error(diff)
	}
}

func TestPasswordsAreNotNotedWhereTLSIsNotOffered(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.STLS))
	f.connect().run(`
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
	if got := f.server.Notes(); len(got) > 0 {
		t.Errorf("noted %v", got)
	}
}
