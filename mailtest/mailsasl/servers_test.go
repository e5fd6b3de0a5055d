package mailsasl_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailsasl"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

const (
	name   = "alice@example.org"
	secret = "correct horse"
	token  = "ya29.Il-BxQ"
)

// protocol is how SASL looks in IMAP or POP3.
type protocol struct {
	start    func(*mailstore.Store, *tls.Config, *mailwire.Transcript) server
	startTLS string
	command  string
	ok       string // what answers to commands that succeed begin with
	quit     string
}

// server is what both servers are.
type server interface {
	Serve(net.Listener) error
	Close() error
}

func protocols() map[string]protocol {
	return map[string]protocol{
		"IMAP": {
			start: func(store *mailstore.Store, config *tls.Config, transcript *mailwire.Transcript) server {
				return imapfake.New(store, imapfake.WithTLS(config), imapfake.WithTranscript(transcript), imapfake.WithAnonymous(name))
			},
			startTLS: "a STARTTLS", command: "a AUTHENTICATE", ok: "a OK ", quit: "a LOGOUT",
		},
		"POP3": {
			start: func(store *mailstore.Store, config *tls.Config, transcript *mailwire.Transcript) server {
				return pop3fake.New(store, pop3fake.WithTLS(config), pop3fake.WithTranscript(transcript), pop3fake.WithAnonymous(name))
			},
			startTLS: "STLS", command: "AUTH", ok: "+OK", quit: "QUIT",
		},
	}
}

// wire is a client's connection.
type wire struct {
	t testing.TB
	protocol
	net.Conn
	in  *bufio.Reader
	tls *tls.ConnectionState
}

func (w *wire) line() string {
	w.t.Helper()
	line, err := w.in.ReadString('\n')
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// send sends a line and returns the answer to it.
func (w *wire) send(line string) string {
	w.t.Helper()
	if _, err := io.WriteString(w, line+"\r\n"); err != nil {
		w.t.Fatal(err)
	}
	return w.line()
}

// bye ends the session and waits until the server has.
func (w *wire) bye() {
	w.t.Helper()
	w.send(w.quit)
	if _, err := io.ReadAll(w.in); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) upgrade(config *tls.Config) {
	w.t.Helper()
	if answer := w.send(w.startTLS); !strings.HasPrefix(answer, w.ok) {
		w.t.Fatal(answer)
	}
	conn := tls.Client(w.Conn, config)
	if err := conn.HandshakeContext(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	state := conn.ConnectionState()
	w.Conn, w.in, w.tls = conn, bufio.NewReader(conn), &state
}

// authenticate runs an exchange and returns the answer at its end.
func (w *wire) authenticate(client sasl.Client, sendInitial bool) string {
	w.t.Helper()
	mechanism, initial, err := client.Start()
	if err != nil {
		w.t.Fatal(err)
	}
	command := w.command + " " + mechanism
	if sendInitial && initial != nil {
		coded := base64.StdEncoding.EncodeToString(initial)
		if coded == "" {
			coded = "="
		}
		command, initial = command+" "+coded, nil
	}
	answer := w.send(command)
	for {
		coded, more := strings.CutPrefix(answer, "+ ")
		if !more {
			return answer
		}
		challenge, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			w.t.Fatal(err)
		}
		response := initial
		if response == nil {
			if response, err = client.Next(challenge); err != nil {
				answer = w.send("*")
				continue
			}
		}
		initial = nil
		answer = w.send(base64.StdEncoding.EncodeToString(response))
	}
}

// cramClient is a client of CRAM-MD5.
type cramClient struct{ password string }

func (c cramClient) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (c cramClient) Next(challenge []byte) ([]byte, error) {
	mac := hmac.New(md5.New, []byte(c.password))
	mac.Write(challenge)
	return []byte(name + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

// xoauth2Client is a client of XOAUTH2.
type xoauth2Client struct{ token string }

func (c xoauth2Client) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + name + "\x01auth=Bearer " + c.token + "\x01\x01"), nil
}

func (c xoauth2Client) Next([]byte) ([]byte, error) { return []byte{}, nil }

// scramClient is a client of SCRAM.
type scramClient struct {
	mechanism    string
	conversation *scram.ClientConversation
}

func newSCRAM(t testing.TB, w *wire, mechanism, password string) sasl.Client {
	t.Helper()
	hash := scram.HashGeneratorFcn(sha256.New)
	if strings.HasPrefix(mechanism, "SCRAM-SHA-1") {
		hash = sha1.New
	}
	client, err := hash.NewClient(name, password, "")
	if err != nil {
		t.Fatal(err)
	}
	conversation := client.NewConversation()
	if strings.HasSuffix(mechanism, "-PLUS") {
		binding, err := scram.NewTLSExporterBinding(w.tls)
		if err != nil {
			t.Fatal(err)
		}
		conversation = client.NewConversationWithChannelBinding(binding)
	}
	return &scramClient{mechanism, conversation}
}

func (c *scramClient) Start() (string, []byte, error) {
	first, err := c.conversation.Step("")
	return c.mechanism, []byte(first), err
}

func (c *scramClient) Next(challenge []byte) ([]byte, error) {
	response, err := c.conversation.Step(string(challenge))
	if err == nil && c.conversation.Done() && !c.conversation.Valid() {
		err = errors.New("the server doesn't know the password")
	}
	return []byte(response), err
}

// mechanism makes a client, right or wrong.
type mechanism struct {
	client   func(t testing.TB, w *wire, right bool) sasl.Client
	needsTLS bool
}

func choose(right bool, s string) string {
	if right {
		return s
	}
	return "wr0ng-" + s[:4]
}

func clients() map[string]mechanism {
	clients := map[string]mechanism{
		"PLAIN": {client: func(_ testing.TB, _ *wire, right bool) sasl.Client {
			return sasl.NewPlainClient("", name, choose(right, secret))
		}},
		"LOGIN": {client: func(_ testing.TB, _ *wire, right bool) sasl.Client {
			return sasl.NewLoginClient(name, choose(right, secret))
		}},
		"CRAM-MD5": {client: func(_ testing.TB, _ *wire, right bool) sasl.Client { return cramClient{choose(right, secret)} }},
		"XOAUTH2":  {client: func(_ testing.TB, _ *wire, right bool) sasl.Client { return xoauth2Client{choose(right, token)} }},
		"OAUTHBEARER": {client: func(_ testing.TB, _ *wire, right bool) sasl.Client {
			return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: name, Token: choose(right, token), Host: "x", Port: 143})
		}},
		"EXTERNAL": {needsTLS: true, client: func(_ testing.TB, _ *wire, right bool) sasl.Client {
			if right {
				return sasl.NewExternalClient("")
			}
			return sasl.NewExternalClient("bob@example.org")
		}},
	}
	for _, name := range []string{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"} {
		clients[name] = mechanism{needsTLS: strings.HasSuffix(name, "-PLUS"), client: func(t testing.TB, w *wire, right bool) sasl.Client {
			return newSCRAM(t, w, name, choose(right, secret))
		}}
	}
	return clients
}

