package mailscript

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
)

// masked is what transcripts have in place of a secret.
var masked = []byte("***")

// identity is how the server knows the accounts of scripts.
type identity struct {
	accounts map[string]string
	password string
}

// name returns the server's name for an account.
func (who identity) name(account string) string {
	if name, ok := who.accounts[account]; ok {
		return name
	}
	return account
}

// personalize returns a piece of what the client sends with the server's names and
// secrets in it. Other commands than those that log in, and the one that has the account
// in its URLs, may mention the accounts in mail, and stay as they are.
func (s *session) personalize(piece []byte, who identity) []byte {
	switch s.command {
	case "LOGIN", "USER", "APOP":
		for account, name := range who.accounts {
			piece = bytes.ReplaceAll(piece, []byte(account), []byte(name))
		}
	case "GENURLAUTH":
		for account, name := range who.accounts {
			piece = bytes.ReplaceAll(piece, inURL(account), inURL(name))
		}
	case "PASS":
	default:
		if s.mechanism == "" {
			return piece
		}
	}
	if !bytes.Contains(piece, masked) {
		return piece
	}
	return bytes.ReplaceAll(piece, masked, []byte(s.secret(who)))
}

// inURL returns an account's name as a URL has it, in which only one @ may be as it is.
func inURL(name string) []byte { return bytes.ReplaceAll([]byte(name), []byte("@"), []byte("%40")) }

// secret returns what the client has to send where a transcript is masked.
func (s *session) secret(who identity) string {
	if s.command == "APOP" { // RFC 1939 §7
		return fmt.Sprintf("%x", md5.Sum([]byte(s.timestamp+who.password)))
	}
	if s.mechanism == "" {
		return who.password
	}
	if s.sasl == nil {
		s.sasl = clientOf(s.mechanism, who.name(DefaultAccount), who.password)
	}
	challenge, _ := base64.StdEncoding.DecodeString(s.challenge)
	return base64.StdEncoding.EncodeToString([]byte(s.sasl(string(challenge))))
}
