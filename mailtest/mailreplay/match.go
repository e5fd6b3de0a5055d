package mailreplay

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/maillog"
)

// Match says how alike what a client sends must be to what the log has.
type Match string

const (
	// ByCommand wants the same commands in the same order, about the same mailboxes and
	// messages; what else they say may differ. A client may log in by another command,
	// and leave out or add commands that ask about the server, or about nothing:
	// CAPABILITY, CAPA, ID, NOOP, STARTTLS and STLS.
	ByCommand Match = "command"
	// Strict wants the same octets, but for tags and secrets.
	Strict Match = "strict"
	// Any gives whatever comes the next answer.
	Any Match = "any"
)

// differs returns how a command differs from the log's; "": it doesn't.
func (m Match) differs(want *group, got *command) string {
	switch {
	case want.unknown, m == Any:
		return ""
	case m == Strict:
		if !equalMasked(want.text, got.text) {
			return "other octets"
		}
		return ""
	case want.logsIn() && got.logsIn():
		return ""
	}
	if w, g := want.name(), got.name(); w != g {
		return fmt.Sprintf("%s, not %s", orNothing(g), orNothing(w))
	}
	return differentArgs(want.name(), want.args(), got.args())
}

func orNothing(name string) string { return cmp.Or(name, "an empty line") }

// equalMasked tells whether text is as wanted, where masks stand for anything.
func equalMasked(want, text []byte) bool {
	parts := bytes.Split(want, []byte(maillog.Mask))
	if len(parts) == 1 {
		return bytes.Equal(want, text)
	}
	rest, ok := bytes.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := bytes.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return bytes.HasSuffix(rest, last)
}

// subject is what kind of thing an argument names.
type subject int

const (
	nothing subject = iota
	aMailbox
	messages
	aNumber
	aPattern
)

// subjects are the arguments that ByCommand compares.
var subjects = map[string][]subject{
	"SELECT": {aMailbox}, "EXAMINE": {aMailbox}, "STATUS": {aMailbox}, "CREATE": {aMailbox}, "DELETE": {aMailbox},
	"APPEND": {aMailbox}, "SUBSCRIBE": {aMailbox}, "UNSUBSCRIBE": {aMailbox}, "RENAME": {aMailbox, aMailbox},
	"GETACL": {aMailbox}, "SETACL": {aMailbox}, "MYRIGHTS": {aMailbox}, "GETQUOTAROOT": {aMailbox}, "GETMETADATA": {aMailbox},
	"LIST": {aPattern, aPattern}, "LSUB": {aPattern, aPattern},
	"FETCH": {messages}, "STORE": {messages}, "COPY": {messages, aMailbox}, "MOVE": {messages, aMailbox},
	"UID FETCH": {messages}, "UID STORE": {messages}, "UID COPY": {messages, aMailbox}, "UID MOVE": {messages, aMailbox},
	"UID EXPUNGE": {messages},
	"RETR":        {aNumber}, "DELE": {aNumber}, "TOP": {aNumber}, "UIDL": {aNumber},
}

// differentArgs returns how the arguments differ that ByCommand compares.
func differentArgs(name string, want, got []string) string {
	for i, s := range subjects[name] {
		w, g := argument(want, i), argument(got, i)
		if w == maillog.Mask || s.normal(w) == s.normal(g) {
			continue
		}
		return fmt.Sprintf("%s %s, not %s", s, strconv.Quote(g), strconv.Quote(w))
	}
	return ""
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

func (s subject) String() string {
	switch s {
	case aMailbox:
		return "mailbox"
	case messages:
		return "messages"
	case aNumber:
		return "message"
	case aPattern:
		return "pattern"
	}
	return ""
}

// normal returns one spelling of an argument for all that mean the same.
func (s subject) normal(arg string) string {
	switch s {
	case aMailbox:
		if strings.EqualFold(arg, "INBOX") { // RFC 3501 §5.1
			return "INBOX"
		}
	case messages:
		return normalSet(arg)
	}
	return arg
}

// normalSet returns a set of numbers with its ranges sorted and joined (RFC 3501 §9, sequence-set).
func normalSet(text string) string {
	const star = math.MaxUint32
	type span struct{ low, high uint64 }
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(part, ":")
		if !isRange {
			high = low
		}
		var ends [2]uint64
		for i, end := range []string{low, high} {
			n, err := strconv.ParseUint(end, 10, 32)
			if end == "*" {
				n, err = star, nil
			}
			if err != nil {
				return text
			}
			ends[i] = n
		}
		spans = append(spans, span{min(ends[0], ends[1]), max(ends[0], ends[1])})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	joined := spans[:1]
	for _, sp := range spans[1:] {
		if last := &joined[len(joined)-1]; sp.low <= last.high+1 && sp.high != star && last.high != star {
			last.high = max(last.high, sp.high)
			continue
		}
		joined = append(joined, sp)
	}
	return fmt.Sprint(joined)
}
