package mailsasl

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// handshake returns both ends' states of a TLS connection of a version.
func handshake(t testing.TB, version uint16) (client, server tls.ConnectionState) {
	t.Helper()
	serverConfig, err := mailwire.ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	clientConfig, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	clientConfig.MaxVersion = version
	return connect(t, clientConfig, serverConfig)
}

func connect(t testing.TB, client, server *tls.Config) (clientState, serverState tls.ConnectionState) {
	t.Helper()
	a, b := mailwire.Pipe()
	c, s := tls.Client(a, client), tls.Server(b, server)
	defer a.Close()
	defer b.Close()
	failed := make(chan error, 1)
	go func() { failed <- s.HandshakeContext(t.Context()) }()
	if err := errors.Join(c.HandshakeContext(t.Context()), <-failed); err != nil {
		t.Fatal(err)
	}
	return c.ConnectionState(), s.ConnectionState()
}

// overTLSTo returns the server's end of a connection.
func overTLSTo(store *mailstore.Store, state tls.ConnectionState) *Connection {
	return &Connection{Store: store, TLS: &state, Config: mailwire.ServerTLS}
}

// converseAs runs an exchange with a client's conversation, with which the client must
// agree at its end.
func converseAs(t testing.TB, c *Connection, mechanism string, client *scram.ClientConversation) (Login, error) {
	t.Helper()
	first, err := client.Step("")
	if err != nil {
		t.Fatal(err)
	}
	login, err := c.Authenticate(mechanism, base64.StdEncoding.EncodeToString([]byte(first)), func(challenge string) (string, error) {
		decoded, err := base64.StdEncoding.DecodeString(challenge)
		if err != nil {
			return "", err
		}
		response, err := client.Step(string(decoded))
		return base64.StdEncoding.EncodeToString([]byte(response)), err
	})
	if err == nil && !client.Valid() {
		t.Errorf("%s: the client doesn't trust the server", mechanism)
	}
	return login, err
}

