package mailwire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"sync"
	"time"
)

// identity is what the process's servers prove and its clients trust. It
// never changes after it was made.
type identity struct {
	leaf    tls.Certificate
	root    *x509.Certificate
	rootKey *ecdsa.PrivateKey
	rootPEM []byte
}

// processIdentity makes the identity at its first call. It is the package's
// only state: one key pair for all servers of a process lets a client that
// trusts one of them talk to all, and costs a millisecond once. Neither a
// channel nor a timer is in it, so that synctest bubbles can share it.
var processIdentity = sync.OnceValues(newIdentity)

// ServerTLS returns a new configuration with the process's certificate, which
// is valid for localhost, 127.0.0.1 and ::1 from 1990 to 2120.
func ServerTLS() (*tls.Config, error) {
	id, err := processIdentity()
	if err != nil {
		return nil, err
	}
	return id.serverTLS(), nil
}

// ClientTLS returns a new configuration that trusts ServerTLS's certificate
// and nothing else, and expects the server to be "localhost".
func ClientTLS() (*tls.Config, error) {
	id, err := processIdentity()
	if err != nil {
		return nil, err
	}
	return id.clientTLS(), nil
}

// RootPEM returns the certificate authority behind ServerTLS in PEM form, for
// programs that take a file of trusted roots.
func RootPEM() ([]byte, error) {
	id, err := processIdentity()
	if err != nil {
		return nil, err
	}
	return bytes.Clone(id.rootPEM), nil
}

// ClientCertificate returns a certificate by which a client proves who it is, to servers
// whose ClientCAs are the RootCAs of [ClientTLS].
func ClientCertificate(commonName string, emails ...string) (tls.Certificate, error) {
	id, err := processIdentity()
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := issueLeaf(&x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"mailfakes"}, CommonName: commonName},
		EmailAddresses:        emails,
		NotBefore:             id.root.NotBefore,
		NotAfter:              id.root.NotAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}, id.root, id.rootKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("mailwire: make certificate of %q: %w", commonName, err)
	}
	return leaf, nil
}

func (id *identity) serverTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{id.leaf}}
}

func (id *identity) clientTLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(id.root)
	return &tls.Config{RootCAs: roots, ServerName: "localhost"}
}

func newIdentity() (*identity, error) {
	id, err := issueIdentity()
	if err != nil {
		return nil, fmt.Errorf("mailwire: make certificate: %w", err)
	}
	return id, nil
}

// issueIdentity makes an authority and a certificate signed by it, because
// some clients refuse a server certificate that is its own authority. Serial
// numbers are random (nil in the template): NSS refuses two certificates of
// one issuer with the same one.
func issueIdentity() (*identity, error) {
	// A synctest bubble begins in the year 2000. Dates before 2019 also spare
	// us the limit that Apple's clients put on the length of the validity.
	from := time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)
	until := time.Date(2120, time.January, 1, 0, 0, 0, 0, time.UTC)

	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root, err := issue(&x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"mailfakes"}, CommonName: "mailfakes test authority"},
		NotBefore:             from,
		NotAfter:              until,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            1, // see CertificateChainIncomplete
	}, nil, rootKey, rootKey)
	if err != nil {
		return nil, err
	}

	leaf, err := issueLeaf(serverTemplate(from, until), root, rootKey)
	if err != nil {
		return nil, err
	}
	return &identity{
		leaf:    leaf,
		root:    root,
		rootKey: rootKey,
		rootPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}),
	}, nil
}

// serverTemplate describes a certificate of a server on this machine.
func serverTemplate(from, until time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"mailfakes"}, CommonName: "localhost"},
		NotBefore:             from,
		NotAfter:              until,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
}

// issueLeaf makes a key and a certificate for it, which with a nil issuer signs itself.
func issueLeaf(template, issuer *x509.Certificate, issuerKey *ecdsa.PrivateKey) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	if issuer == nil {
		issuerKey = key
	}
	leaf, err := issue(template, issuer, key, issuerKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// issue signs template for key by the issuer's key; a nil issuer means that
// the certificate signs itself.
func issue(template, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey) (*x509.Certificate, error) {
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), issuerKey)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
