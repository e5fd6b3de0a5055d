package mailrecord_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailwire"
)

// secure begins TLS as a client.
func secure(t *testing.T, nc net.Conn) net.Conn {
	t.Helper()
	config, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(nc, config)
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	return conn
}

// overTLS returns a server that has a conversation in TLS from the first octet.
func overTLS(t *testing.T, turns ...string) func(net.Conn) {
	return func(nc net.Conn) {
		config, err := mailwire.ServerTLS()
		if err != nil {
			t.Error(err)
		}
		conversation(t, turns...)(tls.Server(nc, config))
	}
}

// startingTLS returns a server that has one conversation in the clear and one in TLS.
func startingTLS(t *testing.T, clear []string, turns ...string) func(net.Conn) {
	return func(nc net.Conn) {
		for i, turn := range clear {
			if i%2 == 0 {
				io.WriteString(nc, turn)
			} else if got := make([]byte, len(turn)); true {
				if n, err := io.ReadFull(nc, got); err != nil || string(got) != turn {
					t.Errorf("the server got %q, %v; want %q", got[:n], err, turn)
				}
			}
		}
		overTLS(t, turns...)(nc)
	}
}

func TestCapabilitiesLackWhatCannotWorkInTLS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		protocol       mailwire.Protocol
		says           []string // by the server and the client in turn
		hears          []string // what of it the client gets, in place of the server's turns
		left, security string
	}{
		{"IMAP", mailwire.IMAP,
			[]string{"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=SCRAM-SHA-1-PLUS auth=external STARTTLS] AUTH=SCRAM-SHA-1-PLUS\r\n",
				"a CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS\r\na OK [CAPABILITY AUTH=EXTERNAL X] done\r\n",
				"b FETCH 1 BODY[]\r\n", "* 1 FETCH (BODY[] {27}\r\n* CAPABILITY AUTH=EXTERNAL\r\n)\r\nb OK\r\n"},
			[]string{"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS] AUTH=SCRAM-SHA-1-PLUS\r\n", "* CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256\r\na OK [CAPABILITY X] done\r\n",
				"* 1 FETCH (BODY[] {27}\r\n* CAPABILITY AUTH=EXTERNAL\r\n)\r\nb OK\r\n"},
			"SCRAM-SHA-1-PLUS", "tls"},
		{"POP3", mailwire.POP3,
			[]string{"+OK\r\n", "CAPA\r\n", "+OK\r\nSASL PLAIN SCRAM-SHA-1-PLUS EXTERNAL\r\nUSER\r\n.\r\n", "AUTH\r\n", "+OK\r\nPLAIN\r\nEXTERNAL\r\n.\r\n",
				"RETR 1\r\n", "+OK\r\nSASL EXTERNAL\r\n.\r\n"},
			[]string{"+OK\r\n", "+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n", "+OK\r\nPLAIN\r\n.\r\n", "+OK\r\nSASL EXTERNAL\r\n.\r\n"},
			"EXTERNAL", "tls"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dial, l := record(t, mailrecord.Config{Protocol: tt.protocol, Security: mailrecord.ImplicitTLS}, overTLS(t, tt.says...))
			nc := dial()
			for i, want := range tt.hears {
				command := ""
				if i > 0 {
					command = tt.says[2*i-1]
				}
				say(t, nc, command, want)
			}
			if note := "-- left out of the capabilities, as it can't work through a recorder: " + tt.left + "\n"; strings.Count(l.String(), note) != 1 {
				t.Errorf("no note about it in\n%s", l)
			}
		})
	}
}

func TestWithoutTLSCapabilitiesAreTheServers(t *testing.T) {
	t.Parallel()
	greeting := "* OK [CAPABILITY AUTH=SCRAM-SHA-1-PLUS STARTTLS] hi\r\n"
	dial, _ := record(t, mailrecord.Config{}, conversation(t, greeting))
	say(t, dial(), "", greeting)
}

