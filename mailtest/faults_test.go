package mailtest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// openFault begins a session and reads the greeting.
func openFault(t *testing.T, e *mailtest.Endpoint) wireClient {
	t.Helper()
	nc, err := e.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return wireClient{t: t, nc: nc}
}

func (c *wireClient) lines(session string) {
	c.t.Helper()
	for line := range strings.Lines(session) {
		c.line(strings.Trim(line, "\t\n"))
	}
}

func TestAHeldCommandRunsOnceItIsReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := faultFixture(t)
		held := srv.IMAP.Hold("UID STORE")
		laptop, phone := openFault(t, srv.IMAP), openFault(t, srv.IMAP)
		laptop.lines("SELECT")
		phone.lines("HELLO\nC: a LOGIN alice secret\nS: a OK LOGIN completed\nC: b STATUS INBOX (UNSEEN)\nS: * STATUS INBOX (UNSEEN 2)\nS: b OK STATUS completed")
		laptop.lines(`C: c UID STORE 1 +FLAGS.SILENT (\Seen)`)
		if err := held.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		phone.lines("C: c STATUS INBOX (UNSEEN)\nS: * STATUS INBOX (UNSEEN 2)\nS: c OK STATUS completed")
		held.Release()
		laptop.lines("S: c OK UID STORE completed")
		phone.lines("C: d STATUS INBOX (UNSEEN)\nS: * STATUS INBOX (UNSEEN 1)\nS: d OK STATUS completed")
	})
}

func TestWaitingForAHoldEndsWithTheContextOrTheRule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		held := srv.POP3.Hold("RETR")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := held.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "it matched so far: 0") {
			t.Errorf("wait: %v", err)
		}
		time.AfterFunc(time.Minute, held.Remove)
		if err := held.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "removed") {
			t.Errorf("wait: %v", err)
		}
	})
}

func TestStalledSessionsEndWithTheirServer(t *testing.T) {
	t.Parallel()
	for _, rule := range []mailwire.Rule{
		mailwire.OnAccept().Stall(), mailwire.OnGreeting().Stall(), mailwire.On("NOOP").Stall(), mailwire.On("NOOP").Hold(),
		mailwire.On("NOOP").NeverRead(), mailwire.OnResponse("a").Stall(), mailwire.OnResponse("a").Hold(),
		mailwire.OnQuiet(time.Second).Stall(), mailwire.OnAccept().Throttle(1),
	} {
		t.Run(rule.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := mailtest.New(t, mailtest.InMemory())
				srv.IMAP.Inject(rule)
				c := openFault(t, srv.IMAP)
				c.lines("C: a NOOP\nC: b NOOP")
				time.Sleep(time.Hour)
				start := time.Now()
				if err := srv.Close(); err != nil {
					t.Error(err)
				}
				if d := time.Since(start); d > 0 {
					t.Errorf("closing took %v", d)
				}
			})
		})
	}
}

func TestASessionThatIsNeverReadTakesNoCommands(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	srv.POP3.Inject(mailwire.OnGreeting().NeverRead())
	nc, err := srv.POP3.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := nc.Write(make([]byte, 1<<20)); !errors.Is(err, context.DeadlineExceeded) && err == nil {
		t.Error("a megabyte was taken")
	}
}

func TestSegmentsArriveOneByOne(t *testing.T) {
	t.Parallel()
	for _, rule := range []mailwire.Rule{mailwire.OnAccept().Segments(3), mailwire.OnGreeting().Segments(3)} {
		srv := mailtest.New(t, mailtest.InMemory())
		srv.POP3.Inject(rule)
		nc, err := srv.POP3.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		var got strings.Builder
		for !strings.HasSuffix(got.String(), "\n") {
			buffer := make([]byte, 100)
			n, err := nc.Read(buffer)
			if err != nil || n > 3 {
				t.Fatalf("%s: read %d octets, %v", rule, n, err)
			}
			got.Write(buffer[:n])
		}
		if !strings.HasPrefix(got.String(), "+OK POP3 server ready") {
			t.Errorf("%s: %q", rule, got.String())
		}
	}
}

func TestTLSFaults(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.FailOnUnfired())
	srv.IMAP.Inject(mailwire.OnTLS().Reset())
	srv.POP3.Inject(mailwire.OnResponse("+OK").CutAfter(3))

	nc, err := srv.IMAP.DialTLS()
	if err == nil {
		_, err = nc.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a reset handshake: %v", err)
	}
	if nc, err = srv.POP3.DialTLS(); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(nc); string(got) != "+OK" {
		t.Errorf("before the cut the client got %q", got)
	}
}

func TestResetsReachAClientOverTCP(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t)
	srv.POP3.Inject(mailwire.On("NOOP").Reset())
	nc, err := net.Dial("tcp", srv.POP3.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	fmt.Fprint(nc, "NOOP\r\n")
	if _, err := io.ReadAll(nc); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %v", err)
	}
}

