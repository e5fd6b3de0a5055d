package mailwire

import "bytes"

// masked returns a command or step as transcripts may show it: without a password or
// token.
func (s *wireState) masked(on occasion, c *pendingCommand, text []byte) []byte {
	secret := append(bytes.Clone(asterisks), crlf...)
	if on == onStep && c != nil && c.name != "IDLE" {
		return secret
	}
	if c == nil || len(c.args) == 0 {
		return text
	}
	if !c.isSecret() {
		return text
	}
	if on == onLiteral {
		return asterisks
	}
	shown := c.args
	if c.name == "PASS" {
		shown = nil
	} else if n := bytes.IndexAny(shown, " {\r\n"); n < 0 {
		return text
	} else {
		shown = shown[:n]
	}
	head := bytes.Clone(text[:bytes.LastIndex(text, c.args)])
	if len(shown) == 0 {
		return append(head, secret...)
	}
	if rest := bytes.TrimSpace(c.args[len(shown):]); len(rest) == 0 {
		return text
	}
	return append(append(append(head, shown...), ' '), secret...)
}

// maskedPiece is masked for a piece of a command that ends with a literal's announcement,
// or with the command.
func (s *wireState) maskedPiece(c *pendingCommand, piece []byte, first bool) []byte {
	if !c.isSecret() {
		return piece
	}
	_, _, announces := literalAtEnd(piece)
	if first && announces && bytes.Count(piece, []byte("\n")) == 1 && len(bytes.Fields(piece)) <= 4 {
		return piece // a tag, a name, at most one argument, the announcement
	}
	shown := append(bytes.Clone(asterisks), crlf...)
	if announces {
		shown = append(append(bytes.Clone(asterisks), ' '), piece[bytes.LastIndexByte(piece, '{'):]...)
	}
	if first {
		return append([]byte(c.tag+" "+c.name+" "), shown...)
	}
	return shown
}

// isSecret tells whether the command's arguments have a password or token.
func (c *pendingCommand) isSecret() bool {
	switch c.name {
	case "LOGIN", "PASS", "APOP", "AUTH", "AUTHENTICATE":
		return true
	}
	return false
}
