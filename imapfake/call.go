package imapfake

import (
	"context"
	"crypto/tls"
	"maps"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// Call is one command that a function of the test's author carries out: [Command].Run, or one given
// to [OverrideCommand]. It must not be used once that has returned, nor by other goroutines.
type Call struct {
	session   *session
	name      string
	arguments *parser // as they came
	args      *Args
	next      func() error
}

func (s *session) newCall(name string, arguments *parser, next func() error) *Call {
	return &Call{session: s, name: name, arguments: arguments, next: next}
}

func (c *Call) run(run func(*Call) error) (err error) {
	c.session.out.protect("the function of command "+c.name, func() { err = run(c) })
	return err
}

// Name returns the command's name in capitals, such as "FETCH" or "UID FETCH".
func (c *Call) Name() string { return c.name }

// Tag returns the command's tag.
func (c *Call) Tag() string { return c.session.tag }

// RawArgs returns the arguments as the client sent them, without the space before them,
// and with literals in place.
func (c *Call) RawArgs() string {
	raw := c.arguments.wire()
	if raw != "" {
		raw = raw[1:]
	}
	return raw
}

// Args returns the reader of the arguments, the same at each call.
func (c *Call) Args() *Args {
	if c.args == nil {
		arguments := *c.arguments
		c.args = &Args{p: &arguments, name: c.name}
	}
	return c.args
}

// Next carries out the command that is overridden, with the arguments as the client sent
// them, however many of them were read. Its error is what the command would be answered by;
// its untagged responses are out when it returns. Calling it again carries the command out
// again. The original of a [Command] is that the server doesn't know it.
func (c *Call) Next() error { return c.next() }

// Account returns the account that the client is logged in to, nil before.
func (c *Call) Account() *mailstore.Account { return c.session.account }

// Mailbox returns the selected mailbox, nil if there is none.
func (c *Call) Mailbox() *mailstore.Mailbox { return c.session.selectedMailbox() }

// Messages returns the messages of the selected mailbox under the numbers that they have in this
// session.
func (c *Call) Messages() mailstore.Messages {
	if c.session.view == nil {
		return mailstore.Messages{}
	}
	return c.session.view.Messages()
}

// ReadOnly tells whether the selected mailbox was opened by EXAMINE.
func (c *Call) ReadOnly() bool { return c.session.view != nil && c.session.view.ReadOnly() }

// State returns the session's state.
func (c *Call) State() States { return c.session.state }

// TLS returns the state of TLS, nil without.
func (c *Call) TLS() *tls.ConnectionState { return c.session.conn.TLS() }

// ClientID returns what the client's last ID command told (RFC 2971): fields by name in lower
// case, and nil for ID NIL. ok is false if there was none.
func (c *Call) ClientID() (fields map[string]string, ok bool) {
	return maps.Clone(c.session.clientID), c.session.identified
}

// Offers tells whether the server has a capability.
func (c *Call) Offers(capability imap.Cap) bool {
	_, ok := c.session.offering(string(capability))
	return ok && capability != ""
}

// Enabled tells whether the client has turned on a capability by ENABLE (RFC 5161).
func (c *Call) Enabled(capability imap.Cap) bool {
	ext, _ := c.session.offering(string(capability))
	return c.session.enabled[ext.cap]
}

// Session returns the connection's number in the transcript, from 1.
func (c *Call) Session() int { return c.session.conn.Session() }

// Commands returns how many commands the session has come to, with this one.
func (c *Call) Commands() int { return c.session.commands }

// Value returns what was kept in the session under a key, nil if nothing was.
func (c *Call) Value(key any) any { return c.session.values[key] }

// SetValue keeps a value in the session, under a key that compares, until the connection ends
// or UNAUTHENTICATE (RFC 8437).
func (c *Call) SetValue(key, value any) {
	if c.session.values == nil {
		c.session.values = make(map[any]any)
	}
	c.session.values[key] = value
}

// Context is done when the server is closed or stopped. A function that waits for something
// has to return then, because [Server.Close] and [Server.Stop] wait for it.
func (c *Call) Context() context.Context { return c.session.srv.context() }

// Untagged writes an untagged response: "*", what it begins with, such as "XPING" or
// "OK [ALERT] text", which is sent as it is, and values, each after a space.
func (c *Call) Untagged(begin string, values ...Value) {
	out := &c.session.out
	out.text("* ").text(begin)
	for _, v := range values {
		out.byte(' ')
		out.value(v)
	}
	out.crlf()
}

// SetCode sets the response code of the tagged OK, such as "XDONE 5", without brackets. It
// comes after [Call.Next], which sets that of the original command.
func (c *Call) SetCode(code imap.ResponseCode) { c.session.code = printable(string(code)) }

// Filter has f called with each response that is sent from here until the command has been
// answered: those of [Call.Next], of [Call.Untagged], updates, requests to continue ("+ …"), and
// the tagged one. A response is what is sent, with its literals, without the last CRLF. What f
// returns is sent instead, one response each; nothing is sent for nil. If there are several
// filters, the last one comes first.
func (c *Call) Filter(f func(response string) []string) {
	out := &c.session.out
	out.filters = append(out.filters, f)
	out.start = len(out.buf)
}

// Ask sends a request to continue, "+" and text (RFC 3501 §7.5), and returns the line that the
// client answers. If there is an error, return it: the connection is gone, or the line is over
// 64 KiB.
func (c *Call) Ask(text string) (line string, err error) {
	if line, err = c.session.reply(printable(text)); err != nil {
		return "", err
	}
	return line, nil
}

// Hide has the transcript show "***" in place of a secret in what the client has sent since the
// last response, and the record of sessions in what it has of the command.
func (c *Call) Hide(secret string) {
	c.session.conn.Mask(secret)
	c.session.record.Mask(secret)
}

// Bye ends the session with an untagged BYE and no tagged response.
func (c *Call) Bye(text string) {
	c.session.unselect()
	c.session.bye(text)
	c.session.hungUp = true
}

// HangUp ends the connection without another word; what was written before is sent.
func (c *Call) HangUp() {
	c.session.unselect()
	c.session.ended, c.session.hungUp, c.session.end = true, true, mailwire.EndedByClosing
}
