package mailsasl

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// newStore returns a store with these accounts, which are given as name and password.
func newStore(t testing.TB, accounts ...string) *mailstore.Store {
	t.Helper()
	store := mailstore.New()
	for i := 0; i < len(accounts); i += 2 {
		if _, err := store.AddAccount(accounts[i], accounts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func account(t testing.TB, store *mailstore.Store, name string) *mailstore.Account {
	t.Helper()
	a, err := store.Account(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// named returns the table's row of a mechanism.
func named(t testing.TB, name string) mechanism {
	t.Helper()
	for _, m := range mechanisms {
		if m.name == name {
			return m
		}
	}
	t.Fatalf("no mechanism %s", name)
	return mechanism{}
}

// play runs an exchange by a script of what the client and the server say, without base64.
// A script that begins with a client's line has an initial response. "*" cancels, "\x01"
// is written as ^A, and a client's line after "!" goes out as it is.
func play(t testing.TB, c *Connection, m mechanism, script string) (Login, error) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(script) {
		if line = strings.TrimRight(strings.TrimLeft(line, " \t"), "\n"); line != "" {
			lines = append(lines, strings.ReplaceAll(line, "^A", "\x01"))
		}
	}
	next := func(side string) (string, bool) {
		if len(lines) == 0 {
			return "", false
		}
		text, ok := strings.CutPrefix(lines[0], side)
		if ok {
			lines = lines[1:]
		}
		return strings.TrimPrefix(text, " "), ok
	}
	client := func() string {
		text, ok := next("C:")
		if !ok {
			t.Fatalf("the server waits for a response; left of the script: %q", lines)
		}
		if raw, ok := strings.CutPrefix(text, "!"); ok || text == "*" {
			return raw
		}
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	initial := ""
	if strings.HasPrefix(lines[0], "C:") {
		if initial = client(); initial == "" {
			initial = "="
		}
	}
	login, err := c.run(m, initial, func(challenge string) (string, error) {
		got, err := base64.StdEncoding.DecodeString(challenge)
		if err != nil {
			t.Fatalf("challenge %q: %v", challenge, err)
		}
		want, ok := next("S:")
		if !ok {
			t.Fatalf("unexpected challenge %q", got)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" && want != "…" {
			t.Errorf("challenge (-want +got):\n%s", diff)
		}
		return client(), nil
	})
	if len(lines) > 0 {
		t.Errorf("the exchange ended before %q", lines)
	}
	if err != nil && login != (Login{}) {
		t.Errorf("a login %v in spite of %v", login, err)
	}
	return login, err
}

func TestTheExamplesOfTheRFCs(t *testing.T) {
	t.Parallel()
	nonce := func(s string) func() string { return func() string { return s } }
	salt := func(coded string) func(string) string {
		return func(string) string {
			s, err := base64.StdEncoding.DecodeString(coded)
			if err != nil {
				t.Error(err)
			}
			return string(s)
		}
	}
	const token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
	for name, test := range map[string]struct {
		mechanism mechanism
		script    string
		account   string
		err       error
	}{
		"RFC 4616 section 4, first": {named(t, "PLAIN"), "S:\nC: \x00tim\x00tanstaaftanstaaf", "tim", nil},
		"RFC 4616 section 4, second": {
			named(t, "PLAIN"), "C: Ursel\x00Kurt\x00xipj3plmq", "", ErrAuthorization,
		},
		"RFC 5034 section 6, with initial response": {named(t, "PLAIN"), "C: test\x00test\x00test", "test", nil},
		"RFC 5034 section 6, without":               {named(t, "PLAIN"), "S:\nC: !dGVzdAB0ZXN0AHRlc3Q=", "test", nil},
		"RFC 2195 section 2": {
			mechanism{run: cramMD5{nonce("<1896.697170952@postoffice.reston.mci.net>")}.run},
			"S: <1896.697170952@postoffice.reston.mci.net>\nC: tim b913a602c7eda7a495b4e6e7334d3890", "tim", nil,
		},
		"RFC 5802 section 5": {
			mechanism{run: scramServer{hash: sha1.New, nonce: nonce("3rfcNHYJY1ZVvWVs7j"), salt: salt("QSXCR+Q6sek8bf92")}.run}, `
			C: n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL
			S: r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096
			C: c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=
			S: v=rmF9pqV8S7suAoZWja4dJRkFsKQ=
			C:`, "user", nil,
		},
		"RFC 7677 section 3": {
			mechanism{run: scramServer{hash: sha256.New, nonce: nonce("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"), salt: salt("W22ZaJ0SNY7soEsUEjb6gQ==")}.run}, `
			C: n,,n=user,r=rOprNGfwEbeRWgbNEkqO
			S: r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096
			C: c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=
			S: v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
			C:`, "user", nil,
		},
		"RFC 7628 section 4.1": {
			named(t, "OAUTHBEARER"), "C: !bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI" +
				"HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB", "user@example.com", nil,
		},
		"RFC 7628 section 4.3, first": {
			named(t, "OAUTHBEARER"), `
			C: !bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=
			S: {"status":"invalid_token"}
			C: !AQ==`, "", mailstore.ErrAuthentication,
		},
		"RFC 7628 section 4.3, second": {
			named(t, "OAUTHBEARER"), `
			C: !bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=
			S: {"status":"invalid_token"}
			C: *`, "", ErrCancelled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := newStore(t, "tim", "tanstaaftanstaaf", "Ursel", "x", "Kurt", "xipj3plmq", "test", "test",
				"user", "pencil", "user@example.com", "x")
			account(t, store, "user@example.com").AddToken(token, time.Time{})
			login, err := play(t, &Connection{Store: store}, test.mechanism, test.script)
			if !errors.Is(err, test.err) || err == nil && login.Account != account(t, store, test.account) {
				t.Errorf("%v, %v; want %q, %v", login, err, test.account, test.err)
			}
		})
	}
}

func TestPasswordsThatLookTheSameAreTheSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stored, sent string
		ok           bool
	}{
		{"secret", "secret", true},
		{"secret", "Secret", false},
		{"secret", "", false},
		{"se cret", "se\u00a0cret", true}, // RFC 4013 §2.1: a no-break space
		{"IX", "I\u00adX", true},          // RFC 4013 §3
		{"IX", "\u2168", true},
		{"p\u00e4ss", "pa\u0308ss", true},
		{"key\U0001f511", "key\U0001f511", true}, // not in Unicode 3.2
		{"key\U0001f511", "key\U0001f5dd", false},
		{"\u0627\u0031", "\u0627\u0031", true}, // against RFC 3454 §6 on right-to-left text
		{"\xff", "\xff", true},                 // not UTF-8
		{"", "", false},                        // RFC 4616 §2: nothing is left
		{"", "\u00ad", false},
		{"", "secret", false},
	} {
		store := newStore(t, "alice", test.stored)
		_, err := play(t, &Connection{Store: store}, named(t, "LOGIN"), "C: alice\nS: Password:\nC: "+test.sent)
		if ok := err == nil; ok != test.ok || !ok && !errors.Is(err, mailstore.ErrAuthentication) {
			t.Errorf("%q for %q: %v", test.sent, test.stored, err)
		}
	}
}

func TestExchangesThatFail(t *testing.T) {
	t.Parallel()
	wrong := mailstore.ErrAuthentication
	for _, test := range []struct {
		mechanism, script string
		err               error
	}{
		{"PLAIN", "C: \x00alice\x00wrong", wrong},
		{"PLAIN", "C: \x00nobody\x00secret", wrong},
		{"PLAIN", "C: \x00\x00", wrong},
		{"PLAIN", "C: bob\x00alice\x00secret", ErrAuthorization},
		{"PLAIN", "C: nobody\x00alice\x00secret", ErrAuthorization},
		{"PLAIN", "C: alice\x00secret", ErrMalformed},
		{"PLAIN", "C: \x00alice\x00secret\x00", ErrMalformed},
		{"PLAIN", "S:\nC:", ErrMalformed},
		{"PLAIN", "C:", ErrMalformed},
		{"PLAIN", "S:\nC: *", ErrCancelled},
		{"PLAIN", "S:\nC: !=", ErrEncoding},
		{"PLAIN", "S:\nC: !AAA", ErrEncoding},
		{"PLAIN", "C: !=AAAA", ErrEncoding},
		{"PLAIN", "C: !AAA=BBB=", ErrEncoding},
		{"PLAIN", "S:\nC: !AAAA\rAAAA", ErrEncoding},
		{"LOGIN", "S: Username:\nC: *", ErrCancelled},
		{"LOGIN", "S: Username:\nC: alice\nS: Password:\nC: *", ErrCancelled},
		{"LOGIN", "S: Username:\nC: alice\nS: Password:\nC: wrong", wrong},
		{"LOGIN", "C: nobody\nS: Password:\nC: secret", wrong},
		{"LOGIN", "C:\nS: Password:\nC:", wrong},
		{"CRAM-MD5", "C: alice", ErrInitialResponse},
		{"CRAM-MD5", "C:", ErrInitialResponse},
		{"CRAM-MD5", "S: …\nC: *", ErrCancelled},
		{"CRAM-MD5", "S: …\nC: alice 00000000000000000000000000000000", wrong},
		{"CRAM-MD5", "S: …\nC: nobody 00000000000000000000000000000000", wrong},
		{"CRAM-MD5", "S: …\nC:", ErrMalformed},
		{"CRAM-MD5", "S: …\nC: alice", ErrMalformed},
		{"CRAM-MD5", "S: …\nC: alice 0000", ErrMalformed},
		{"CRAM-MD5", "S: …\nC: alice B913A602C7EDA7A495B4E6E7334D3890", ErrMalformed},
		{"ANONYMOUS", "C: " + strings.Repeat("x", 256), ErrMalformed},
		{"ANONYMOUS", "C: a\tb", ErrMalformed},
		{"ANONYMOUS", "C: \xff", ErrMalformed},
		{"ANONYMOUS", "S:\nC: *", ErrCancelled},
	} {
		store := newStore(t, "alice", "secret", "bob", "secret", "empty", "")
		c := &Connection{Store: store, Anonymous: "bob"}
		if _, err := play(t, c, named(t, test.mechanism), test.script); !errors.Is(err, test.err) {
			t.Errorf("%s, %q: %v, want %v", test.mechanism, test.script, err, test.err)
		}
	}
}

func TestAnErrorOfAskEndsTheExchange(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, name := range Mechanisms() {
		if name == "EXTERNAL" {
			continue
		}
		c := &Connection{Store: newStore(t, "alice", "secret"), Anonymous: "alice"}
		_, err := c.run(named(t, name), "", func(string) (string, error) { return "", gone })
		if err != gone {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCRAMMD5UsesThePasswordAsItIsAndAChallengeOnce(t *testing.T) {
	t.Parallel()
	challenges := make(map[string]bool)
	for range 100 {
		challenge := newChallenge()
		if challenges[challenge] || !strings.HasPrefix(challenge, "<") || !strings.HasSuffix(challenge, "@localhost>") {
			t.Errorf("challenge %q", challenge)
		}
		challenges[challenge] = true
	}
	// The digest is HMAC-MD5 of "<1@x>" with the key "p\u00a0w", made by Python's hmac.
	m := mechanism{run: cramMD5{func() string { return "<1@x>" }}.run}
	store := newStore(t, "al ice", "p\u00a0w")
	login, err := play(t, &Connection{Store: store}, m, "S: <1@x>\nC: al ice aa56ff626d9bc4b6aa86b4642ddc5b20")
	if err != nil || login.Account.Name() != "al ice" {
		t.Errorf("%v, %v", login, err)
	}
}

func TestAnonymousOpensTheAccountOnceItIsThere(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	c := &Connection{Store: store, Anonymous: "guest"}
	if c.Offers("ANONYMOUS") {
		t.Error("offered without the account")
	}
	if _, err := play(t, c, named(t, "ANONYMOUS"), "C: sirhc"); !errors.Is(err, mailstore.ErrAuthentication) {
		t.Errorf("without the account: %v", err)
	}
	guest, err := store.AddAccount("guest", "")
	if err != nil {
		t.Fatal(err)
	}
	if !c.Offers("anonymous") || (&Connection{Store: store}).Offers("ANONYMOUS") {
		t.Error("not offered, or offered though not enabled")
	}
	for _, script := range []string{"C: sirhc", "C:", "S:\nC: fr\u00e4nz@example.org", "C: " + strings.Repeat("\u00e4", 255)} {
		if login, err := play(t, c, named(t, "ANONYMOUS"), script); err != nil || login.Account != guest {
			t.Errorf("%q: %v, %v", script, login, err)
		}
	}
}

func TestOnlyWhatIsOfferedCanBeUsed(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret")
	ask := func(string) (string, error) { return "", errors.New("asked") }
	for _, test := range []struct {
		connection Connection
		mechanism  string
		err        error
	}{
		{Connection{}, "FROB", ErrUnavailable},
		{Connection{}, "", ErrUnavailable},
		{Connection{}, "SCRAM-SHA-1-PLUS", ErrUnavailable},
		{Connection{}, "EXTERNAL", ErrUnavailable},
		{Connection{}, "ANONYMOUS", ErrUnavailable},
		{Connection{NeedTLS: true}, "plain", ErrCleartext},
		{Connection{NeedTLS: true}, "LOGIN", ErrCleartext},
		{Connection{NeedTLS: true}, "XOAUTH2", ErrCleartext},
		{Connection{NeedTLS: true}, "OAUTHBEARER", ErrCleartext},
		{Connection{Without: func(name string) bool { return name == "PLAIN" }}, "plain", ErrUnavailable},
	} {
		test.connection.Store = store
		if _, err := test.connection.Authenticate(test.mechanism, "", ask); !errors.Is(err, test.err) {
			t.Errorf("%s: %v, want %v", test.mechanism, err, test.err)
		}
		if test.connection.Offers(test.mechanism) {
			t.Errorf("%s is offered", test.mechanism)
		}
	}
	for _, name := range []string{"CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"} {
		if c := (&Connection{Store: store, NeedTLS: true}); !c.Offers(name) {
			t.Errorf("%s isn't offered where secrets in clear text are not", name)
		}
	}
}
