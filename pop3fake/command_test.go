package pop3fake_test

import (
	"io"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestMalformedCommandsAreAnsweredAndTheSessionGoesOn(t *testing.T) {
	t.Parallel()
	const (
		space  = "before each argument, and only there, is a single space (RFC 1939 section 3)"
		isnt   = " isn't a decimal number"
		octet  = " isn't printable ASCII (RFC 1939 section 3)"
		noSuch = "no such message, the maildrop has 1 message"
		number = "wrong number of arguments "
	)
	for _, test := range []struct{ command, want string }{
		{"", "no command at the start of the line (RFC 1939 section 3)"},
		{" NOOP", "no command at the start of the line (RFC 1939 section 3)"},
		{"HELO", `unknown command "HELO"`},
		{"LAST", `unknown command "LAST"`},
		{"\x00", `unknown command "\x00"`},
		{"[IN-USE]", `unknown command "[IN-USE]"`},
		{strings.Repeat("é", 120), `unknown command "` + strings.Repeat(`\u00e9`, 20) + `"...`},
		{"NOOP\x00", `unknown command "NOOP\x00"`},
		{"NOOP \x00", "NOOP: octet 0x00" + octet},
		{"LIST 1\t", "LIST: octet 0x09" + octet},
		{"LIST \xff", "LIST: octet 0xFF" + octet},
		{"\u017fTAT", "STAT: octet 0xC5" + octet}, // a long s is an S in upper case
		{"STAT 1", `STAT: ` + number + `(1), the command is "STAT"`},
		{"STAT ", "STAT: " + space},
		{"NOOP x", `NOOP: ` + number + `(1), the command is "NOOP"`},
		{"RSET x", `RSET: ` + number + `(1), the command is "RSET"`},
		{"QUIT x", `QUIT: ` + number + `(1), the command is "QUIT"`},
		{"CAPA x", `CAPA: ` + number + `(1), the command is "CAPA"`},
		{"LIST 1 2", `LIST: ` + number + `(2), the command is "LIST [msg]"`},
		{"LIST  1", "LIST: " + space},
		{"LIST 1 ", "LIST: " + space},
		{"LIST 0", "LIST: " + noSuch},
		{"LIST 2", "LIST: " + noSuch},
		{"LIST -1", `LIST: message-number "-1"` + isnt},
		{"LIST +1", `LIST: message-number "+1"` + isnt},
		{"LIST 1x", `LIST: message-number "1x"` + isnt},
		{"LIST 0x1", `LIST: message-number "0x1"` + isnt},
		{"LIST 1_0", `LIST: message-number "1_0"` + isnt},
		{"LIST 1.0", `LIST: message-number "1.0"` + isnt},
		{"LIST 4294967297", "LIST: " + noSuch},
		{"LIST 18446744073709551617", "LIST: " + noSuch},
		{"LIST " + strings.Repeat("9", 200), "LIST: " + noSuch},
		{"UIDL 1 2", `UIDL: ` + number + `(2), the command is "UIDL [msg]"`},
		{"UIDL 2", "UIDL: " + noSuch},
		{"UIDL x", `UIDL: message-number "x"` + isnt},
		{"RETR", `RETR: ` + number + `(0), the command is "RETR msg"`},
		{"RETR 1 2", `RETR: ` + number + `(2), the command is "RETR msg"`},
		{"RETR 2", "RETR: " + noSuch},
		{"RETR x", `RETR: message-number "x"` + isnt},
		{"DELE", `DELE: ` + number + `(0), the command is "DELE msg"`},
		{"DELE 0", "DELE: " + noSuch},
		{"DELE x", `DELE: message-number "x"` + isnt},
		{"TOP", `TOP: ` + number + `(0), the command is "TOP msg n"`},
		{"TOP 1", `TOP: ` + number + `(1), the command is "TOP msg n"`},
		{"TOP 1 2 3", `TOP: ` + number + `(3), the command is "TOP msg n"`},
		{"TOP 1 -1", `TOP: number of lines "-1"` + isnt},
		{"TOP 1 x", `TOP: number of lines "x"` + isnt},
		{"TOP 2 0", "TOP: " + noSuch},
		{"USER alice", "USER: only valid in the AUTHORIZATION state"},
		{"PASS secret", "PASS: only valid in the AUTHORIZATION state"},
		{"APOP alice x", "APOP: only valid in the AUTHORIZATION state"},
		{"AUTH", "AUTH: only valid in the AUTHORIZATION state"},
		{"STLS", "STLS: only valid in the AUTHORIZATION state"},
		{strings.Repeat("A", 253), `unknown command "` + strings.Repeat("A", 40) + `"...`},
		{strings.Repeat("A", 254), "line of more than 255 octets (RFC 2449 section 4, RFC 5034 section 4)"},
		{"RETR " + strings.Repeat("1", 1<<20), "line of more than 255 octets (RFC 2449 section 4, RFC 5034 section 4)"},
	} {
		name := test.command[:min(len(test.command), 20)]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, []string{"Subject: x\r\n\r\n"}).logIn()
			c.send(test.command + "\r\n")
			if got := c.line(); got != "-ERR "+test.want {
				t.Errorf("answer:\n got %q\nwant %q", got, "-ERR "+test.want)
			}
			c.run(`
				C: STAT
				S: +OK 1 14`)
		})
	}
}

