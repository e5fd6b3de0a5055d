package mailwire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"time"
)

// TLSFault is a way in which a server's TLS fails in the field.
type TLSFault string

// The faults. A client that trusts the servers' authority and checks what it should
// refuses each of them; one that doesn't check is caught by the certificates.
const (
	// CertificateExpired: the certificate was valid until yesterday.
	CertificateExpired TLSFault = "certificate expired"
	// CertificateNotYetValid: it is valid from tomorrow.
	CertificateNotYetValid TLSFault = "certificate not yet valid"
	// CertificateOtherHost: it is valid, but for mail.example.net.
	CertificateOtherHost TLSFault = "certificate for another host"
	// CertificateSelfSigned: no authority that the client trusts has signed it.
	CertificateSelfSigned TLSFault = "certificate signed by itself"
	// CertificateChainIncomplete: a trusted authority has signed the one which signed it,
	// but the server leaves that one out.
	CertificateChainIncomplete TLSFault = "certificate without its chain"
	// HandshakeFails: the server answers the client's first message with an alert.
	HandshakeFails TLSFault = "handshake fails"
	// HandshakeDropped: the server closes the connection instead, after STARTTLS and STLS
	// it has answered that TLS may begin.
	HandshakeDropped TLSFault = "handshake dropped"
)

// FaultyTLS returns a configuration for a server whose TLS has the fault, for
// imapfake.WithTLS and pop3fake.WithTLS. Dates are in relation to time.Now at the call.
func FaultyTLS(fault TLSFault) (*tls.Config, error) {
	id, err := processIdentity()
	if err != nil {
		return nil, err
	}
	config := id.serverTLS()
	switch fault {
	case HandshakeFails:
		config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, errors.New("mailwire: " + string(fault) + ", as the test wants it")
		}
	case HandshakeDropped:
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, hello.Conn.Close()
		}
	default:
		leaf, err := id.faultyLeaf(fault)
		if err != nil {
			return nil, fmt.Errorf("mailwire: faulty TLS: %w", err)
		}
		config.Certificates = []tls.Certificate{leaf}
	}
	return config, nil
}

func (id *identity) faultyLeaf(fault TLSFault) (tls.Certificate, error) {
	const day = 24 * time.Hour
	now := time.Now()
	template := serverTemplate(now.Add(-day), now.Add(30*day))
	issuer, key := id.root, id.rootKey
	switch fault {
	case CertificateExpired:
		template.NotBefore, template.NotAfter = now.Add(-30*day), now.Add(-day)
	case CertificateNotYetValid:
		template.NotBefore = now.Add(day)
	case CertificateOtherHost:
		template.Subject.CommonName = "mail.example.net"
		template.DNSNames, template.IPAddresses = []string{"mail.example.net"}, nil
	case CertificateSelfSigned:
		issuer = nil
	case CertificateChainIncomplete:
		var err error
		if issuer, key, err = id.issueIntermediate(template.NotBefore, template.NotAfter); err != nil {
			return tls.Certificate{}, err
		}
	default:
		return tls.Certificate{}, fmt.Errorf("unknown fault %q", fault)
	}
	return issueLeaf(template, issuer, key)
}

// issueIntermediate makes an authority below the root.
func (id *identity) issueIntermediate(from, until time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := issue(&x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"mailfakes"}, CommonName: "mailfakes intermediate authority"},
		NotBefore:             from,
		NotAfter:              until,
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}, id.root, key, id.rootKey)
	return certificate, key, err
}
