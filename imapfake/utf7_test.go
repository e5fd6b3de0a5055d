package imapfake

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestModifiedUTF7HasOneFormForEachName(t *testing.T) {
	t.Parallel()
	for name, wire := range map[string]string{
		"":             "",
		"plain /~\\\"": "plain /~\\\"",
		"&":            "&-",
		"a&b&&":        "a&-b&-&-",
		"~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e": "~peter/mail/&U,BTFw-/&ZeVnLIqe-", // RFC 3501 §5.1.3
		"\u00e4&\u00f6": "&AOQ-&-&APY-",
		"\u00e4\u00f6":  "&AOQA9g-",
		"\U0001F600":    "&2D3eAA-",
		"\n\x7f":        "&AAoAfw-",
	} {
		if got := encodeUTF7(name); got != wire {
			t.Errorf("%q becomes %q, want %q", name, got, wire)
		}
		if got, err := decodeUTF7(wire); got != name || err != nil {
			t.Errorf("%q means %q, %v, want %q", wire, got, err, name)
		}
	}
	for what, wire := range map[string]string{
		"an ampersand alone":            "a&b",
		"no end":                        "&AOQ",
		"shifted without need":          "&AGE-",
		"ampersand in base64":           "&ACY-",
		"two shifts in a row":           "&AOQ-&APY-",
		"half a unit":                   "&AOQA-",
		"a lone surrogate":              "&2D0-",
		"surrogates the wrong way":      "&3gDYPQ-",
		"padding":                       "&AOQ=-",
		"bits left over":                "&AOR-",
		"the slash of plain base64":     "&U/BTFw-",
		"8-bit":                         "\u00e4",
		"control":                       "a\n",
		"DEL":                           "\x7f",
		"an invalid octet in the shift": "&AO\xff-",
	} {
		if got, err := decodeUTF7(wire); err == nil {
			t.Errorf("%s: %q is taken for %q", what, wire, got)
		}
	}
}

func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"", "&", "&-", "a&AOQ-b", "\u53f0\u5317&", "&2D0-", "\xff", "&AOQ-&APY-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := decodeUTF7(s); err == nil {
			if wire := encodeUTF7(name); wire != s {
				t.Errorf("%q means %q, which becomes %q", s, name, wire)
			}
		}
		wire := encodeUTF7(s)
		if strings.ContainsFunc(wire, func(r rune) bool { return !isUTF7Direct(r) }) {
			t.Errorf("%q becomes %q", s, wire)
		}
		if name, err := decodeUTF7(wire); err != nil || utf8.ValidString(s) && name != s {
			t.Errorf("%q becomes %q, which means %q, %v", s, wire, name, err)
		}
	})
}
