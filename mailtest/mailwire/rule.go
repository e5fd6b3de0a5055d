package mailwire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Rule is a fault: at one event on a connection, if all of its matchers agree, its
// actions are carried out in the order in which they were added. It is a value: each
// method returns another rule. [Rule.String] and [ParseRule] convert it to text and back;
// the verb %#v prints it in Go.
//
//	mailwire.On("UID FETCH").Nth(2).CutAfter(100)
//
// Arguments that make no sense are told by [Rule.Err], and by [Faults.Inject].
type Rule struct {
	event term
	terms []term
	err   error
}

// term is a keyword with its arguments.
type term struct {
	word *keyword
	args []any
}

// Err tells what is wrong with the rule, if anything.
func (r Rule) Err() error {
	switch {
	case r.err != nil:
		return fmt.Errorf("mailwire: rule %q: %w", r, r.err)
	case r.event.word == nil:
		return errors.New("mailwire: a rule without an event")
	case !r.acts():
		return fmt.Errorf("mailwire: rule %q: there is no action", r)
	}
	return nil
}

func (r Rule) acts() bool {
	return slices.ContainsFunc(r.terms, func(t term) bool { return t.word.act != nil })
}

// counts tells whether a matcher counts.
func (r Rule) counts() bool {
	return slices.ContainsFunc(r.terms, func(t term) bool { return t.word.counts != nil })
}

func at(name string, args ...any) Rule {
	var r Rule
	r.event, r.err = newTerm(events, name, args)
	return r
}

// with returns the rule with one more matcher or action.
func (r Rule) with(list []keyword, name string, args ...any) Rule {
	t, err := newTerm(list, name, args)
	return r.add(t, err)
}

func (r Rule) add(t term, err error) Rule {
	if err == nil && t.word.act != nil && r.event.word != nil && t.word.occasions&r.event.word.occasions == 0 {
		err = fmt.Errorf("%s is of no use at %s", t.word.name, r.event.word.name)
	}
	if r.err == nil {
		r.err = err
	}
	r.terms = append(slices.Clip(r.terms), t)
	return r
}

func newTerm(list []keyword, name string, args []any) (term, error) {
	i := slices.IndexFunc(list, func(k keyword) bool { return k.name == name })
	t := term{&list[i], args}
	for i, p := range t.word.params {
		value, err := p.settle(args[i])
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		t.args[i] = value
	}
	return t, nil
}

// OnAccept is the event of a connection being accepted, before anything is said.
func OnAccept() Rule { return at("accept") }

// OnTLS is the event of a TLS handshake that is about to begin, from the first octet or
// after STARTTLS or STLS.
func OnTLS() Rule { return at("tls") }

// OnGreeting is the event of the greeting that is about to go out.
func OnGreeting() Rule { return at("greeting") }

// On is the event of a command that has been received whole, with its literals. The name
// may have the wildcards of [path.Match]: "*" is every command, "*FETCH" is FETCH and UID
// FETCH, of which "FETCH" is the former alone.
func On(command string) Rule { return at("on", command) }

// OnLogout is the event of LOGOUT or QUIT received.
func OnLogout() Rule { return at("logout") }

// OnLiteral is the event of a literal received; the octets are those of the literal.
func OnLiteral() Rule { return at("literal") }

// OnStep is the event of a line received that is no command: the client's next step in a
// SASL exchange, or the DONE that ends IDLE.
func OnStep() Rule { return at("step") }

// OnResponse is the event of any response about to go out that begins with these words,
// upper and lower case being the same: "* * FETCH", "+OK", "-ERR [IN-USE]". An asterisk
// in place of a word but the first is any word; no words are any response.
func OnResponse(words string) Rule { return at("response", words) }

// OnTagged is the event of a tagged response about to go out; in POP3 it is the status
// line that answers a command.
func OnTagged() Rule { return at("tagged") }

// OnUntagged is the event of an untagged response of IMAP about to go out.
func OnUntagged() Rule { return at("untagged") }

// OnLine is the event of a line after the first of a multi-line answer of POP3 about to
// go out; the line with the final dot is one of them.
func OnLine() Rule { return at("line") }

// OnContinuation is the event of a continuation request about to go out: for a literal,
// for a SASL step, or of IDLE.
func OnContinuation() Rule { return at("continuation") }

// OnState is the event of an answer about to go out by which the session enters a state:
// "authenticated", "selected", "not-authenticated" or "logout" in IMAP, "transaction" or
// "update" in POP3.
func OnState(state string) Rule { return at("state", state) }

// OnQuiet is the event of neither side having said anything for that long.
func OnQuiet(d time.Duration) Rule { return at("quiet", d) }

// Protocol matches connections of that protocol.
func (r Rule) Protocol(p Protocol) Rule { return r.with(matchers, "protocol", string(p)) }

// Session matches the connection with that number in the transcript, from 1.
func (r Rule) Session(number int) Rule { return r.with(matchers, "session", number) }

// User matches sessions in which that user has logged in, by the name that the client gave.
func (r Rule) User(name string) Rule { return r.with(matchers, "user", name) }

// Client matches sessions whose client has told by ID something that contains text.
func (r Rule) Client(text string) Rule { return r.with(matchers, "client", text) }

// Command matches while that command is in progress, by its name as in [On].
func (r Rule) Command(name string) Rule { return r.with(matchers, "command", name) }

// Tag matches what has that tag, and what goes out while the command with it is in progress.
func (r Rule) Tag(tag string) Rule { return r.with(matchers, "tag", tag) }

// State matches sessions in that state, before the response or command at hand:
// see [OnState]; in POP3 the first is "authorization".
func (r Rule) State(state string) Rule { return r.with(matchers, "state", state) }

// Mailbox matches sessions that have selected that mailbox, by its name on the wire.
func (r Rule) Mailbox(name string) Rule { return r.with(matchers, "mailbox", name) }

// Match matches octets by a regular expression.
func (r Rule) Match(re *regexp.Regexp) Rule { return r.with(matchers, "match", re) }

// When matches if f says so. f must be safe for concurrent use. It has no text form.
func (r Rule) When(f func(Hit) bool) Rule { return r.with(matchers, "when", f) }

// Nth matches the nth time alone that all else matches, from 1, over all sessions.
func (r Rule) Nth(n int) Rule { return r.with(matchers, "nth", n) }

// From matches from the nth time on that all else matches.
func (r Rule) From(n int) Rule { return r.with(matchers, "from", n) }

// To matches up to the nth time that all else matches.
func (r Rule) To(n int) Rule { return r.with(matchers, "to", n) }

// Every matches each nth time that all else matches.
func (r Rule) Every(n int) Rule { return r.with(matchers, "every", n) }

// Times lets the rule fire no more than n times.
func (r Rule) Times(n int) Rule { return r.with(matchers, "times", n) }

// Chance matches with a probability from 0 to 1. What happens depends on the seed, the
// session's number, and how often all else matched in this session before, so that other
// commands and sessions don't change it.
func (r Rule) Chance(probability float64, seed int) Rule {
	return r.with(matchers, "chance", probability, seed)
}
