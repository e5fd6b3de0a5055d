package mailrecord_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailwire"
)

const password = "Tr0ub4dor"

// logins are what clients send who log in, and servers answer, in turn; the secret is
// password, its base64, or stands between two of "§". The last column is what is recorded.
var logins = []struct {
	name     string
	protocol mailwire.Protocol
	turns    []string
	want     string
}{
	{"LOGIN", mailwire.IMAP, []string{"a LOGIN alice Tr0ub4dor\r\n", "a OK\r\n"}, "C: a LOGIN alice ***\nS: a OK\n"},
	{"LOGIN with strings", mailwire.IMAP, []string{`a login "ali ce" "§Tr0ub\"4dor§"` + "\r\n", "a OK\r\n"}, "C: a login \"ali ce\" ***\nS: a OK\n"},
	{"LOGIN with literals", mailwire.IMAP, []string{"a LOGIN {5}\r\n", "+ \r\n", "alice {9}\r\n", "+ go\r\n", "Tr0ub4dor\r\n", "a OK\r\n"},
		"C: a LOGIN {5}\nS: +\\x20\nC: alice {9}\nS: + go\nC: ***\nS: a OK\n"},
	{"LOGIN with literals that aren't waited for", mailwire.IMAP, []string{"a LOGIN {5+}\r\nalice {9+}\r\nTr0ub4dor\r\nb NOOP\r\n", "a OK\r\nb OK\r\n"},
		"C: a LOGIN {5+}\nC: alice {9+}\nC: ***\nC: b NOOP\nS: a OK\nS: b OK\n"},
	{"a literal with line breaks", mailwire.IMAP, []string{"a LOGIN alice {13+}\r\n§Tr0u\r\nb4\r\ndor§\r\nb NOOP\r\n", "a OK\r\nb OK\r\n"},
		"C: a LOGIN alice {13+}\nC: ***\nC: b NOOP\nS: a OK\nS: b OK\n"},
	{"a literal that is refused", mailwire.IMAP, []string{"a LOGIN alice {9}\r\n", "a BAD\r\n", "b LOGIN alice Tr0ub4dor\r\n", "b OK\r\n"},
		"C: a LOGIN alice {9}\nS: a BAD\nC: b LOGIN alice ***\nS: b OK\n"},
	{"no tag, and an argument too many", mailwire.IMAP, []string{"LOGIN alice  x  Tr0ub4dor y\r\n", "* BAD\r\n"}, "C: LOGIN alice  ***\nS: * BAD\n"},
	{"a string that doesn't end", mailwire.IMAP, []string{"a LOGIN \"alice Tr0ub4dor\r\n", "a BAD\r\n"}, "C: a LOGIN ***\nS: a BAD\n"},
	{"an error that repeats the command", mailwire.IMAP, []string{"a LOGIN alice \"Tr0ub4dor\"\r\n", "a BAD can't LOGIN alice Tr0ub4dor\r\n"},
		"C: a LOGIN alice ***\nS: a BAD can't LOGIN alice ***\n"},
	{"AUTHENTICATE", mailwire.IMAP, []string{"a AUTHENTICATE PLAIN\r\n", "+ \r\n", "§AGFsaWNlAFRyMHViNGRvcg==§\r\nb NOOP\r\n", "a OK\r\nb OK\r\n"},
		"C: a AUTHENTICATE PLAIN\nS: +\\x20\nC: ***\nC: ***\nS: a OK\nS: b OK\n"},
	{"AUTHENTICATE with an initial response", mailwire.IMAP, []string{"a Authenticate XOAUTH2 §dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2tlbgEB§\r\n", "+ eyJzdGF0dXMiOiI0MDAifQ==\r\n", "\r\n", "a NO\r\n"},
		"C: a Authenticate XOAUTH2 ***\nS: + eyJzdGF0dXMiOiI0MDAifQ==\nC:\nS: a NO\n"},
	{"AUTHENTICATE that is cancelled", mailwire.IMAP, []string{"a AUTHENTICATE LOGIN\r\n", "+ VXNlcm5hbWU6\r\n", "YWxpY2U=\r\n", "+ UGFzc3dvcmQ6\r\n", "*\r\n", "a BAD\r\n"},
		"C: a AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: ***\nS: + UGFzc3dvcmQ6\nC: *\nS: a BAD\n"},
	{"SCRAM's last message", mailwire.IMAP, []string{"a AUTHENTICATE SCRAM-SHA-1\r\n", "+ \r\n", "§Y2xpZW50§\r\n", "+ c2VydmVy\r\n", "§cHJvb2Y=§\r\n", "+ §dj1zaWduYXR1cmU=§\r\n", "\r\n", "a OK\r\n"},
		"C: a AUTHENTICATE SCRAM-SHA-1\nS: +\\x20\nC: ***\nS: + c2VydmVy\nC: ***\nS: + ***\nC:\nS: a OK\n"},
	{"a literal that is sent although it was refused", mailwire.IMAP, []string{"a LOGIN alice {9}\r\n", "a BAD\r\n", "Tr0ub4dor\r\n", "* BAD\r\n"},
		"C: a LOGIN alice {9}\nS: a BAD\nC: ***\nS: * BAD\n"},
	{"a response although AUTH was refused", mailwire.POP3, []string{"AUTH PLAIN\r\n", "-ERR\r\n", "§AGFsaWNlAFRyMHViNGRvcg==§\r\n", "-ERR\r\n", "STAT\r\n", "+OK 0 0\r\n"},
		"C: AUTH PLAIN\nS: -ERR\nC: ***\nS: -ERR\nC: STAT\nS: +OK 0 0\n"},
	{"PASS", mailwire.POP3, []string{"USER alice\r\npass  Tr0ub4dor with spaces \r\nSTAT\r\n", "+OK\r\n-ERR Tr0ub4dor with spaces is wrong\r\n-ERR\r\n"},
		"C: USER alice\nC: pass  ***\\x20\nC: STAT\nS: +OK\nS: -ERR *** is wrong\nS: -ERR\n"},
	{"APOP", mailwire.POP3, []string{"APOP alice §c4c9334bac560ecc979e58001b3e22fb§\r\n", "+OK\r\n"}, "C: APOP alice ***\nS: +OK\n"},
	{"AUTH", mailwire.POP3, []string{"AUTH\r\n", "+OK\r\nPLAIN\r\n.\r\n", "AUTH PLAIN\r\n", "+ \r\n", "§AGFsaWNlAFRyMHViNGRvcg==§\r\n", "+OK\r\n", "STAT\r\n", "+OK 0 0\r\n"},
		"C: AUTH\nS: +OK\nS: PLAIN\nS: .\nC: AUTH PLAIN\nS: +\\x20\nC: ***\nS: +OK\nC: STAT\nS: +OK 0 0\n"},
	{"AUTH with an initial response", mailwire.POP3, []string{"AUTH PLAIN §AGFsaWNlAFRyMHViNGRvcg==§\r\n", "+OK\r\n"}, "C: AUTH PLAIN ***\nS: +OK\n"},
}