func TestTheClientsWishForTLSIsCarriedOutOnBothSides(t *testing.T) {
	t.Parallel()
	t.Run("IMAP", func(t *testing.T) {
		t.Parallel()
		dial, l := record(t, mailrecord.Config{}, startingTLS(t, []string{"* OK\r\n", "a STARTTLS\r\n", "* OK soon\r\na OK go\r\n"},
			"", "b CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\nb OK\r\n"))
		nc := dial()
		say(t, nc, "", "* OK\r\n")
		say(t, nc, "a STARTTLS\r\nevil LOGOUT\r\n", "* OK soon\r\na OK go\r\n")
		say(t, secure(t, nc), "b CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\nb OK\r\n")
		for _, want := range []string{"-- TLS 1.3 started", "-- dropped before TLS: the client's last 13 octets"} {
			if !strings.Contains(l.String(), want) {
				t.Errorf("no %q in\n%s", want, l)
			}
		}
	})
	t.Run("POP3, when it is refused", func(t *testing.T) {
		t.Parallel()
		dial, _ := record(t, mailrecord.Config{Protocol: mailwire.POP3}, conversation(t, "+OK\r\n", "STLS\r\n", "-ERR no\r\n", "STAT\r\n", "+OK 0 0\r\n", "QUIT\r\n", "+OK\r\n"))
		nc := dial()
		say(t, nc, "", "+OK\r\n")
		say(t, nc, "STLS\r\nSTAT\r\n", "-ERR no\r\n+OK 0 0\r\n")
		say(t, nc, "QUIT\r\n", "+OK\r\n")
	})
}

func TestStartTLSUpstreamIsTheRecordersAffair(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		protocol                 mailwire.Protocol
		clear                    []string
		greeting, command, reply string
	}{
		{mailwire.IMAP, []string{"* OK [CAPABILITY STARTTLS LOGINDISABLED] hi\r\n", "r0 STARTTLS\r\n", "* OK soon\r\nr0 OK go\r\n"}, "* OK hi\r\n", "a NOOP\r\n", "a OK\r\n"},
		{mailwire.POP3, []string{"+OK <1@x>\r\n", "STLS\r\n", "+OK go\r\n"}, "+OK <1@x>\r\n", "NOOP\r\n", "+OK\r\n"},
	} {
		t.Run(string(tt.protocol), func(t *testing.T) {
			t.Parallel()
			dial, l := record(t, mailrecord.Config{Protocol: tt.protocol, Security: mailrecord.StartTLS}, startingTLS(t, tt.clear, "", tt.command, tt.reply))
			nc := dial()
			say(t, nc, "", tt.greeting)
			say(t, nc, tt.command, tt.reply)
			if strings.Contains(l.String(), "r0") || strings.Contains(l.String(), "STLS") {
				t.Errorf("the recorder's own command is recorded:\n%s", l)
			}
		})
	}
}

func TestAnUpstreamThatCannotBeReachedIsSaid(t *testing.T) {
	t.Parallel()
	config, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	dial, l := start(t, mailrecord.Config{Protocol: mailwire.POP3, UpstreamTLS: config,
		Dial:   func(context.Context) (net.Conn, error) { return nil, errors.New("no route") },
		Failed: func(err error) { said <- err.Error() }})
	if got, err := io.ReadAll(dial()); len(got) > 0 || err != nil {
		t.Errorf("the client got %q, %v", got, err)
	}
	if got := <-said; got != "pop3#1: connect to the upstream server: no route" {
		t.Errorf("the recorder said %q", got)
	}
	if !strings.Contains(l.String(), "pop3#1 -- upstream: no route\n") {
		t.Errorf("recorded\n%s", l)
	}
}