func TestRulesWithGoFunctions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := faultFixture(t)
		var seen mailwire.Hit
		srv.IMAP.Inject(mailwire.OnUntagged().When(func(h mailwire.Hit) bool { return h.Command == "FETCH" && h.Mailbox == "INBOX" }).
			Do(func(h *mailwire.Hit) {
				seen = *h
				h.Send([]byte("* OK ahead\r\n"))
				h.Text = []byte(strings.ToLower(string(h.Text)))
			}))
		c := openFault(t, srv.IMAP)
		c.lines("SELECT\nC: c FETCH 1 UID\nS: * OK ahead\nS: * 1 fetch (uid 1)\nS: c OK FETCH completed")
		if seen.User != "alice" || seen.Tag != "c" || seen.State != "selected" || seen.Session != 1 || seen.Protocol != mailwire.IMAP {
			t.Errorf("the function got %+v", seen)
		}
	})
}

func TestAGoFunctionThatPanicsIsReported(t *testing.T) {
	t.Parallel()
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	fakes.IMAP.Inject(mailwire.OnGreeting().Do(func(*mailwire.Hit) { panic("oops") }))
	nc, err := fakes.IMAP.Dial()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(nc); len(got) > 0 || err != nil {
		t.Errorf("the client got %q, %v", got, err)
	}
	if err := fakes.Close(); err == nil || !strings.Contains(err.Error(), "oops") {
		t.Errorf("close: %v", err)
	}
}

func TestARuleThatMakesNoSenseIsReported(t *testing.T) {
	t.Parallel()
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	h := fakes.IMAP.Inject(mailwire.OnGreeting().Nth(0).Close())
	h.Remove()
	if h.Fired() != 0 {
		t.Error("it fired")
	}
	if err := fakes.Close(); err == nil || !strings.Contains(err.Error(), "nth: 0 is less than 1") {
		t.Errorf("close: %v", err)
	}
}

func TestARuleThatNeverFiredCanFailTheTest(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	tb.run(func() {
		srv := mailtest.New(tb, mailtest.InMemory(), mailtest.FailOnUnfired())
		h := srv.POP3.Inject(mailwire.On("NOOP").Nth(3).Close())
		srv.POP3.Inject(mailwire.OnGreeting().Before("+OK hello\r\n"))
		c := openFault(t, srv.POP3)
		c.lines("S: +OK hello\nC: NOOP\nC: NOOP\nC: QUIT")
		if _, err := io.ReadAll(c.nc); err != nil {
			t.Error(err)
		}
		if h.Matched() != 2 || h.Fired() != 0 {
			t.Errorf("matched %d times, fired %d times", h.Matched(), h.Fired())
		}
	})
	want := `mailtest: pop3: the fault "on NOOP nth 3 close" never fired; it matched 2 times`
	if len(tb.errors) != 1 || tb.errors[0] != want {
		t.Errorf("reported %q", tb.errors)
	}
}

func TestARuleThatComesLaterKnowsTheSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := faultFixture(t)
		c := openFault(t, srv.IMAP)
		c.lines("SELECT")
		h := srv.IMAP.Inject(mailwire.On("NOOP").User("alice").State("selected").Mailbox("INBOX").Times(1).Answer("NO later"))
		c.lines("C: c NOOP\nS: c NO later\nC: d NOOP\nS: d OK NOOP completed")
		h.Remove()
		c.lines("C: e NOOP\nS: e OK NOOP completed")
		if h.Matched() != 2 || h.Fired() != 1 {
			t.Errorf("matched %d times, fired %d times", h.Matched(), h.Fired())
		}
		srv.IMAP.Inject(mailwire.OnQuiet(time.Minute).Send("* BYE\r\n").Close())
		c.lines("S: * BYE\n1m0s\nEOF")

		p := openFault(t, srv.POP3)
		p.lines("PASS\nC: LIST\nS: +OK 2 messages (45 octets)\nS: 1 20\nS: 2 25\nS: .")
		srv.POP3.Inject(mailwire.OnLine().User("alice").State("transaction").Match(regexp.MustCompile(`^2`)).Drop())
		p.lines("C: LIST\nS: +OK 2 messages (45 octets)\nS: 1 20\nS: .")
	})
}

