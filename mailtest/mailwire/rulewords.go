package mailwire

import (
	"encoding/binary"
	"math/rand/v2"
	"path"
	"regexp"
	"strings"
	"time"
)

// occasion is a set of kinds of what rules can be about.
type occasion uint16

const (
	onAccept occasion = 1 << iota
	onTLS
	onGreeting
	onCommand
	onLiteral
	onStep
	onContinuation
	onTagged
	onUntagged
	onLine
	onState // along with another
	onQuiet

	onResponse = onGreeting | onContinuation | onTagged | onUntagged | onLine
	onOutput   = onResponse | onState
	onInput    = onCommand | onLiteral | onStep
	onOctets   = onOutput | onInput
	onAny      = onOctets | onAccept | onTLS | onQuiet
)

// keyword is a word of rules: an event, a matcher or an action.
type keyword struct {
	name      string
	params    []param
	method    string   // in Go
	occasions occasion // of an event: those which it is; of an action: where it is of use
	doc       string
	// matches tells whether a matcher agrees. Of an event it tells more than its occasions; nil: no more.
	matches func(*Hit, []any) bool
	counts  func(tally, []any) bool    // a matcher that depends on how often the others agreed
	act     func(*firing, []any) error // what an action does; an error ends the connection
}

// tally is how often a rule's matchers agreed, this time included.
type tally struct{ matched, fired, session, inSession int }

// events are the words that a rule begins with.
var events = []keyword{
	{name: "accept", method: "OnAccept", occasions: onAccept, doc: "a connection is accepted"},
	{name: "tls", method: "OnTLS", occasions: onTLS, doc: "a TLS handshake is about to begin"},
	{name: "greeting", method: "OnGreeting", occasions: onGreeting, doc: "the greeting"},
	{name: "on", params: []param{glob}, method: "On", occasions: onCommand, doc: "a command is received, whole",
		matches: func(h *Hit, a []any) bool { return named(a[0].(string), h.Command) }},
	{name: "logout", method: "OnLogout", occasions: onCommand, doc: "LOGOUT or QUIT is received",
		matches: func(h *Hit, _ []any) bool { return h.Command == "LOGOUT" || h.Command == "QUIT" }},
	{name: "literal", method: "OnLiteral", occasions: onLiteral, doc: "a literal is received"},
	{name: "step", method: "OnStep", occasions: onStep, doc: "a SASL step or DONE is received"},
	{name: "response", params: []param{pattern}, method: "OnResponse", occasions: onResponse, doc: "any response that begins so",
		matches: func(h *Hit, a []any) bool { return a[0].(words).begin(h.Text) }},
	{name: "tagged", method: "OnTagged", occasions: onTagged, doc: "a tagged response; a status line of POP3"},
	{name: "untagged", method: "OnUntagged", occasions: onUntagged, doc: "an untagged response"},
	{name: "line", method: "OnLine", occasions: onLine, doc: "a further line of a POP3 answer, or its dot"},
	{name: "continuation", method: "OnContinuation", occasions: onContinuation, doc: "a continuation request"},
	{name: "state", params: []param{state}, method: "OnState", occasions: onState, doc: "an answer that brings a state",
		matches: func(h *Hit, a []any) bool { return h.entering == a[0].(string) }},
	{name: "quiet", params: []param{duration}, method: "OnQuiet", occasions: onQuiet, doc: "nothing was said for that long"},
}

