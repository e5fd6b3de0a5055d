package mailtest

import (
	"crypto/tls"
	"errors"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// tlsSettings is what options say of TLS.
type tlsSettings struct {
	fault   mailwire.TLSFault
	changes []func(*tls.Config) error
}

// WithTLSFault has TLS fail in one of the ways that it does in the field, over both
// protocols, by STARTTLS, STLS and from the first octet alike. [Server.TLSConfig] stays
// that of a client which checks what it should.
func WithTLSFault(fault mailwire.TLSFault) Option {
	return func(s *settings) { s.tls.fault = fault }
}

// WithTLS has a function change the configuration of both servers, for example its MinVersion
// and MaxVersion.
func WithTLS(change func(*tls.Config)) Option {
	return func(s *settings) {
		s.tls.changes = append(s.tls.changes, func(c *tls.Config) error {
			if change == nil {
				return errors.New("WithTLS: there is no function to call")
			}
			change(c)
			return nil
		})
	}
}

// WithClientCertificates has both servers ask clients for a certificate as auth says. They
// trust those of [mailwire.ClientCertificate], by which a client can then log in to the
// account of that name with SASL EXTERNAL.
func WithClientCertificates(auth tls.ClientAuthType) Option {
	return func(s *settings) {
		s.tls.changes = append(s.tls.changes, func(c *tls.Config) error {
			client, err := mailwire.ClientTLS()
			if err == nil {
				c.ClientAuth, c.ClientCAs = auth, client.RootCAs
			}
			return err
		})
	}
}

// apply gives both servers the configuration, unless it is the usual one.
func (t *tlsSettings) apply(s *settings) error {
	config, err := t.config()
	if config == nil || err != nil {
		return err
	}
	s.imap = append([]imapfake.Option{imapfake.WithTLS(config)}, s.imap...)
	s.pop3 = append([]pop3fake.Option{pop3fake.WithTLS(config)}, s.pop3...)
	return nil
}

// config returns the configuration, and nil if it is the usual one.
func (t *tlsSettings) config() (*tls.Config, error) {
	if t.fault == "" && t.changes == nil {
		return nil, nil
	}
	config, err := mailwire.ServerTLS()
	if t.fault != "" {
		config, err = mailwire.FaultyTLS(t.fault)
	}
	if err != nil {
		return nil, err
	}
	for _, change := range t.changes {
		if err := change(config); err != nil {
			return nil, err
		}
	}
	return config, nil
}