func TestNamesAreCaseInsensitive(t *testing.T) {
	t.Parallel()
	start(t, nil).connect().run(`
		C: user ALICE
		S: +OK send PASS
		C: pAsS secret
		S: +OK maildrop locked and ready, 0 messages
		C: sTAT
		S: +OK 0 0
		C: Quit
		S: +OK bye, 0 messages left
		S: CLOSED`)
}

func TestCommandsOfTheTransactionStateNeedALogin(t *testing.T) {
	t.Parallel()
	c := start(t, nil).connect()
	for _, name := range []string{"STAT", "LIST", "UIDL", "RETR 1", "TOP 1 0", "DELE 1", "NOOP", "RSET"} {
		c.send(name + "\r\n")
		want := "-ERR " + strings.Fields(name)[0] + ": only valid in the TRANSACTION state"
		if got := c.line(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestTwentyMalformedCommandsInARowEndTheSession(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"Subject: x\r\n\r\n"})
	c := f.logIn()
	c.send(strings.Repeat("X\r\n", 19) + "NOOP\r\n" + strings.Repeat("X\r\n", 19))
	// Asking for what isn't there is no breach of the protocol.
	c.send("DELE 1\r\n" + strings.Repeat("RETR 1\r\n", 30) + strings.Repeat("X\r\n", 20))
	for range 19 + 1 + 19 + 1 + 30 + 19 {
		c.line()
	}
	c.run(`
		S: -ERR closing after too many malformed commands in a row; unknown command "X"
		S: CLOSED`)
	if f.left() != 1 {
		t.Errorf("%d messages left, want 1", f.left())
	}
	f.logIn()
}

func TestSecretsAreNotInTheTranscript(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"PASS":                           "USER alice\r\nPASS hush hush\r\n",
		"PASS in the wrong state":        "PASS hush\r\n",
		"PASS that is malformed":         "PASS hush\x01\r\n",
		"APOP":                           "APOP alice hush0123456789abcdef0123456789ab\r\n",
		"APOP with an argument too many": "APOP alice x hush\r\n",
		"AUTH with a response":           "AUTH PLAIN hushhush\r\n",
		"AUTH with too many":             "AUTH PLAIN = hush\r\n",
		"a SASL response":                "AUTH PLAIN\r\nhushhush\r\n",
		"a LOGIN response":               "AUTH LOGIN\r\nhush\r\nhushhush\r\n",
		"PASS that is too long":          "USER alice\r\nPASS hush" + strings.Repeat("x", 300) + "\r\n",
		"AUTH with a long token":         "AUTH XOAUTH2 hush" + strings.Repeat("x", 1000) + "\r\n",
		"a response that is too long":    "AUTH PLAIN\r\nhush" + strings.Repeat("x", 70_000) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transcript := mailwire.NewTranscript(0)
			f := start(t, nil, pop3fake.WithTranscript(transcript))
			c := f.connect()
			c.send(lines + "QUIT\r\n")
			if _, err := io.ReadAll(c.in); err != nil {
				t.Fatal(err)
			}
			if text := transcript.String(); strings.Contains(text, "hush") || !strings.Contains(text, "***") {
				t.Errorf("transcript:\n%s", text)
			}
		})
	}
}

