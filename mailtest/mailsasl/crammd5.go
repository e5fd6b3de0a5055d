package mailsasl

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// cramMD5 is CRAM-MD5 (RFC 2195).
type cramMD5 struct {
	challenge func() string
}

// newChallenge returns a msg-id that is never the same again (RFC 2195 §2).
func newChallenge() string {
	return fmt.Sprintf("<%s.%d@localhost>", rand.Text(), time.Now().Unix())
}

func (m cramMD5) run(x *exchange) error {
	if x.initial != nil {
		return ErrInitialResponse
	}
	challenge := m.challenge()
	response, err := x.ask([]byte(challenge))
	if err != nil {
		return err
	}
	name, digest, err := parseCRAM(string(response))
	if err != nil {
		return err
	}
	// The password is the key as it is: the RFC knows of no preparation.
	account, key := x.Store.Named(x.name(name)), rand.Text()
	if account != nil && account.Password() != "" {
		key = account.Password()
	}
	mac := hmac.New(md5.New, []byte(key))
	mac.Write([]byte(challenge))
	if !hmac.Equal(digest, mac.Sum(nil)) {
		return wrong(name)
	}
	return x.authorize("", account)
}

// parseCRAM divides a response into the name, which may have spaces in it, and the digest.
func parseCRAM(response string) (name string, digest []byte, err error) {
	i := strings.LastIndexByte(response, ' ')
	if i < 0 {
		return "", nil, malformed("no space before a digest (RFC 2195 section 2)")
	}
	name, text := response[:i], response[i+1:]
	digest, err = hex.DecodeString(text)
	if err != nil || len(digest) != md5.Size || strings.ToLower(text) != text {
		return "", nil, malformed("the digest isn't 32 lower-case hexadecimal digits (RFC 2195 section 2)")
	}
	return name, digest, nil
}
