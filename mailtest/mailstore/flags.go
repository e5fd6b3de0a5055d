package mailstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// systemFlags are the flags of RFC 3501 §2.3.2 that a client can set, in the order
// in which they are always shown.
var systemFlags = [...]imap.Flag{
	imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft,
}

// SystemFlags returns the flags of RFC 3501 §2.3.2 that a client can change.
func SystemFlags() []imap.Flag { return slices.Clone(systemFlags[:]) }

func equalFlag(a, b imap.Flag) bool { return a == b || strings.EqualFold(string(a), string(b)) }

func containsFlag(flags []imap.Flag, flag imap.Flag) bool {
	return slices.ContainsFunc(flags, func(f imap.Flag) bool { return equalFlag(f, flag) })
}

// compareFlags puts system flags first, in their fixed order, then keywords by name.
func compareFlags(a, b imap.Flag) int {
	if d := systemRank(a) - systemRank(b); d != 0 {
		return d
	}
	return strings.Compare(strings.ToLower(string(a)), strings.ToLower(string(b)))
}

func systemRank(flag imap.Flag) int {
	for i, f := range systemFlags {
		if f == flag {
			return i
		}
	}
	return len(systemFlags)
}

// sortedFlags returns flags sorted, each once, in the spelling that the mailbox
// knows them by. \Recent is left out: it can't be stored (RFC 3501 §2.3.2). Messages that
// come with the same flags one after the other share them.
func (b *Mailbox) sortedFlags(flags []imap.Flag) []imap.Flag {
	if len(flags) == 0 {
		return nil
	}
	if slices.Equal(flags, b.sorted) {
		return b.sorted
	}
	out := make([]imap.Flag, 0, len(flags))
	for _, f := range flags {
		if !equalFlag(f, `\Recent`) {
			out = append(out, b.spelling(f))
		}
	}
	slices.SortStableFunc(out, compareFlags)
	out = slices.CompactFunc(out, equalFlag)
	if len(out) == 0 {
		return nil
	}
	if slices.Equal(out, b.sorted) {
		return b.sorted
	}
	out = slices.Clip(out)
	if b.account.labels == nil { // there other mailboxes decide on the spelling, too
		b.sorted = out
	}
	return out
}

// spelling returns a flag as it is written here: system flags in the RFC's
// capitals, keywords as they first came to the mailbox.
func (b *Mailbox) spelling(flag imap.Flag) imap.Flag {
	for _, f := range systemFlags {
		if equalFlag(f, flag) {
			return f
		}
	}
	if known, ok := b.keywords[strings.ToLower(string(flag))]; ok {
		return known
	}
	return flag
}

// learnKeywords makes the keywords among flags known to the mailbox.
func (b *Mailbox) learnKeywords(flags []imap.Flag) {
	for _, f := range flags {
		if systemRank(f) < len(systemFlags) {
			continue
		}
		key := strings.ToLower(string(f))
		if _, ok := b.keywords[key]; !ok {
			if b.keywords == nil {
				b.keywords = make(map[string]imap.Flag)
			}
			b.keywords[key] = f
			b.touch()
		}
	}
}

// checkFlags refuses flags that can't be stored: a backslash flag that the RFC
// doesn't define, a keyword that isn't an atom or is too long, too many keywords. Keywords that the
// mailbox is to learn are collected in fresh, unless it is nil.
func (b *Mailbox) checkFlags(op string, flags []imap.Flag, fresh map[string]bool) error {
	for _, f := range flags {
		if systemRank(b.spelling(f)) < len(systemFlags) || equalFlag(f, `\Recent`) {
			continue
		}
		if !isKeyword(string(f)) {
			return fail(op, b.name, fmt.Errorf("%w %q", ErrInvalidFlag, f))
		}
		if len(f) > maxKeywordOctets {
			return fail(op, b.name, limit(maxKeywordOctets, "octets in a keyword"))
		}
		key := strings.ToLower(string(f))
		if _, ok := b.keywords[key]; !ok && fresh != nil {
			fresh[key] = true
		}
	}
	if len(fresh) > 0 && len(b.keywords)+len(fresh) > maxKeywords {
		return fail(op, b.name, limit(maxKeywords, "keywords in a mailbox"))
	}
	return nil
}

// checkFlagsOf is checkFlags for messages that are to be put in together.
func (b *Mailbox) checkFlagsOf(op string, messages []*Message) error {
	fresh := make(map[string]bool)
	for _, m := range messages {
		if err := b.checkFlags(op, m.Flags, fresh); err != nil {
			return err
		}
	}
	return nil
}

// isKeyword tells whether s is an atom (RFC 3501 §9).
func isKeyword(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return true
}

// applyFlags returns what have becomes by op with flags, and whether it differs.
func applyFlags(have []imap.Flag, op imap.StoreFlagsOp, flags []imap.Flag) ([]imap.Flag, bool) {
	var out []imap.Flag
	switch op {
	case imap.StoreFlagsAdd:
		out = slices.Concat(have, flags) // have is shared: never sorted in place
		slices.SortFunc(out, compareFlags)
		out = slices.CompactFunc(out, equalFlag)
	case imap.StoreFlagsDel:
		for _, f := range have {
			if !containsFlag(flags, f) {
				out = append(out, f)
			}
		}
	default:
		out = flags
	}
	return out, !slices.Equal(have, out)
}