var matchers = []keyword{
	{name: "protocol", params: []param{protocol}, method: "Protocol", doc: "imap or pop3",
		matches: func(h *Hit, a []any) bool { return string(h.Protocol) == a[0].(string) }},
	{name: "session", params: []param{positive}, method: "Session", doc: "the session's number",
		matches: func(h *Hit, a []any) bool { return h.Session == a[0].(int) }},
	{name: "user", params: []param{text}, method: "User", doc: "who has logged in",
		matches: func(h *Hit, a []any) bool { return h.User == a[0].(string) }},
	{name: "client", params: []param{text}, method: "Client", doc: "part of what ID told",
		matches: func(h *Hit, a []any) bool {
			return h.ClientID != "" && strings.Contains(strings.ToLower(h.ClientID), strings.ToLower(a[0].(string)))
		}},
	{name: "command", params: []param{glob}, method: "Command", doc: "the command in progress",
		matches: func(h *Hit, a []any) bool { return named(a[0].(string), h.Command) }},
	{name: "tag", params: []param{text}, method: "Tag", doc: "its tag",
		matches: func(h *Hit, a []any) bool { return h.Tag == a[0].(string) }},
	{name: "state", params: []param{state}, method: "State", doc: "the session's state",
		matches: func(h *Hit, a []any) bool { return h.State == a[0].(string) }},
	{name: "mailbox", params: []param{text}, method: "Mailbox", doc: "the selected mailbox",
		matches: func(h *Hit, a []any) bool { return sameMailbox(h.Mailbox, a[0].(string)) }},
	{name: "match", params: []param{expression}, method: "Match", doc: "a regular expression",
		matches: func(h *Hit, a []any) bool { return a[0].(*regexp.Regexp).Match(h.Text) }},
	{name: "when", params: []param{predicate}, method: "When", doc: "a Go function",
		matches: func(h *Hit, a []any) bool { return h.ask(a[0].(func(Hit) bool)) }},
	{name: "nth", params: []param{positive}, method: "Nth", doc: "that time alone",
		counts: func(t tally, a []any) bool { return t.matched == a[0].(int) }},
	{name: "from", params: []param{positive}, method: "From", doc: "from that time on",
		counts: func(t tally, a []any) bool { return t.matched >= a[0].(int) }},
	{name: "to", params: []param{positive}, method: "To", doc: "up to that time",
		counts: func(t tally, a []any) bool { return t.matched <= a[0].(int) }},
	{name: "every", params: []param{positive}, method: "Every", doc: "each nth time",
		counts: func(t tally, a []any) bool { return t.matched%a[0].(int) == 0 }},
	{name: "times", params: []param{positive}, method: "Times", doc: "so often at most",
		counts: func(t tally, a []any) bool { return t.fired <= a[0].(int) }},
	{name: "chance", params: []param{probability, number}, method: "Chance", doc: "a probability, and its seed",
		counts: func(t tally, a []any) bool { return t.draw(a[1].(int)) < a[0].(float64) }},
}

// draw returns a number from 0 to 1 that depends on nothing but these.
func (t tally) draw(seed int) float64 {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seed))
	binary.LittleEndian.PutUint64(key[8:], uint64(t.session))
	binary.LittleEndian.PutUint64(key[16:], uint64(t.inSession))
	return rand.New(rand.NewChaCha8(key)).Float64()
}

// named tells whether a command's name is as the pattern says.
func named(pattern, name string) bool {
	ok, err := path.Match(strings.ToUpper(pattern), name)
	return ok && err == nil && name != ""
}

