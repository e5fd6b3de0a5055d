package mailtest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"runtime"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/pop3fake"
)

// importer is a POP3 client that moves mail. The careless one deletes before it saves.
type importer struct {
	careless bool
	saved    []string
}

func (im *importer) run(dial func() (net.Conn, error)) error {
	nc, err := dial()
	if err != nil {
		return err
	}
	defer nc.Close()
	c := pop3Client{textproto.NewConn(nc)}
	if err := c.answer(); err != nil {
		return err
	}
	for _, command := range []string{"USER alice", "PASS secret", "RETR 1"} {
		if err := c.command(command); err != nil {
			return err
		}
	}
	message, err := c.ReadDotBytes()
	if err != nil {
		return err
	}
	if !im.careless {
		im.saved = append(im.saved, string(message))
	}
	if err := c.command("DELE 1"); err != nil {
		return err
	}
	if err := c.command("QUIT"); err != nil {
		return err
	}
	if im.careless {
		im.saved = append(im.saved, string(message))
	}
	return nil
}

type pop3Client struct{ *textproto.Conn }

func (c pop3Client) command(line string) error {
	if err := c.PrintfLine("%s", line); err != nil {
		return err
	}
	return c.answer()
}

func (c pop3Client) answer() error {
	line, err := c.ReadLine()
	if err == nil && !strings.HasPrefix(line, "+OK") {
		err = errors.New(line)
	}
	return err
}

// loses is a scenario in which no message may be lost.
func loses(careless bool, runs *int) func(t testing.TB, srv *mailtest.Server) {
	return func(t testing.TB, srv *mailtest.Server) {
		*runs++
		alice := srv.AddAccount("alice", "secret")
		alice.DeliverRaw([]byte("Subject: hello\r\n\r\nhi\r\n"))
		im := importer{careless: careless}
		_ = im.run(srv.POP3.Dial) // it is cut
		if len(im.saved)+len(alice.Messages()) == 0 {
			t.Error("the message is lost")
		}
	}
}

func TestACarefulClientSurvivesEveryCut(t *testing.T) {
	t.Parallel()
	runs := 0
	mailtest.CutEverywhere(t, loses(false, &runs))
	if runs < 200 {
		t.Errorf("%d runs", runs)
	}
	runs = 0
	mailtest.CutEverywhere(t, loses(false, &runs), mailtest.CutBetween())
	if want := 1 + 5 + 1 + 5 + 4; runs != want { // commands; the greeting, answers, a message with its dot
		t.Errorf("%d runs between commands and responses, want %d", runs, want)
	}
}

func TestAClientThatConnectsAgainFindsTheCutSessionGone(t *testing.T) {
	t.Parallel()
	mailtest.CutEverywhere(t, func(t testing.TB, srv *mailtest.Server) {
		alice := srv.AddAccount("alice", "secret")
		alice.DeliverRaw([]byte("Subject: hello\r\n\r\nhi\r\n"))
		var im importer
		if im.run(srv.POP3.Dial) == nil {
			return
		}
		left := len(alice.Messages())
		if err := im.run(srv.POP3.Dial); err != nil && (left > 0 || strings.Contains(err.Error(), "IN-USE")) {
			t.Errorf("the second attempt, with %d messages: %v", left, err)
		}
	})
}

func TestCutEverywhereGivesItsServersTheirOptions(t *testing.T) {
	t.Parallel()
	mailtest.CutEverywhere(t, func(t testing.TB, srv *mailtest.Server) {
		nc, err := srv.POP3.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		greeting, err := bufio.NewReader(nc).ReadString('\n')
		if want := "+OK hi\r\n"; !strings.HasPrefix(want, greeting) || err == nil && greeting != want {
			t.Errorf("the server says %q, error %v", greeting, err)
		}
	}, mailtest.CutServers(mailtest.WithPOP3(pop3fake.WithGreeting("hi"), pop3fake.WithoutCapabilities(pop3fake.APOP))))
}

func TestTheFirstCutAtWhichAClientFailsIsReported(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	runs := 0
	mailtest.CutEverywhere(tb, loses(true, &runs))
	if len(tb.errors) != 1 {
		t.Fatalf("%d problems were reported: %q", len(tb.errors), tb.errors)
	}
	for _, want := range []string{
		"the message is lost", "rule: accept session 1 cut-input-after 47\n", `when pop3 session 1 is cut after 47 octets of the client, at "QUIT"`,
		"pop3#1 C: QUIT\n", "write: mailwire: cut by a fault (0 of",
	} {
		if !strings.Contains(tb.errors[0], want) {
			t.Errorf("the report has no %q:\n%s", want, tb.errors[0])
		}
	}
}

