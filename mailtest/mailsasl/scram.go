package mailsasl

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/xdg-go/scram"

	"example.org/mailfakes/mailtest/mailstore"
)

// scramIterations is how often a password is hashed: the least that RFC 5802 §5.1 and
// RFC 7677 §3 want.
const scramIterations = 4096

// scramServer is SCRAM with a hash function (RFC 5802, RFC 7677).
type scramServer struct {
	hash  scram.HashGeneratorFcn
	plus  bool                     // with channel binding
	nonce scram.NonceGeneratorFcn  // nil: random
	salt  func(name string) string // nil: saltOf
}

func (m scramServer) run(x *exchange) error {
	first, err := x.first()
	if err != nil {
		return err
	}
	var account *mailstore.Account
	conversation, err := m.begin(x, string(first), func(name string) (scram.StoredCredentials, error) {
		account = x.Store.Named(x.name(name))
		return m.credentials(name, account)
	})
	if err != nil {
		return err
	}
	reply, err := conversation.Step(string(first))
	if err != nil {
		return scramError(conversation, reply, err)
	}
	final, err := x.ask([]byte(reply))
	if err != nil {
		return err
	}
	if reply, err = conversation.Step(string(final)); err != nil {
		return scramError(conversation, reply, err)
	}
	if err := x.authorize(conversation.AuthzID(), account); err != nil {
		return err
	}
	// Neither protocol can send this along with its OK (RFC 4422 §3.6).
	end, err := x.ask([]byte(reply))
	if err == nil && len(end) > 0 {
		err = malformed("a response after the last message")
	}
	return err
}

// begin returns the conversation for a client's first message, of which it looks at the
// gs2-cbind-flag only (RFC 5802 §6).
func (m scramServer) begin(x *exchange, first string, lookup scram.CredentialLookup) (*scram.ServerConversation, error) {
	server, err := m.hash.NewServer(lookup)
	if err != nil {
		return nil, err
	}
	if m.nonce != nil {
		server.WithNonceGenerator(m.nonce)
	}
	flag, _, _ := strings.Cut(first, ",")
	if !m.plus {
		if flag == "y" && x.plusOffered {
			// Somebody took the -PLUS form from the list that the client saw.
			return nil, fmt.Errorf("%w: the client was not shown the -PLUS form (RFC 5802 section 6)", ErrChannelBinding)
		}
		return server.NewConversation(), nil
	}
	kind, ok := strings.CutPrefix(flag, "p=")
	if !ok {
		return nil, fmt.Errorf("%w: the -PLUS form without a binding (RFC 5802 section 6)", ErrChannelBinding)
	}
	binding, err := x.binding(scram.ChannelBindingType(kind))
	if err != nil {
		return nil, fmt.Errorf("%w: %.40q: %w", ErrChannelBinding, kind, err)
	}
	return server.NewConversationWithChannelBindingRequired(binding), nil
}

// scramError sorts a conversation's errors by what it would have had the server reply. That
// reply is optional (RFC 5802 §7, server-error) and isn't sent: many clients would take
// it for the challenge that it isn't.
func scramError(c *scram.ServerConversation, reply string, err error) error {
	switch reply {
	case scram.ErrInvalidProof, scram.ErrUnknownUser:
		return wrong(c.Username())
	case scram.ErrChannelBindingsDontMatch, scram.ErrChannelBindingNotSupported:
		return fmt.Errorf("%w: %s", ErrChannelBinding, strings.TrimPrefix(reply, "e="))
	}
	return malformed(err.Error())
}

// credentials returns what a server stores instead of a password. To a name that doesn't
// exist it gives some as well, so that a client learns no more than from a wrong password.
func (m scramServer) credentials(name string, account *mailstore.Account) (scram.StoredCredentials, error) {
	client, err := m.hash.NewClientUnprepped("", secret(account), "")
	if err != nil {
		return scram.StoredCredentials{}, err
	}
	salt := m.salt
	if salt == nil {
		salt = saltOf
	}
	return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: salt(name), Iters: scramIterations})
}

// saltOf returns a name's salt: always the same one, for clients that keep the salted
// password (RFC 5802 §5.1) and for transcripts that are compared.
func saltOf(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return string(sum[:16])
}

// binding returns the connection's channel binding data of a kind (RFC 5929, RFC 9266).
func (c *Connection) binding(kind scram.ChannelBindingType) (scram.ChannelBinding, error) {
	switch kind {
	case scram.ChannelBindingTLSExporter:
		return scram.NewTLSExporterBinding(c.TLS)
	case scram.ChannelBindingTLSServerEndpoint:
		certificate, err := c.certificate()
		if err != nil {
			return scram.ChannelBinding{}, err
		}
		// The library sees the connection as a client does.
		return scram.NewTLSServerEndpointBinding(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}})
	case scram.ChannelBindingTLSUnique:
		if len(c.TLS.TLSUnique) == 0 {
			return scram.ChannelBinding{}, errors.New("not in TLS 1.3 (RFC 9266 section 3)")
		}
		return scram.NewTLSUniqueBinding(c.TLS.TLSUnique), nil
	}
	return scram.ChannelBinding{}, errors.New("unknown kind")
}

// certificate returns the one that the server has proved to own.
func (c *Connection) certificate() (*x509.Certificate, error) {
	if c.Config == nil {
		return nil, errors.New("the server's certificate isn't known")
	}
	config, err := c.Config()
	if err != nil {
		return nil, err
	}
	if config == nil || len(config.Certificates) != 1 || len(config.Certificates[0].Certificate) == 0 ||
		config.GetCertificate != nil || config.GetConfigForClient != nil {
		return nil, errors.New("the server has not just one certificate")
	}
	chosen := &config.Certificates[0]
	if chosen.Leaf != nil {
		return chosen.Leaf, nil
	}
	return x509.ParseCertificate(chosen.Certificate[0])
}
