package imapfake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// subject is what SORT and THREAD know of a subject.
type subject struct {
	base  string // the base subject
	reply bool   // it is one of a reply or a forwarded message
}

func subjectOf(h hit) subject {
	value, _ := structure.Value(h.Raw(), h.Structure().Header, "Subject")
	return parseSubject(structure.DecodeHeader(value))
}

// parseSubject extracts the base subject from a decoded one (RFC 5256 §2.1).
func parseSubject(text string) subject {
	var s subject
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }), " ") // (1)
	for {
		text = s.cutTrailers(text)
		text = s.cutLeaders(text)
		inner, ok := cutForward(text)
		if !ok {
			s.base = text
			return s
		}
		s.reply, text = true, inner // (6)
	}
}

// cutTrailers removes each subj-trailer: step (2).
func (s *subject) cutTrailers(text string) string {
	for {
		text = strings.TrimRight(text, " ")
		rest, ok := cutSuffixFold(text, "(fwd)")
		if !ok {
			return text
		}
		s.reply, text = true, rest
	}
}

// cutLeaders removes each subj-leader, and each subj-blob that isn't all there is:
// steps (3) to (5).
func (s *subject) cutLeaders(text string) string {
	for {
		text = strings.TrimLeft(text, " ")
		last, rest := cutBlobs(text)
		if inner, ok := cutReply(rest); ok {
			s.reply, text = true, inner
			continue
		}
		if rest == "" {
			return last
		}
		return rest
	}
}

// cutBlobs removes each subj-blob; last is what was there before the last.
func cutBlobs(text string) (last, rest string) {
	last = text
	for {
		rest, ok := cutBlob(text)
		if !ok {
			return last, text
		}
		last, text = text, rest
	}
}

// cutReply removes subj-refwd, such as "Re [2]:".
func cutReply(text string) (string, bool) {
	rest, ok := cutPrefixFold(text, "re")
	if !ok {
		if rest, ok = cutPrefixFold(text, "fwd"); !ok {
			rest, ok = cutPrefixFold(text, "fw")
		}
	}
	if !ok {
		return "", false
	}
	rest = strings.TrimLeft(rest, " ")
	rest, _ = cutBlob(rest)
	return strings.CutPrefix(rest, ":")
}

// cutBlob removes one subj-blob, "[...]" and the space after it.
func cutBlob(text string) (string, bool) {
	if !strings.HasPrefix(text, "[") {
		return text, false
	}
	end := strings.IndexAny(text[1:], "[]") + 1
	if end == 0 || text[end] != ']' {
		return text, false
	}
	return strings.TrimLeft(text[end+1:], " "), true
}

// cutForward removes what is around the subject of a forwarded message, "[fwd: ...]".
func cutForward(text string) (string, bool) {
	inner, ok := cutPrefixFold(text, "[fwd:")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, "]")
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

func cutSuffixFold(text, suffix string) (string, bool) {
	rest := len(text) - len(suffix)
	if rest < 0 || !strings.EqualFold(text[rest:], suffix) {
		return text, false
	}
	return text[:rest], true
}