// start starts a server and returns how to connect to it.
func start(t *testing.T, p protocol, transcript *mailwire.Transcript) (dial func() *wire, clientTLS *tls.Config) {
	t.Helper()
	store := mailstore.New()
	alice, err := store.AddAccount(name, secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddAccount("bob@example.org", "x"); err != nil {
		t.Fatal(err)
	}
	alice.AddToken(token, time.Time{})
	alice.ExpireToken("old")
	serverTLS, clientTLS := mutualTLS(t, name)
	listener := mailwire.NewListener("mail")
	s := p.start(store, serverTLS, transcript)
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return func() *wire {
		t.Helper()
		conn, err := listener.DialContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		w := &wire{t: t, protocol: p, Conn: conn, in: bufio.NewReader(conn)}
		w.line()
		return w
	}, clientTLS
}

// mutualTLS returns configurations with which a client proves to be name.
func mutualTLS(t testing.TB, name string) (server, client *tls.Config) {
	t.Helper()
	server, err := mailwire.ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	if client, err = mailwire.ClientTLS(); err != nil {
		t.Fatal(err)
	}
	certificate, err := mailwire.ClientCertificate(name)
	if err != nil {
		t.Fatal(err)
	}
	server.ClientAuth, server.ClientCAs = tls.VerifyClientCertIfGiven, client.RootCAs
	client.Certificates = []tls.Certificate{certificate}
	return server, client
}

func TestEveryMechanismLogsInToBothServers(t *testing.T) {
	t.Parallel()
	for protocolName, p := range protocols() {
		for mechanismName, m := range clients() {
			t.Run(protocolName+" "+mechanismName, func(t *testing.T) {
				t.Parallel()
				var transcript mailwire.Transcript
				dial, clientTLS := start(t, p, &transcript)
				for _, overTLS := range []bool{false, true} {
					for _, initial := range []bool{false, true} {
						if m.needsTLS && !overTLS {
							continue
						}
						w := dial()
						if overTLS {
							w.upgrade(clientTLS)
						}
						if answer := w.authenticate(m.client(t, w, false), initial); strings.HasPrefix(answer, p.ok) {
							t.Errorf("wrong credentials: %s", answer)
						}
						if answer := w.authenticate(m.client(t, w, true), initial); !strings.HasPrefix(answer, p.ok) {
							t.Errorf("right credentials: %s", answer)
						}
						w.bye()
					}
				}
				checkTranscript(t, transcript.String())
			})
		}
	}
}

// checkTranscript looks for secrets, also in base64, wherever they begin in it.
func checkTranscript(t *testing.T, transcript string) {
	t.Helper()
	for _, hidden := range []string{secret, token, choose(false, secret), choose(false, token)} {
		forms := []string{hidden}
		for lead := range 3 {
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", lead) + hidden))
			forms = append(forms, coded[4:len(coded)-4])
		}
		for _, form := range forms {
			if strings.Contains(transcript, form) {
				t.Errorf("%q is in the transcript:\n%s", form, transcript)
			}
		}
	}
	if !strings.Contains(transcript, "***") {
		t.Errorf("nothing is masked in the transcript:\n%s", transcript)
	}
}

func TestAnonymousClientsLogInToBothServers(t *testing.T) {
	t.Parallel()
	for protocolName, p := range protocols() {
		dial, _ := start(t, p, nil)
		if answer := dial().authenticate(sasl.NewAnonymousClient("sirhc"), true); !strings.HasPrefix(answer, p.ok) {
			t.Errorf("%s: %s", protocolName, answer)
		}
	}
}

func TestServersAnswerAFailureByItsKind(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, test := range []struct{ lines, imap, pop3 string }{
		{"CRAM-MD5 " + encode("x"), "a BAD CRAM-MD5 begins with a challenge", "-ERR AUTH: CRAM-MD5 begins with a challenge"},
		{"CRAM-MD5\n*", "a BAD authentication cancelled", "-ERR AUTH: cancelled by the client"},
		{"CRAM-MD5\n" + encode("x"), "a NO [AUTHENTICATIONFAILED] SASL exchange failed", "-ERR AUTH: the response isn't one of CRAM-MD5"},
		{"SCRAM-SHA-1\n=", "a BAD the response is not base64", "-ERR AUTH: the response isn't base64"},
		{"SCRAM-SHA-1 " + encode("p=x,,n=a,r=b"), "a NO [AUTHENTICATIONFAILED] SASL", "-ERR AUTH: the response isn't one"},
		{"SCRAM-SHA-1 " + encode("p=tls-unique,,n=a,r=b"), "a NO [AUTHENTICATIONFAILED] SASL exchange failed: channel binding", "-ERR [AUTH] AUTH: channel binding failed"},
		{"SCRAM-SHA-1-PLUS", "a NO [CANNOT] no SASL mechanism", "-ERR AUTH: no SASL mechanism"},
		{"EXTERNAL =", "a NO [CANNOT] no SASL mechanism", "-ERR AUTH: no SASL mechanism"},
		{"XOAUTH2 " + encode("user=bob\x01auth=Bearer "+token+"\x01\x01") + "\n", "a NO [AUTHORIZATIONFAILED]", "-ERR [AUTH] AUTH: one user"},
		{"XOAUTH2 " + encode("user=alice\x01auth=Bearer x\x01\x01") + "\n", "a NO [AUTHENTICATIONFAILED]", "-ERR [AUTH] AUTH: wrong name or password"},
		{"OAUTHBEARER " + encode("n,,\x01auth=Bearer old\x01\x01") + "\nAQ==", "a NO [EXPIRED]", "-ERR [AUTH] AUTH: the access token has expired"},
	} {
		for protocolName, p := range protocols() {
			want := test.imap
			if protocolName == "POP3" {
				want = test.pop3
			}
			dial, _ := start(t, p, nil)
			w := dial()
			var answer string
			for i, line := range strings.Split(test.lines, "\n") {
				if i == 0 {
					line = w.command + " " + line
				} else if !strings.HasPrefix(answer, "+ ") {
					t.Fatalf("%s: no challenge but %q", test.lines, answer)
				}
				answer = w.send(line)
			}
			if !strings.HasPrefix(answer, want) {
				t.Errorf("%s, %q: %q, want %q", protocolName, test.lines, answer, want)
			}
		}
	}
}

func ExampleConnection_Authenticate() {
	store := mailstore.New()
	store.AddAccount("alice", "secret")
	lines := bufio.NewScanner(strings.NewReader("YWxpY2U=\nc2VjcmV0\n"))
	login, err := (&mailsasl.Connection{Store: store}).Authenticate("LOGIN", "", func(challenge string) (string, error) {
		fmt.Println("+", challenge)
		lines.Scan()
		return lines.Text(), lines.Err()
	})
	fmt.Println(login.Account.Name(), err)
	// Output:
	// + VXNlcm5hbWU6
	// + UGFzc3dvcmQ6
	// alice <nil>
}