func TestTheTranscriptHasWhatPassedAndNoPasswords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := faultFixture(t)
		srv.IMAP.Inject(mailwire.On("*").Delay(time.Millisecond))
		srv.IMAP.Inject(mailwire.On("NOOP").Replace("a CHECK\r\n"))
		srv.IMAP.Inject(mailwire.OnStep().Delay(time.Millisecond))
		srv.POP3.Inject(mailwire.On("*").Delay(time.Millisecond))
		c := openFault(t, srv.IMAP)
		c.lines("HELLO\nC: x AUTHENTICATE PLAIN\nS: +\\x20\nC: AGFsaWNlAHdyb25n\nS: x NO [AUTHENTICATIONFAILED] authenticate \"alice\": wrong name or password")
		c.lines("C: a LOGIN {5}\nS: + Ready for literal data\nC: alice {6}\nS: + Ready for literal data\nC: secret\nS: a OK LOGIN completed")
		c.lines("C: b NOOP\nS: a BAD CHECK is not allowed in the authenticated state (RFC 3501 6)")
		c.lines("C: c LOGIN alice secret\nS: c BAD LOGIN is not allowed in the authenticated state (RFC 3501 6)")
		p := openFault(t, srv.POP3)
		p.lines("PASS")
		synctest.Wait()
		text := srv.Transcript.String()
		if strings.Contains(text, "secret") || strings.Contains(text, "AGFsaWNlAHdyb25n") {
			t.Errorf("a password is in the transcript:\n%s", text)
		}
		for _, want := range []string{
			"imap#1 C: a LOGIN {5}\n", "imap#1 C: *** {6}\n", "imap#1 -- fault: on * delay 1ms\n", "imap#1 C: x AUTHENTICATE PLAIN\n", "imap#1 C: b NOOP\n", "pop3#2 C: PASS ***\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the transcript has no %q:\n%s", want, text)
			}
		}
		if strings.Count(text, "S: + Ready") != 2 {
			t.Errorf("the client was asked twice:\n%s", text)
		}
	})
}

func TestTheTranscriptHasInputOnce(t *testing.T) {
	t.Parallel()
	for text, login := range map[string]string{
		`literal delay 1ms`:     "*** ***", // the rule's note shows no literal of a LOGIN
		`on LOGIN delay 1ms`:    "***",
		`on NOOP delay 1ms`:     "alice ***",
		`literal replace alice`: "*** ***",
	} {
		synctest.Test(t, func(t *testing.T) {
			srv := faultFixture(t)
			rule, err := mailwire.ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			srv.IMAP.Inject(rule)
			c := openFault(t, srv.IMAP)
			c.lines("HELLO\nC: a NOOP\nS: a OK NOOP completed\nC: b LOGIN {5}\nS: + Ready for literal data\nC: alice secret\nS: b OK LOGIN completed")
			var input, output string
			for _, r := range srv.Transcript.Records() {
				switch r.Dir {
				case mailwire.Client:
					input += string(r.Text)
				case mailwire.Server:
					output += string(r.Text)
				}
			}
			if want := "a NOOP\r\nb LOGIN {5}\r\n" + login + "\r\n"; input != want {
				t.Errorf("%s: the client sent %q, want %q", text, input, want)
			}
			if want := "* OK ready\r\na OK NOOP completed\r\n+ Ready for literal data\r\nb OK LOGIN completed\r\n"; output != want {
				t.Errorf("%s: the server sent %q, want %q", text, output, want)
			}
		})
	}
}

func TestTheStoreIsConsistentWhateverARuleSends(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one", Text: "hi"})
	srv.POP3.Inject(mailwire.OnLogout().Answer("+OK deleted"))
	c := openFault(t, srv.POP3)
	in := bufio.NewReader(c.nc)
	for _, line := range []string{"USER alice", "PASS secret", "DELE 1", "QUIT"} {
		fmt.Fprintf(c.nc, "%s\r\n", line)
		in.ReadString('\n')
	}
	c.nc.Close()
	alice.WantOverIMAP("INBOX", "one") // QUIT never came to the server
}

func TestRulesAreInsideOfTLSAndCompression(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.FailOnUnfired())
	srv.AddAccount("alice", "secret")
	srv.IMAP.Inject(mailwire.OnTagged().Command("NOOP").Corrupt(0).Segments(1))
	plain, err := srv.IMAP.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	nc := plain
	say := func(line, want string) {
		t.Helper()
		fmt.Fprintf(nc, "%s\r\n", line)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(nc, got); string(got) != want {
			t.Fatalf("after %q the client got %q, %v", line, got, err)
		}
	}
	bufio.NewReader(plain).ReadString('\n') // all of the greeting
	say("a NOOP", "\xe1 OK NOOP completed\r\n")
	say("s STARTTLS", "s OK STARTTLS completed\r\n")
	nc = tls.Client(plain, srv.TLSConfig())
	say("b NOOP", "\xe2 OK NOOP completed\r\n")
	fmt.Fprint(nc, "c LOGIN alice secret\r\n")
	bufio.NewReader(nc).ReadString('\n')
	say("d COMPRESS DEFLATE", "d OK")
	bufio.NewReader(nc).ReadString('\n')
	nc = mailwire.Deflate(nc)
	say("e NOOP", "\xe5 OK NOOP completed\r\n")
}

// Each word of rules is in a rule of these tests.
func TestEachWordOfRulesIsShownOnTheWire(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("mailwire/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("faults_test.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]bool)
	for _, row := range slices.Concat(imapFaults, pop3Faults) {
		for _, word := range strings.Fields(row.rule) {
			shown[word] = true
		}
	}
	words := regexp.MustCompile(`(?m)^//\t(\S+).*? +\| (\w+) +\| `).FindAllStringSubmatch(string(documentation), -1)
	for _, m := range words {
		if !shown[m[1]] && !strings.Contains(string(source), m[2]+"(") {
			t.Errorf("no test has %s", m[1])
		}
	}
	if len(words) < 60 {
		t.Errorf("the documentation has %d words", len(words))
	}
}