func TestSecretsOfACommandThatIsTurnedOffAreNotInTheTranscript(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := start(t, nil, pop3fake.WithTranscript(transcript), pop3fake.WithoutCapabilities(pop3fake.User))
	f.connect().run(`
		C: PASS hush
		S: -ERR unknown command "PASS"`)
	if text := transcript.String(); strings.Contains(text, "hush") {
		t.Errorf("transcript:\n%s", text)
	}
}

// FuzzSession sends any octets in any state: the server answers every line, in the form of
// RFC 2449 §3, and ends when the client does, and the store changes by QUIT only.
func FuzzSession(f *testing.F) {
	for _, seed := range []string{
		"", "STAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\nDELE 1\r\nRSET\r\nNOOP\r\n",
		"DELE 1\r\nDELE 2\r\n", "DELE 1\r\nQUIT\r\n", "DELE 1\r\nquit\n", "AUTH PLAIN\r\n*\r\nAUTH LOGIN YQ==\r\n=\r\n",
		"RETR 99999999999999999999\r\nTOP 1 99999999999999999999\r\n", "\x00\r\n\xff \xff\r\r\n\n",
		"APOP a 0123456789abcdef0123456789abcdef\r\nCAPA\r\nSTLS\r\n", "USER a\r\nPASS  \r\n", "STLS\r\n\x16\x03\x01",
		"UTF8\r\nUSER \xc3\xa9\r\nLANG\r\nLANG *\r\nAUTH\r\n", "LAST\r\nXTND XLST Subject\r\nXTND XLST subject 1\r\nRETR 3\r\n",
		"AUTH SCRAM-SHA-256 bixhPWEsbj1hLHI9eA==\r\n=\r\nAUTH XOAUTH2 YQ==\r\n\r\n", "NOOP " + strings.Repeat("x", 300) + "\r\nNOOP\r\n",
	} {
		f.Add(true, true, []byte(seed))
		f.Add(false, false, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, loggedIn, watched bool, input []byte) {
		options := []pop3fake.Option{pop3fake.WithMoreCapabilities(pop3fake.Last, pop3fake.XTND)}
		if watched {
			options = append(options, pop3fake.OverrideEveryCommand(func(c *pop3fake.Call) error {
				c.Filter(func(response string) string {
					checkResponse(t, response)
					return response
				})
				return c.Next()
			}))
		}
		fix := start(t, []string{"Subject: x\r\n\r\n.\r\n", "bare\n.\nlf", "Subject: \u00e9\r\n\r\n"}, options...)
		before := fix.inbox().Messages()
		c := fix.connect()
		if loggedIn {
			c.send("USER alice\r\nPASS secret\r\n")
		}
		wrote := make(chan struct{})
		go func() {
			defer close(wrote)
			c.conn.Write(input) // fails once the server has closed
			c.conn.(interface{ CloseWrite() error }).CloseWrite()
		}()
		answers, err := io.ReadAll(c.in)
		<-wrote
		if err != nil {
			t.Fatal(err)
		}
		if len(answers) > 0 && !strings.HasSuffix(string(answers), "\r\n") && !strings.Contains(strings.ToUpper(string(input)), "STLS") {
			t.Errorf("answers %q", answers)
		}
		if err := fix.server.Close(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(strings.ToUpper(string(input)), "QUIT") && !sameMessages(before, fix.inbox().Messages()) {
			t.Errorf("%q changed the store", input)
		}
		if _, err := fix.alice.LockMaildrop(); err != nil {
			t.Error(err)
		}
	})
}

// checkResponse checks a whole response: a status line of up to 512 octets, or a challenge;
// after +OK perhaps more lines up to the first that is a "." alone.
func checkResponse(t *testing.T, response string) {
	status, rest, ok := strings.Cut(response, "\r\n")
	word, _, _ := strings.Cut(status, " ")
	if !ok || word != "+OK" && word != "-ERR" && !strings.HasPrefix(status, "+ ") {
		t.Errorf("response %q has no status", response)
	}
	if len(status) > 510 && word != "+" {
		t.Errorf("the status line of %q has %d octets", response, len(status)+2)
	}
	if rest != "" && (word != "+OK" || strings.Index("\r\n"+rest, "\r\n.\r\n")+len(".\r\n") != len(rest)) {
		t.Errorf("response %q doesn't end where its lines do", response)
	}
}

func sameMessages(a, b mailstore.Messages) bool {
	if a.Len() != b.Len() {
		return false
	}
	for n, m := range a.All() {
		if b.At(n) != m {
			return false
		}
	}
	return true
}
