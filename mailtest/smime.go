package mailtest

import (
	"bytes"
)

// signed returns the entity with a detached signature (RFC 8551 §3.5.3).
func (e entity) signed(signature []byte) (entity, error) {
	if e.has8bit() {
		return entity{}, inField("Signature", "what is signed must be 7bit (RFC 1847 §2.1)")
	}
	return entity{
		multipart: "signed",
		params:    map[string]string{"protocol": "application/pkcs7-signature", "micalg": "sha-256"},
		parts: []entity{e, {body: base64Lines(signature), fields: []string{
			"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n",
			"Content-Disposition: attachment; filename=smime.p7s\r\n",
			"Content-Transfer-Encoding: base64\r\n",
		}}},
	}, nil
}

// has8bit tells whether any octet of the entity isn't ASCII.
func (e entity) has8bit() bool {
	for _, part := range e.parts {
		if part.has8bit() {
			return true
		}
	}
	return bytes.ContainsFunc(e.body, func(r rune) bool { return r >= 0x80 })
}

// enveloped returns the body of an encrypted message (RFC 8551 §3.3).
func (m Mail) enveloped() (entity, error) {
	if m.Text != "" || m.HTML != "" || m.Attachments != nil || m.Report != nil || m.Signature != nil {
		return entity{}, inField("Enveloped", "there is another body as well")
	}
	return entity{body: base64Lines(m.Enveloped), fields: []string{
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n",
		"Content-Disposition: attachment; filename=smime.p7m\r\n",
		"Content-Transfer-Encoding: base64\r\n",
	}}, nil
}