func TestACertificateThatIsNotTrustedEndsTheSession(t *testing.T) {
	t.Parallel()
	dial, l := record(t, mailrecord.Config{Security: mailrecord.ImplicitTLS, UpstreamTLS: &tls.Config{ServerName: "mail.example.net"}}, func(nc net.Conn) {
		config, _ := mailwire.ServerTLS()
		tls.Server(nc, config).Handshake()
		nc.Close()
	})
	if got, _ := io.ReadAll(dial()); len(got) > 0 {
		t.Errorf("the client got %q", got)
	}
	if !strings.Contains(l.String(), "-- upstream: start TLS: ") {
		t.Errorf("recorded\n%s", l)
	}
}

func TestCompressionGoesThrough(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	srv.AddAccount("alice@example.org", password).Deliver(mailtest.Mail{Subject: "hello", Text: "hi"})
	dial, l := start(t, mailrecord.Config{Protocol: mailwire.IMAP, UpstreamTLS: srv.TLSConfig(),
		Dial: func(context.Context) (net.Conn, error) { return srv.IMAP.Dial() }})
	nc := dial()
	if _, err := io.ReadFull(nc, make([]byte, len("* OK"))); err != nil {
		t.Fatal(err)
	}
	skipLine(t, nc)
	io.WriteString(nc, "a LOGIN alice@example.org "+password+"\r\n")
	skipLine(t, nc)
	io.WriteString(nc, "b COMPRESS DEFLATE\r\n")
	skipLine(t, nc)
	nc = mailwire.Deflate(nc)
	say(t, nc, "c NOOP\r\nd UNSELECT\r\n", "c OK ")
	for _, want := range []string{"S: b OK", "-- DEFLATE started", "C: c NOOP", "S: c OK"} {
		if !strings.Contains(l.String(), want) {
			t.Errorf("no %q in\n%s", want, l)
		}
	}
}

// skipLine reads up to the end of a line, and no further.
func skipLine(t *testing.T, nc net.Conn) {
	t.Helper()
	for octet := make([]byte, 1); octet[0] != '\n'; {
		if _, err := io.ReadFull(nc, octet); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRulesMakeARealServerMisbehave(t *testing.T) {
	t.Parallel()
	var faults mailwire.Faults
	for _, text := range []string{`on RETR cut-after 14`, `on "LIST" answer "-ERR [SYS/TEMP] later"`} {
		rule, err := mailwire.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := faults.Inject(rule); err != nil {
			t.Fatal(err)
		}
	}
	dial, l := record(t, mailrecord.Config{Protocol: mailwire.POP3, Faults: &faults}, conversation(t,
		"+OK\r\n", "USER alice\r\n", "+OK\r\n", "PASS Tr0ub4dor\r\n", "+OK\r\n", "RETR 1\r\n", "+OK\r\nhello\r\nthere\r\n.\r\n"))
	nc := dial()
	say(t, nc, "", "+OK\r\n")
	say(t, nc, "USER alice\r\n", "+OK\r\n")
	say(t, nc, "LIST\r\n", "-ERR [SYS/TEMP] later\r\n")
	say(t, nc, "PASS Tr0ub4dor\r\n", "+OK\r\n")
	io.WriteString(nc, "RETR 1\r\n")
	if got, _ := io.ReadAll(nc); string(got) != "+OK\r\nhello\r\nth" {
		t.Errorf("the client got %q", got)
	}
	nc.Close()
	want := `pop3#1 S: +OK
pop3#1 C: USER alice
pop3#1 S: +OK
pop3#1 C: LIST
pop3#1 -- fault: on LIST answer "-ERR [SYS/TEMP] later"
pop3#1 S: -ERR [SYS/TEMP] later
pop3#1 C: PASS ***
pop3#1 S: +OK
pop3#1 C: RETR 1
pop3#1 -- fault: on RETR cut-after 14
pop3#1 S: +OK
pop3#1 S: hello
pop3#1 S: th\
pop3#1 -- closed
`
	if got := strings.TrimPrefix(l.said(), "pop3#1 -- open\n"); got != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
}