func TestCutsAreSampledBySeed(t *testing.T) {
	t.Parallel()
	var rows []string
	for range 2 {
		tb, runs := &author{TB: t}, 0
		mailtest.CutEverywhere(tb, func(t testing.TB, srv *mailtest.Server) {
			runs++
			srv.AddAccount("alice", "secret")
			im := importer{}
			if err := im.run(srv.POP3.Dial); runs > 6 {
				t.Fatal(err)
			}
		}, mailtest.CutSample(10, 7))
		if runs != 7 || len(tb.errors) != 1 {
			t.Fatalf("%d runs, %q", runs, tb.errors)
		}
		rule := tb.errors[0][strings.Index(tb.errors[0], "rule:"):]
		rows = append(rows, rule[:strings.Index(rule, "\n")])
	}
	if rows[0] != rows[1] {
		t.Errorf("the same seed cuts at different places: %q", rows)
	}
}

func TestAScenarioThatFailsWithoutACutIsReportedAsThat(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	mailtest.CutEverywhere(tb, func(t testing.TB, srv *mailtest.Server) {
		srv.Account("nobody")
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "fails without a cut") || !strings.Contains(tb.errors[0], "nobody") {
		t.Errorf("reported %q", tb.errors)
	}
}

func TestACleanupOfAScenarioMayFailIt(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	var order []string
	mailtest.CutEverywhere(tb, func(t testing.TB, srv *mailtest.Server) {
		order = nil // it is run again without being watched
		t.Cleanup(func() { order = append(order, "first") })
		t.Cleanup(func() {
			order = append(order, "second")
			t.Fatal("something is left behind")
		})
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "something is left behind") {
		t.Errorf("reported %q", tb.errors)
	}
	if got := strings.Join(order, " "); got != "second first" {
		t.Errorf("cleanups ran in the order %q", got)
	}
}

func TestAnIMAPClientIsCutAmidItsLiterals(t *testing.T) {
	t.Parallel()
	cuts := make(map[int]int) // how often the mailbox had that many messages
	mailtest.CutEverywhere(t, func(t testing.TB, srv *mailtest.Server) {
		alice := srv.AddAccount("alice", "secret")
		nc, err := srv.IMAP.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		in := bufio.NewReader(nc)
		in.ReadString('\n')
		for _, line := range []string{"a LOGIN alice secret\r\n", "b APPEND INBOX {23}\r\n", "Subject: x\r\n\r\nliteral\r\n\r\n"} {
			io.WriteString(nc, line)
			if _, err := in.ReadString('\n'); err != nil {
				break
			}
		}
		cuts[len(alice.Messages())]++
	})
	if cuts[0] < 100 || cuts[1] < 40 {
		t.Errorf("messages in the mailbox, and how often: %v", cuts)
	}
}

func TestCutEverywhereRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	ran := false
	scenario := func(testing.TB, *mailtest.Server) { ran = true }
	for want, cut := range map[string]func(testing.TB){
		"there is no scenario":   func(tb testing.TB) { mailtest.CutEverywhere(tb, nil) },
		"option 1 is nil":        func(tb testing.TB) { mailtest.CutEverywhere(tb, scenario, nil) },
		"a sample of 0 places":   func(tb testing.TB) { mailtest.CutEverywhere(tb, scenario, mailtest.CutSample(0, 1)) },
		"start: option 1 is nil": func(tb testing.TB) { mailtest.CutEverywhere(tb, scenario, mailtest.CutServers(nil)) },
	} {
		tb := &author{TB: t}
		tb.run(func() { cut(tb) })
		if got := tb.fatal + strings.Join(tb.errors, "\n"); !strings.Contains(got, want) || ran {
			t.Errorf("failed with %q, want %s", got, want)
		}
	}
}

// Such as one whose client connects to the servers' addresses: they are in memory.
func TestAScenarioThatConnectsToNothingIsAMistake(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	mailtest.CutEverywhere(tb, func(_ testing.TB, srv *mailtest.Server) {
		_, _ = net.Dial("tcp", srv.POP3.Addr())
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "there is nothing to cut: the scenario made no connection by srv.IMAP.Dial") {
		t.Errorf("reported %q", tb.errors)
	}
}

func TestAScenariosFailureIsReportedWithItsLine(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	want := ""
	check := func(t testing.TB) {
		t.Helper()
		t.Error("it fails")
	}
	mailtest.CutEverywhere(tb, func(t testing.TB, srv *mailtest.Server) {
		_, _, line, _ := runtime.Caller(0)
		check(t)
		t.Logf("so %s", "it is")
		srv.AddAccount("alice", "secret").WantOverPOP3("hello")
		want = fmt.Sprintf("cut_test.go:%d: it fails\ncut_test.go:%d: so it is\ncut_test.go:%d: mailtest: a POP3 client", line+1, line+2, line+3)
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], want) {
		t.Errorf("reported %q, want %s", tb.errors, want)
	}
}

func TestAReportWithoutACutDoesntTellOfTheWatching(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	mailtest.CutEverywhere(tb, func(t testing.TB, srv *mailtest.Server) {
		srv.AddAccount("alice", "secret").IMAPClient().Close()
		t.Error("it fails")
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "S: * OK") || strings.Contains(tb.errors[0], "fault") {
		t.Errorf("reported %q", tb.errors)
	}
}
