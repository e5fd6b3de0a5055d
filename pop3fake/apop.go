package pop3fake

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// newTimestamp returns what the greeting of a session ends in and APOP's digest
// begins with: a msg-id that is never the same again (RFC 1939 §7). The session's
// number tells those apart that begin at the same moment.
func newTimestamp(session int) string {
	return fmt.Sprintf("<%d.%d@localhost>", session, time.Now().UnixNano())
}

// apop is APOP (RFC 1939 §7).
func (s *session) apop(args []string) error {
	name, digest := args[0], args[1]
	if len(digest) != hex.EncodedLen(md5.Size) || strings.Trim(digest, "0123456789abcdef") != "" {
		return malformed("the digest isn't 32 lower-case hexadecimal digits (RFC 1939 section 7)")
	}
	name, err := prepare(name)
	if err != nil {
		return err
	}
	login, err := s.sasl().APOP(s.timestamp, name, digest)
	if err != nil {
		return loginFailed(err)
	}
	return s.logIn(login.Account)
}
