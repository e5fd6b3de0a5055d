package mailsasl

import (
	"slices"

	"github.com/emersion/go-sasl"

	"example.org/mailfakes/mailtest/mailstore"
)

// external is EXTERNAL (RFC 4422 appendix A), by the client's certificate.
func external(x *exchange) error { return x.run(sasl.NewExternalServer(x.verifyCertificate)) }

// hasCertificate tells whether the client has proved to own a certificate that the server
// trusts.
func (c *Connection) hasCertificate() bool { return c.TLS != nil && len(c.TLS.VerifiedChains) > 0 }

// verifyCertificate finds the account of the client's certificate. If it is that of
// several, identity says which; otherwise it is the first.
func (x *exchange) verifyCertificate(identity string) error {
	accounts := x.certified()
	if len(accounts) == 0 {
		return wrong(x.TLS.VerifiedChains[0][0].Subject.CommonName)
	}
	for _, account := range accounts {
		if x.authorize(identity, account) == nil {
			return nil
		}
	}
	return x.authorize(identity, accounts[0])
}

// certified returns the accounts of the client's certificate: those of its email addresses
// (RFC 5280 §4.2.1.6), then that of its common name.
func (x *exchange) certified() []*mailstore.Account {
	certificate := x.TLS.VerifiedChains[0][0]
	names := slices.Concat(certificate.EmailAddresses, []string{certificate.Subject.CommonName})
	var accounts []*mailstore.Account
	for _, name := range names {
		if account := x.Store.CertificateAccount(name); account != nil {
			accounts = append(accounts, account)
		}
	}
	return accounts
}