// hushed returns turns without the marks, and what must not be found.
func hushed(turns []string) (plain, secrets []string) {
	secrets = []string{password, base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + password))}
	for _, turn := range turns {
		parts := strings.Split(turn, "§")
		for i, part := range parts {
			if i%2 == 1 {
				secrets = append(secrets, strings.Split(part, "\r\n")...)
			}
		}
		plain = append(plain, strings.Join(parts, ""))
	}
	return plain, secrets
}

// script returns a server that has its turns after a client has had its.
func script(turns []string) func(net.Conn) {
	return func(nc net.Conn) {
		defer nc.Close()
		for i, turn := range turns {
			if i%2 == 1 {
				io.WriteString(nc, turn)
			} else if _, err := io.ReadFull(nc, make([]byte, len(turn))); err != nil {
				return
			}
		}
	}
}

func TestSecretsAreMaskedHoweverTheyArrive(t *testing.T) {
	t.Parallel()
	for _, l := range logins {
		for _, octetwise := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, octetwise %v", l.name, octetwise), func(t *testing.T) {
				t.Parallel()
				turns, secrets := hushed(l.turns)
				greeting := map[mailwire.Protocol]string{mailwire.IMAP: "* OK\r\n", mailwire.POP3: "+OK\r\n"}[l.protocol]
				dial, log := record(t, mailrecord.Config{Protocol: l.protocol}, func(nc net.Conn) {
					io.WriteString(nc, greeting)
					script(turns)(nc)
				})
				nc := dial()
				say(t, nc, "", greeting)
				for i := 0; i < len(turns); i += 2 {
					if octetwise {
						for _, octet := range []byte(turns[i]) {
							nc.Write([]byte{octet})
						}
						say(t, nc, "", turns[i+1])
						continue
					}
					say(t, nc, turns[i], turns[i+1])
				}
				got := strings.ReplaceAll(log.said(), string(l.protocol)+"#1 ", "")
				got = strings.TrimPrefix(got, "-- open\nS: "+strings.TrimSpace(greeting)+"\n")
				got, _, _ = strings.Cut(got, "-- ")
				if got != l.want {
					t.Errorf("recorded\n%s\nwant\n%s", got, l.want)
				}
				for _, secret := range secrets {
					if secret != "" && strings.Contains(log.String(), secret) {
						t.Errorf("%q is recorded", secret)
					}
				}
			})
		}
	}
}

func TestSecretsAreMaskedWhereverTheClientIsCutOff(t *testing.T) {
	t.Parallel()
	for _, l := range logins {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			turns, secrets := hushed(l.turns)
			total := 0
			for i := 0; i < len(turns); i += 2 {
				total += len(turns[i])
			}
			for cut := range total {
				checkCut(t, l.protocol, turns, secrets, cut)
			}
		})
	}
}

// checkCut has a client close after that many octets.
func checkCut(t *testing.T, p mailwire.Protocol, turns, secrets []string, cut int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		greeting := map[mailwire.Protocol]string{mailwire.IMAP: "* OK\r\n", mailwire.POP3: "+OK\r\n"}[p]
		dial, log := record(t, mailrecord.Config{Protocol: p}, func(nc net.Conn) {
			io.WriteString(nc, greeting)
			script(turns)(nc)
		})
		nc := dial()
		say(t, nc, "", greeting)
		left := cut
		for i := 0; i < len(turns); i += 2 {
			if len(turns[i]) > left {
				say(t, nc, turns[i][:left], "")
				break
			}
			say(t, nc, turns[i], turns[i+1])
			left -= len(turns[i])
		}
		nc.Close()
		synctest.Wait()
		for _, secret := range secrets {
			// The first octets may stand for anything.
			for n := 4; n <= len(secret); n++ {
				if strings.Contains(log.String(), secret[:n]) {
					t.Fatalf("cut after %d octets, %q of %q is recorded:\n%s", cut, secret[:n], secret, log)
				}
			}
		}
	})
}