// sameMailbox compares names; that of the INBOX is in any case (RFC 3501 §5.1).
func sameMailbox(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

var actions = []keyword{
	{name: "send", params: []param{text}, method: "Send", occasions: onAny, doc: "sends octets to the client now", act: actSend},
	{name: "replace", params: []param{text}, method: "Replace", occasions: onOctets, doc: "puts octets in its place", act: actReplace},
	{name: "substitute", params: []param{expression, text}, method: "Substitute", occasions: onOctets, doc: "replaces what an expression matches", act: actSubstitute},
	{name: "before", params: []param{text}, method: "Before", occasions: onOctets, doc: "inserts octets before it", act: actBefore},
	{name: "after", params: []param{text}, method: "After", occasions: onOctets, doc: "inserts octets after it", act: actAfter},
	{name: "drop", method: "Drop", occasions: onOctets, doc: "lets it vanish", act: actDrop},
	{name: "swap", method: "Swap", occasions: onOutput, doc: "sends it after the next response", act: actMove(behindNext)},
	{name: "behind-tagged", method: "BehindTagged", occasions: onOutput, doc: "sends it after the next tagged response", act: actMove(behindTagged)},
	{name: "to-next-command", method: "ToNextCommand", occasions: onOutput, doc: "sends it when the next command is received", act: actMove(atCommand)},
	{name: "answer", params: []param{status}, method: "Answer", occasions: onCommand, doc: "answers in the server's place", act: actAnswer},
	{name: "lie", params: []param{status}, method: "Lie", occasions: onCommand, doc: "runs it, then answers so", act: actLie},
	{name: "set", params: []param{label, number}, method: "Set", occasions: onOctets, doc: "changes a number", act: actSet},
	{name: "add", params: []param{label, number}, method: "Add", occasions: onOctets, doc: "adds to a number", act: actAdd},
	{name: "strings-as-literals", method: "StringsAsLiterals", occasions: onOctets, doc: "makes literals of strings", act: actEdit(stringsAsLiterals)},
	{name: "literals-as-strings", method: "LiteralsAsStrings", occasions: onOctets, doc: "makes strings of literals", act: actEdit(literalsAsStrings)},
	{name: "corrupt", params: []param{number}, method: "Corrupt", occasions: onOctets, doc: "inverts a bit of the octet there", act: actCorrupt},
	{name: "bare-lf", method: "BareLF", occasions: onOctets, doc: "takes the CR out of CRLF", act: actEdit(bareLF)},
	{name: "extra-space", method: "ExtraSpace", occasions: onOctets, doc: "doubles spaces", act: actEdit(extraSpace)},
	{name: "no-space", method: "NoSpace", occasions: onOctets, doc: "takes spaces away", act: actEdit(noSpace)},
	{name: "trailing-space", method: "TrailingSpace", occasions: onOctets, doc: "adds a space before CRLF", act: actEdit(trailingSpace)},
	{name: "extra-crlf", method: "ExtraCRLF", occasions: onOctets, doc: "adds CRLF", act: actEdit(extraCRLF)},
	{name: "no-crlf", method: "NoCRLF", occasions: onOctets, doc: "takes CRLF away", act: actEdit(noCRLF)},
	{name: "pass", method: "Pass", occasions: onOutput, doc: "sends it now, before what follows", act: actPass},
	{name: "segments", params: []param{positive}, method: "Segments", occasions: onAny, doc: "sends pieces of that many octets", act: actSegments},
	{name: "throttle", params: []param{positive}, method: "Throttle", occasions: onAny, doc: "sends that many octets a second", act: actThrottle},
	{name: "delay", params: []param{duration}, method: "Delay", occasions: onAny, doc: "waits", act: actDelay},
	{name: "stall", method: "Stall", occasions: onAny, doc: "waits for ever", act: actStall},
	{name: "hold", method: "Hold", occasions: onAny, doc: "waits for the test's release", act: actHold},
	{name: "cut-after", params: []param{natural}, method: "CutAfter", occasions: onAny, doc: "cuts after octets to the client", act: actCutAfter},
	{name: "cut-input-after", params: []param{natural}, method: "CutInputAfter", occasions: onAny, doc: "cuts after octets from the client", act: actCutInputAfter},
	{name: "close", method: "Close", occasions: onAny, doc: "closes the connection (FIN)", act: actClose},
	{name: "reset", method: "Reset", occasions: onAny, doc: "resets the connection (RST)", act: actReset},
	{name: "half-close", method: "HalfClose", occasions: onAny, doc: "ends the direction to the client", act: actHalfClose},
	{name: "never-read", method: "NeverRead", occasions: onAny, doc: "reads nothing any more", act: actNeverRead},
	{name: "do", params: []param{function}, method: "Do", occasions: onAny, doc: "calls a Go function", act: actDo},
}

// words is the beginning of a response.
type words struct {
	text string
	each []string
}

func newWords(text string) words { return words{text, strings.Fields(text)} }

// pattern returns the beginning that the event wants of a response, if it wants one.
func (t term) pattern() (words, bool) {
	if len(t.args) == 0 {
		return words{}, false
	}
	w, ok := t.args[0].(words)
	return w, ok
}

func (w words) begin(text []byte) bool {
	for i, want := range w.each {
		for len(text) > 0 && text[0] == ' ' {
			text = text[1:]
		}
		n := 0
		for n < len(text) && text[n] != ' ' && text[n] != '\r' && text[n] != '\n' {
			n++
		}
		got := text[:n]
		text = text[n:]
		if n == 0 || !(want == "*" && i > 0) && !strings.EqualFold(want, string(got)) {
			return false
		}
	}
	return true
}

// quietLimit returns how long the rule's event wants silence to last; 0: it is another.
func (r Rule) quietLimit() time.Duration {
	if r.event.word.occasions != onQuiet {
		return 0
	}
	return r.event.args[0].(time.Duration)
}
