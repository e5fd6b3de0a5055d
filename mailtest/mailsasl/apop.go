package mailsasl

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
)

// APOP checks a digest of POP3's APOP (RFC 1939 §7), in lower-case hexadecimal digits. It
// fails with [mailstore.ErrAuthentication] or a [mailstore.LoginRefusal].
func (c *Connection) APOP(timestamp, name, digest string) (Login, error) {
	x := &exchange{Connection: c}
	account := c.Store.Named(c.name(name))
	sum := md5.Sum([]byte(timestamp + secret(account)))
	if !hmac.Equal([]byte(digest), hex.AppendEncode(nil, sum[:])) {
		return Login{}, wrong(name)
	}
	err := x.authorize("", account)
	return x.login, err
}