func newSCRAM(t testing.TB, hash scram.HashGeneratorFcn, name, password, identity string) *scram.Client {
	t.Helper()
	client, err := hash.NewClient(name, password, identity)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestSCRAMClientsLogIn(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret", "b,o=b", "p\u00e4ss word")
	for _, test := range []struct{ name, password, identity, account string }{
		{"alice", "secret", "", "alice"},
		{"ALICE", "secret", "Alice", "alice"},
		{"b,o=b", "pa\u0308ss\u00a0word", "b,o=b", "b,o=b"},
	} {
		for mechanism, hash := range map[string]scram.HashGeneratorFcn{"SCRAM-SHA-1": sha1.New, "scram-sha-256": sha256.New} {
			client := newSCRAM(t, hash, test.name, test.password, test.identity)
			for _, conversation := range []*scram.ClientConversation{client.NewConversation(), client.NewConversationAdvertisingChannelBinding()} {
				login, err := converseAs(t, &Connection{Store: store}, mechanism, conversation)
				if err != nil || login.Account != account(t, store, test.account) {
					t.Errorf("%s as %s: %v, %v", mechanism, test.name, login, err)
				}
			}
		}
	}
}

func TestSCRAMRefusesWrongCredentials(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret", "bob", "secret", "empty", "")
	for _, test := range []struct {
		name, password, identity string
		err                      error
	}{
		{"alice", "wrong", "", mailstore.ErrAuthentication},
		{"nobody", "secret", "", mailstore.ErrAuthentication},
		{"empty", "", "", mailstore.ErrAuthentication},
		{"", "", "", mailstore.ErrAuthentication},
		{"alice", "secret", "bob", ErrAuthorization},
	} {
		client := newSCRAM(t, sha256.New, test.name, test.password, test.identity).NewConversation()
		if _, err := converseAs(t, &Connection{Store: store}, "SCRAM-SHA-256", client); !errors.Is(err, test.err) {
			t.Errorf("%s, %s: %v, want %v", test.name, test.password, err, test.err)
		}
	}
}

// bindingOf returns what a client knows as the channel binding data of its connection.
func bindingOf(t *testing.T, kind scram.ChannelBindingType, state *tls.ConnectionState) scram.ChannelBinding {
	t.Helper()
	var binding scram.ChannelBinding
	var err error
	switch kind {
	case scram.ChannelBindingTLSExporter:
		binding, err = scram.NewTLSExporterBinding(state)
	case scram.ChannelBindingTLSServerEndpoint:
		binding, err = scram.NewTLSServerEndpointBinding(state)
	case scram.ChannelBindingTLSUnique:
		binding = scram.NewTLSUniqueBinding(state.TLSUnique)
	}
	if err != nil {
		t.Fatal(err)
	}
	return binding
}

func TestSCRAMPlusBindsToTheConnection(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret")
	for _, test := range []struct {
		version uint16
		kind    scram.ChannelBindingType
	}{
		{tls.VersionTLS13, scram.ChannelBindingTLSExporter},
		{tls.VersionTLS13, scram.ChannelBindingTLSServerEndpoint},
		{tls.VersionTLS12, scram.ChannelBindingTLSExporter},
		{tls.VersionTLS12, scram.ChannelBindingTLSServerEndpoint},
		{tls.VersionTLS12, scram.ChannelBindingTLSUnique},
	} {
		ours, theirs := handshake(t, test.version)
		_, elsewhere := handshake(t, test.version)
		binding := bindingOf(t, test.kind, &ours)
		for mechanism, hash := range map[string]scram.HashGeneratorFcn{"SCRAM-SHA-1-PLUS": sha1.New, "SCRAM-SHA-256-PLUS": sha256.New} {
			client := newSCRAM(t, hash, "alice", "secret", "")
			login, err := converseAs(t, overTLSTo(store, theirs), mechanism, client.NewConversationWithChannelBinding(binding))
			if err != nil || login.Account != account(t, store, "alice") {
				t.Errorf("%s, %s: %v, %v", mechanism, test.kind, login, err)
			}
			if test.kind == scram.ChannelBindingTLSServerEndpoint {
				continue // the certificate is that of all connections
			}
			_, err = converseAs(t, overTLSTo(store, elsewhere), mechanism, client.NewConversationWithChannelBinding(binding))
			if !errors.Is(err, ErrChannelBinding) {
				t.Errorf("%s, %s of another connection: %v", mechanism, test.kind, err)
			}
		}
	}
}

func TestChannelBindingsThatFail(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret")
	ours, theirs := handshake(t, tls.VersionTLS13)
	_, older := handshake(t, tls.VersionTLS12)
	client := newSCRAM(t, sha256.New, "alice", "secret", "")
	exporter := bindingOf(t, scram.ChannelBindingTLSExporter, &ours)
	other := exporter
	other.Data = []byte(strings.Repeat("x", 32))
	endpoint := bindingOf(t, scram.ChannelBindingTLSServerEndpoint, &ours)
	unknown := func() (*tls.Config, error) { return &tls.Config{}, nil }
	for name, test := range map[string]struct {
		connection *Connection
		mechanism  string
		client     *scram.ClientConversation
	}{
		"other data":              {overTLSTo(store, theirs), "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(other)},
		"no binding":              {overTLSTo(store, theirs), "SCRAM-SHA-256-PLUS", client.NewConversation()},
		"downgraded PLUS":         {overTLSTo(store, theirs), "SCRAM-SHA-256-PLUS", client.NewConversationAdvertisingChannelBinding()},
		"downgraded":              {overTLSTo(store, theirs), "SCRAM-SHA-256", client.NewConversationAdvertisingChannelBinding()},
		"binding without PLUS":    {overTLSTo(store, theirs), "SCRAM-SHA-256", client.NewConversationWithChannelBinding(exporter)},
		"tls-unique in TLS 1.3":   {overTLSTo(store, theirs), "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(scram.NewTLSUniqueBinding(other.Data))},
		"wrong tls-unique":        {overTLSTo(store, older), "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(scram.NewTLSUniqueBinding(other.Data))},
		"certificate not known":   {&Connection{Store: store, TLS: &theirs, Config: unknown}, "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(endpoint)},
		"no configuration":        {&Connection{Store: store, TLS: &theirs}, "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(endpoint)},
		"binding in plain text":   {&Connection{Store: store}, "SCRAM-SHA-256", client.NewConversationWithChannelBinding(exporter)},
		"kind that doesn't exist": {overTLSTo(store, theirs), "SCRAM-SHA-256-PLUS", client.NewConversationWithChannelBinding(scram.ChannelBinding{Type: "tls-none", Data: other.Data})},
	} {
		if login, err := converseAs(t, test.connection, test.mechanism, test.client); !errors.Is(err, ErrChannelBinding) {
			t.Errorf("%s: %v, %v", name, login, err)
		}
	}
	// A client may well not know of channel binding, and without the -PLUS form say so.
	for name, test := range map[string]struct {
		connection *Connection
		client     *scram.ClientConversation
	}{
		"can't bind": {overTLSTo(store, theirs), client.NewConversation()},
		"PLUS is turned off": {
			&Connection{Store: store, TLS: &theirs, Config: mailwire.ServerTLS, Without: func(name string) bool { return name == "SCRAM-SHA-256-PLUS" }},
			client.NewConversationAdvertisingChannelBinding(),
		},
	} {
		if _, err := converseAs(t, test.connection, "SCRAM-SHA-256", test.client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSCRAMMessagesThatAreMalformed(t *testing.T) {
	t.Parallel()
	const nonce = "r=client+server"
	m := mechanism{run: scramServer{hash: sha256.New, nonce: func() string { return "+server" }}.run}
	final := func(line string) string { return "C: n,,n=alice,r=client\nS: …\nC: " + line }
	for _, test := range []struct {
		script string
		err    error
	}{
		{"C:", ErrMalformed},
		{"C: n", ErrMalformed},
		{"C: n,,n=alice", ErrMalformed},
		{"C: n,,r=client,n=alice", ErrMalformed},
		{"C: n,,m=x,n=alice,r=client", ErrMalformed},
		{"C: n,x,n=alice,r=client", ErrMalformed},
		{"C: n,a==,n=alice,r=client", ErrMalformed},
		{"C: n,,n=al=ice,r=client", ErrMalformed},
		{"C: n,,n=alice,x=client", ErrMalformed},
		{"C: x,,n=alice,r=client", ErrMalformed},
		{"S:\nC: *", ErrCancelled},
		{final("*"), ErrCancelled},
		{final(""), ErrMalformed},
		{final("!!"), ErrEncoding},
		{final("c=biws," + nonce), ErrMalformed},
		{final("c=biws," + nonce + ",p="), ErrMalformed},
		{final("c=biws," + nonce + ",p=AAAA"), ErrMalformed},
		{final("c=!," + nonce + ",p=AAAA"), ErrMalformed},
		{final("c=biws,r=client,p=" + strings.Repeat("A", 43) + "="), ErrMalformed},
		{final("c=eSws," + nonce + ",p=" + strings.Repeat("A", 43) + "="), ErrChannelBinding},
		{final("c=biws," + nonce + ",p=" + strings.Repeat("A", 43) + "="), mailstore.ErrAuthentication},
	} {
		store := newStore(t, "alice", "secret")
		if _, err := play(t, &Connection{Store: store}, m, test.script); !errors.Is(err, test.err) {
			t.Errorf("%q: %v, want %v", test.script, err, test.err)
		}
	}
}

func TestTheClientHasNothingToAddToSCRAMsEnd(t *testing.T) {
	t.Parallel()
	for last, want := range map[string]error{"": nil, "eA==": ErrMalformed, "*": ErrCancelled} {
		client := newSCRAM(t, sha1.New, "alice", "secret", "").NewConversation()
		c := &Connection{Store: newStore(t, "alice", "secret")}
		_, err := c.Authenticate("SCRAM-SHA-1", "", func(challenge string) (string, error) {
			decoded, err := base64.StdEncoding.DecodeString(challenge)
			if err != nil {
				return "", err
			}
			response, err := client.Step(string(decoded))
			if client.Done() {
				return last, err
			}
			return base64.StdEncoding.EncodeToString([]byte(response)), err
		})
		if !errors.Is(err, want) {
			t.Errorf("%q at the end: %v, want %v", last, err, want)
		}
	}
}

func TestTheSaltDoesntTellWhichNamesExist(t *testing.T) {
	t.Parallel()
	c := &Connection{Store: newStore(t, "alice", "secret")}
	challenge := func(name string) string {
		var salt string
		first := base64.StdEncoding.EncodeToString([]byte("n,,n=" + name + ",r=x"))
		c.Authenticate("SCRAM-SHA-256", first, func(challenge string) (string, error) {
			decoded, _ := base64.StdEncoding.DecodeString(challenge)
			_, salt, _ = strings.Cut(string(decoded), ",")
			return "*", nil
		})
		return salt
	}
	for _, name := range []string{"alice", "nobody"} {
		first := challenge(name)
		if again := challenge(strings.ToUpper(name)); first != again || len(first) != len("s=,i=4096")+24 {
			t.Errorf("%s: %q, then %q", name, first, again)
		}
	}
}
