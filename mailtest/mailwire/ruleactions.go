package mailwire

import (
	"regexp"
	"time"
)

// Send sends octets to the client right now, whatever the event.
func (r Rule) Send(octets string) Rule { return r.with(actions, "send", octets) }

// Replace puts octets in the place of the response, command, literal or step.
func (r Rule) Replace(octets string) Rule { return r.with(actions, "replace", octets) }

// Substitute replaces what the expression matches in it, as [regexp.Regexp.ReplaceAll].
func (r Rule) Substitute(re *regexp.Regexp, with string) Rule {
	return r.with(actions, "substitute", re, with)
}

// Before inserts octets before it.
func (r Rule) Before(octets string) Rule { return r.with(actions, "before", octets) }

// After inserts octets after it.
func (r Rule) After(octets string) Rule { return r.with(actions, "after", octets) }

// Drop lets it vanish.
func (r Rule) Drop() Rule { return r.with(actions, "drop") }

// Swap sends the response after the one that follows it.
func (r Rule) Swap() Rule { return r.with(actions, "swap") }

// BehindTagged sends the response after the next tagged one.
func (r Rule) BehindTagged() Rule { return r.with(actions, "behind-tagged") }

// ToNextCommand sends the response when the client's next command has been received.
func (r Rule) ToNextCommand() Rule { return r.with(actions, "to-next-command") }

// Answer answers the command in the server's place, which doesn't get it. The tag and
// CRLF are added, so that text is such as "NO [TRYCREATE] no such mailbox" or "-ERR
// [IN-USE] locked"; after "BYE …", which is untagged, the connection is closed.
func (r Rule) Answer(text string) Rule { return r.with(actions, "answer", text) }

// Lie lets the server run the command and replaces its tagged answer, or status line, as
// [Rule.Answer] does. After "-ERR …" the other lines of the answer are dropped too.
func (r Rule) Lie(text string) Rule { return r.with(actions, "lie", text) }

// Set changes a number in it. The name is a word, such as RFC822.SIZE, UID, EXISTS or
// UIDNEXT, and the number the one after it, or else before it; "#2" is the second number;
// "{}" is the announced length of a literal.
func (r Rule) Set(name string, n int) Rule { return r.with(actions, "set", name, n) }

// Add adds to a number in it: see [Rule.Set].
func (r Rule) Add(name string, n int) Rule { return r.with(actions, "add", name, n) }

// StringsAsLiterals makes literals of its quoted strings.
func (r Rule) StringsAsLiterals() Rule { return r.with(actions, "strings-as-literals") }

// LiteralsAsStrings makes quoted strings of its literals, line breaks and all.
func (r Rule) LiteralsAsStrings() Rule { return r.with(actions, "literals-as-strings") }

// Corrupt inverts the highest bit of the octet at an index; negative counts from the end.
func (r Rule) Corrupt(index int) Rule { return r.with(actions, "corrupt", index) }

// BareLF takes the CR out of each CRLF.
func (r Rule) BareLF() Rule { return r.with(actions, "bare-lf") }

// ExtraSpace doubles each space outside of strings and literals.
func (r Rule) ExtraSpace() Rule { return r.with(actions, "extra-space") }

// NoSpace takes away each space outside of strings and literals.
func (r Rule) NoSpace() Rule { return r.with(actions, "no-space") }

// TrailingSpace adds a space before the last CRLF.
func (r Rule) TrailingSpace() Rule { return r.with(actions, "trailing-space") }

// ExtraCRLF adds a CRLF at the end.
func (r Rule) ExtraCRLF() Rule { return r.with(actions, "extra-crlf") }

// NoCRLF takes away the CRLF at the end.
func (r Rule) NoCRLF() Rule { return r.with(actions, "no-crlf") }

// Pass sends the response now, and so before what the following actions do.
func (r Rule) Pass() Rule { return r.with(actions, "pass") }

// Segments sends the response in pieces of n octets, each on its own; if the event isn't a
// response, everything from then on. A connection in memory waits for the client to have
// read each.
func (r Rule) Segments(n int) Rule { return r.with(actions, "segments", n) }

// Throttle sends no more than n octets a second of the response; if the event isn't a
// response, of everything from then on.
func (r Rule) Throttle(n int) Rule { return r.with(actions, "throttle", n) }

// Delay waits, with all that follows in the same direction.
func (r Rule) Delay(d time.Duration) Rule { return r.with(actions, "delay", d) }

// Stall waits for ever, which is until the connection is closed.
func (r Rule) Stall() Rule { return r.with(actions, "stall") }

// Hold waits until [Injection.Release] or [Injection.Remove].
func (r Rule) Hold() Rule { return r.with(actions, "hold") }

// CutAfter cuts the connection after n more octets to the client, counted from the
// beginning of the response if the event is one. TLS doesn't get to say goodbye.
func (r Rule) CutAfter(n int) Rule { return r.with(actions, "cut-after", n) }

// CutInputAfter cuts the connection after n more octets from the client, counted from the
// beginning of the command, literal or step if the event is one.
func (r Rule) CutInputAfter(n int) Rule { return r.with(actions, "cut-input-after", n) }

// Close closes the connection in order (FIN, after TLS's close_notify).
func (r Rule) Close() Rule { return r.with(actions, "close") }

// Reset resets the connection (RST): the client gets ECONNRESET, in memory too.
func (r Rule) Reset() Rule { return r.with(actions, "reset") }

// HalfClose ends the direction to the client: it reads the end of the input, while
// commands still reach the server.
func (r Rule) HalfClose() Rule { return r.with(actions, "half-close") }

// NeverRead has the server read nothing any more, so that the client's writes come to a
// halt once the buffers are full.
func (r Rule) NeverRead() Rule { return r.with(actions, "never-read") }

// Do calls f, which may change the octets. It has no text form.
func (r Rule) Do(f func(*Hit)) Rule { return r.with(actions, "do", f) }
