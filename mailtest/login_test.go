package mailtest_test

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestALoginPolicyIsTheSameInBothProtocols(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.WithLoginPolicy(mailstore.LoginPolicy{AnyPassword: true, CreateAccounts: true}))
	overPOP3 := device.NewPOP3(device.Login{Dial: srv.POP3.Dial, Name: "new@example.org", Password: "one"}, device.KeepOnServer)
	if err := overPOP3.Sync(); err != nil {
		t.Fatal(err)
	}
	srv.Account("new@example.org").Deliver(mailtest.Mail{Subject: "hello"})
	overIMAP := device.NewIMAP(device.Login{Dial: srv.IMAP.Dial, Name: "new@example.org", Password: "two"})
	defer overIMAP.Close()
	if err := overIMAP.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := len(overIMAP.Messages()); n != 1 {
		t.Errorf("%d messages over IMAP, want 1", n)
	}
}

func TestWhereAnyPasswordWillDoNoMechanismIsOfferedThatNeedsTheRightOne(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.WithLoginPolicy(mailstore.LoginPolicy{AnyPassword: true}))
	// What many clients prefer to PLAIN, and would fail by.
	for endpoint, command := range map[*mailtest.Endpoint]string{srv.IMAP: "a CAPABILITY\r\n", srv.POP3: "CAPA\r\n"} {
		for name, dial := range map[string]func() (net.Conn, error){"plain": endpoint.Dial, "TLS": endpoint.DialTLS} {
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(command)); err != nil {
				t.Fatal(err)
			}
			var said []string
			for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != "." && !strings.HasPrefix(lines.Text(), "a OK"); {
				said = append(said, lines.Text())
			}
			answers := strings.Join(said, "\n")
			if strings.Contains(answers, "CRAM") || strings.HasPrefix(answers, "+OK") && strings.Contains(said[0], "<") || !strings.Contains(answers, "PLAIN") {
				t.Errorf("%s:\n%s", name, answers)
			}
		}
	}
}
