package structure

// Decoded returns the body of a part without its Content-Transfer-Encoding, false if
// the encoding is not one of RFC 2045 §6.1. What can't be decoded is passed over, or
// left as it is, as Dovecot does.
func Decoded(raw []byte, p *Part) ([]byte, bool) {
	body := p.Body.Of(raw)
	switch {
	case foldEqual(p.Encoding, "base64"):
		return decodeBase64(body), true
	case foldEqual(p.Encoding, "quoted-printable"):
		return decodeQuotedPrintable(body), true
	}
	known := p.Encoding == "" || foldEqual(p.Encoding, "7bit") || foldEqual(p.Encoding, "8bit") || foldEqual(p.Encoding, "binary")
	return body, known
}
