package mailrecord

import (
	"bytes"
	"encoding/base64"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// mask stands for a secret, as in all transcripts.
const mask = "***"

// veil hides the secrets of one command, which comes line by line with its literals.
type veil struct {
	on   bool
	show int // how many arguments are yet to be shown
}

// newVeil returns the veil of a command by its first line. What comes before the secret is
// not looked for only where it should be: servers refuse a LOGIN without a tag, but that
// doesn't make its password public.
//
// A single word that is no command is what a client proves itself by, sent although the
// server has refused the command that it belongs to.
func newVeil(p mailwire.Protocol, line []byte) (v veil, head int) {
	if word := bytes.TrimSpace(line); !bytes.Contains(word, []byte(" ")) && !isWordCommand(p, word) {
		return veil{on: true}, 0
	}
	at := 0
	for range 2 {
		word, end := nextWord(line, at)
		at = end
		switch strings.ToUpper(string(word)) {
		case "PASS":
			if p == mailwire.POP3 {
				return veil{on: true}, at
			}
		case "APOP", "AUTH":
			if p == mailwire.POP3 {
				return veil{on: true, show: 1}, at
			}
		case "LOGIN", "AUTHENTICATE":
			if p == mailwire.IMAP {
				return veil{on: true, show: 1}, at
			}
		}
	}
	return veil{}, len(line)
}

// popCommands are POP3's commands, and those of its extensions.
var popCommands = wordSet(`stat list retr dele noop rset quit top uidl user pass apop capa stls auth lang utf8 last xtnd rpop`)

// isWordCommand tells whether a word may be a command: in IMAP one has a tag before it.
func isWordCommand(p mailwire.Protocol, word []byte) bool {
	if p == mailwire.POP3 {
		return len(word) == 0 || popCommands[strings.ToLower(string(word))]
	}
	return len(word) == 0 || bytes.EqualFold(word, []byte("DONE"))
}

// nextWord returns what stands between spaces from at on, and where it ends.
func nextWord(line []byte, at int) (word []byte, end int) {
	for at < len(line) && isSpace(line[at]) {
		at++
	}
	end = at
	for end < len(line) && !isSpace(line[end]) {
		end++
	}
	return line[at:end], end
}

func isSpace(octet byte) bool { return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n' }

// line returns a line as it is shown, and what isn't; at is where its arguments begin.
func (v *veil) line(line []byte, at int) (shown, secret []byte) {
	if !v.on {
		return line, nil
	}
	text := trimEnd(line)
	announcement := len(text)
	if _, _, ok := mailwire.LiteralSize(text); ok {
		announcement = bytes.LastIndexByte(text, '{')
	}
	at = min(at, announcement)
	for v.show > 0 {
		start := at
		for start < announcement && isSpace(text[start]) {
			start++
		}
		if start == announcement {
			break
		}
		end, ok := argumentEnd(text[:announcement], start)
		if !ok {
			break // a quoted string that doesn't end may have the secret in it
		}
		v.show--
		at = end
	}
	secret = bytes.TrimRight(text[at:announcement], " ~")
	end := at + len(secret)
	secret = bytes.TrimLeft(secret, " \t")
	if len(secret) == 0 {
		return line, nil
	}
	shown = append(bytes.Clone(line[:end-len(secret)]), mask...)
	return append(shown, line[end:]...), secret
}

// argumentEnd returns the end of the argument that begins at start.
func argumentEnd(text []byte, start int) (end int, ok bool) {
	if text[start] != '"' {
		_, end = nextWord(text, start)
		return end, true
	}
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		}
	}
	return 0, false
}

// literal tells whether the next literal of the command is a secret.
func (v *veil) literal() bool {
	if v.on && v.show > 0 {
		v.show--
		return false
	}
	return v.on
}

// step returns a line of a SASL exchange without what the client proves itself by.
func maskStep(line []byte) []byte {
	text := trimEnd(line)
	if len(text) == 0 || string(text) == "*" {
		return line
	}
	return append([]byte(mask), line[len(text):]...)
}

// maskChallenge returns what a server sends amid a SASL exchange. The first challenge is
// of no use to one who doesn't know the answer, and neither are prompts (LOGIN's "Password:").
// Later ones can be: with SCRAM's last one passwords can be tried offline (RFC 5802 §9).
func maskChallenge(line []byte, first bool) []byte {
	text := trimEnd(line)
	challenge, ok := bytes.CutPrefix(text, []byte("+ "))
	if !ok || len(challenge) == 0 || first {
		return line
	}
	if decoded, err := base64.StdEncoding.DecodeString(string(challenge)); err == nil && isPrompt(decoded) {
		return line
	}
	return append([]byte("+ "+mask), line[len(text):]...)
}

func isPrompt(text []byte) bool {
	text = bytes.TrimRight(text, "\x00 ")
	return len(text) < 32 && bytes.HasSuffix(text, []byte(":")) && !bytes.ContainsAny(text, "=,")
}

// secrets are what clients have logged in by, to be found where servers repeat it.
type secrets struct{ known [][]byte }

// shortest is the length of the shortest secret that is looked for: shorter ones are
// found everywhere.
const shortest = 4

// learn remembers a secret in the form in which it was sent.
func (s *secrets) learn(secret []byte) {
	secret = bytes.TrimSpace(secret)
	if n := len(secret); n > 2 && secret[0] == '"' && secret[n-1] == '"' {
		secret = secret[1 : n-1]
	}
	if len(secret) < shortest || len(s.known) > 100 {
		return
	}
	for _, k := range s.known {
		if bytes.Equal(k, secret) {
			return
		}
	}
	s.known = append(s.known, bytes.Clone(secret))
}

// hide returns a status response without the secrets that it repeats.
func (s *secrets) hide(line []byte) []byte {
	for _, secret := range s.known {
		line = bytes.ReplaceAll(line, secret, []byte(mask))
	}
	return line
}
