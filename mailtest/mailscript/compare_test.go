package mailscript

import (
	"strings"
	"testing"
)

func TestAnswersAreComparedByTheirMeaning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want, got string
		equal           bool
	}{
		{"text for readers", "a OK done", "a OK finished at last", true},
		{"status", "a OK done", "a NO done", false},
		{"tag", "a OK done", "b OK done", false},
		{"code", "a NO [TRYCREATE] x", "a NO x", false},
		{"code that isn't wanted", "a NO x", "a NO [TRYCREATE] x", false},
		{"any code", `a NO \...`, "a NO [TRYCREATE] x", true},
		{"any tagged response", `a \...`, "a BAD [X] x", true},
		{"continuation request", "+ go on", "+", true},
		{"capabilities in any order", "* CAPABILITY IMAP4rev1 IDLE|a OK", "* CAPABILITY idle IMAP4rev1|a OK", true},
		{"capability that is missing", "* CAPABILITY IMAP4rev1 IDLE|a OK", "* CAPABILITY IMAP4rev1|a OK", false},
		{"more capabilities", `* CAPABILITY IDLE \...|a OK`, "* CAPABILITY IMAP4rev1 IDLE|a OK", true},
		{"flags in any order", `* 1 FETCH (FLAGS (\Seen \Draft))`, `* 1 fetch (FLAGS (\draft \Seen))`, true},
		{"flags", `* 1 FETCH (FLAGS (\Seen))`, `* 1 FETCH (FLAGS (\Seen \Draft))`, false},
		{"a flag twice", `* 1 FETCH (FLAGS (\Seen \Seen))`, `* 1 FETCH (FLAGS (\Seen \Draft))`, false},
		{"FETCH items in any order", "* 1 FETCH (UID 2 RFC822.SIZE 3)", "* 1 FETCH (RFC822.SIZE 3 UID 2)", true},
		{"FETCH items with their values", "* 1 FETCH (UID 2 RFC822.SIZE 3)", "* 1 FETCH (UID 3 RFC822.SIZE 2)", false},
		{"further FETCH items", `* 1 FETCH (UID 2 \...)`, "* 1 FETCH (RFC822.SIZE 3 UID 2)", true},
		{"names of fields", `* 1 FETCH (BODY[HEADER.FIELDS (From)] "x")`, `* 1 FETCH (BODY[HEADER.FIELDS ("FROM")] "x")`, true},
		{"sections", `* 1 FETCH (BODY[1] "x")`, `* 1 FETCH (BODY[2] "x")`, false},
		{"literal and quoted string", `* 1 FETCH (BODY[] "a\\"b")`, "* 1 FETCH (BODY[] {3}|a\"b)", true},
		{"literal8 and quoted string", `* 1 FETCH (BINARY[1] "ab" UID 1)`, "* 1 FETCH (UID 1 BINARY[1] ~{2}|ab)", true},
		{"string and NIL", `* 1 FETCH (BODY[] "NIL")`, "* 1 FETCH (BODY[] NIL)", false},
		{"empty string and NIL", `* 1 FETCH (BODY[] "")`, "* 1 FETCH (BODY[] NIL)", false},
		{"case of data", `* 1 FETCH (BODY[] "x")`, `* 1 FETCH (BODY[] "X")`, false},
		{"day of one digit", `* 1 FETCH (INTERNALDATE " 1-Feb-2024")`, `* 1 FETCH (INTERNALDATE "01-Feb-2024")`, true},
		{"order of envelopes", `* 1 FETCH (ENVELOPE ("a" "b"))`, `* 1 FETCH (ENVELOPE ("b" "a"))`, false},
		{"adjacent lists", `* 1 FETCH (BODY (("a")("b") "mixed"))`, `* 1 FETCH (BODY (("a") ("b") "mixed"))`, true},
		{"part of an envelope", `* 1 FETCH (ENVELOPE ("a" \... "z"))`, `* 1 FETCH (ENVELOPE ("a" NIL ("b" "c") "z"))`, true},
		{"mailbox names in quotes", `* LIST (\A \B) "/" "Work"`, `* LIST (\b \a) "/" Work`, true},
		{"extended data of LIST", `* LIST () "/" a (CHILDINFO ("X") B 1)`, `* LIST () "/" a ("B" 1 "childinfo" ("X"))`, true},
		{"mailbox names' case", `* LIST () "/" Work`, `* LIST () "/" work`, false},
		{"INBOX in any case", `* STATUS INBOX (MESSAGES 1)`, `* STATUS "inbox" (MESSAGES 1)`, true},
		{"STATUS items in any order", "* STATUS a (MESSAGES 1 UNSEEN 2)", "* STATUS a (UNSEEN 2 MESSAGES 1)", true},
		{"METADATA entries in any order", `* METADATA inbox (/a "1" /b NIL)`, `* METADATA INBOX (/b NIL /a "1")`, true},
		{"METADATA values", `* METADATA INBOX (/a "" /b NIL)`, `* METADATA INBOX (/a NIL /b "")`, false},
		{"STATUS values", "* STATUS a (MESSAGES 1)", "* STATUS a (MESSAGES 2)", false},
		{"UIDVALIDITY", "* OK [UIDVALIDITY 1] x|* STATUS a (UIDVALIDITY 2)|a OK [APPENDUID 3 1] x|b OK [COPYUID 4 1 2] x",
			"* OK [UIDVALIDITY 7] x|* STATUS a (UIDVALIDITY 7)|a OK [APPENDUID 7 1] x|b OK [COPYUID 7 1 2] x", true},
		{"UIDVALIDITY that is no number", "* OK [UIDVALIDITY 1] x", "* OK [UIDVALIDITY x] x", false},
		{"UID of APPENDUID", "a OK [APPENDUID 1 1] x", "a OK [APPENDUID 1 2] x", false},
		{"captured UIDVALIDITY", `* OK [UIDVALIDITY \$v] x|a OK [APPENDUID \$v 1] x`, "* OK [UIDVALIDITY 7] x|a OK [APPENDUID 7 1] x", true},
		{"another UIDVALIDITY", `* OK [UIDVALIDITY \$v] x|a OK [APPENDUID \$v 1] x`, "* OK [UIDVALIDITY 7] x|a OK [APPENDUID 8 1] x", false},
		{"captured for a later answer", `a OK [X \$v] x|b OK [X \$v] x`, "a OK [X 1] x|b OK [X 2] x", false},
		{"numbers of SEARCH in any order", "* SEARCH 1 2|a OK", "* SEARCH 2 1|a OK", true},
		{"order of LIST", `* LIST () "/" a|* LIST () "/" b|x OK`, `* LIST () "/" b|* LIST () "/" a|x OK`, true},
		{"a LIST too many", `* LIST () "/" a|x OK`, `* LIST () "/" b|* LIST () "/" a|x OK`, false},
		{"a LIST too few", `* LIST () "/" a|* LIST () "/" b|x OK`, `* LIST () "/" b|x OK`, false},
		{"responses between others", `* LIST () "/" a|\...|x OK`, `* LIST () "/" b|* LIST () "/" a|x OK`, true},
		{"tagged responses aren't among them", `\...|y OK`, `* LIST () "/" b|x OK|y OK`, false},
		{"each response in its command's answer", "* SEARCH 1|a OK|* SEARCH 2|b OK", "* SEARCH 2|a OK|* SEARCH 1|b OK", false},
		{"order of FETCH", "* 1 FETCH (UID 1)|* 2 FETCH (UID 2)|a OK", "* 2 FETCH (UID 2)|* 1 FETCH (UID 1)|a OK", false},
		{"FETCH in a group", `\(|* 1 FETCH (UID 1)|* 2 FETCH (UID 2)|\)|a OK`, "* 2 FETCH (UID 2)|* 1 FETCH (UID 1)|a OK", true},
		{"EXISTS around FETCH", "* 1 FETCH (UID 1)|* 2 EXISTS|a OK", "* 2 EXISTS|* 1 FETCH (UID 1)|a OK", true},
		{"EXISTS around EXPUNGE", "* 1 EXPUNGE|* 2 EXISTS|a OK", "* 2 EXISTS|* 1 EXPUNGE|a OK", false},
		{"messages removed upwards and downwards", "* 2 EXPUNGE|* 2 EXPUNGE|* 3 EXPUNGE|a OK", "* 5 EXPUNGE|* 3 EXPUNGE|* 2 EXPUNGE|a OK", true},
		{"other messages removed", "* 2 EXPUNGE|* 2 EXPUNGE|a OK", "* 2 EXPUNGE|* 3 EXPUNGE|a OK", false},
		{"a response that may be missing is", `* 1 EXPUNGE|\~* 1 RECENT|a OK`, "* 1 EXPUNGE|a OK", true},
		{"a response that may be missing isn't", `* 1 EXPUNGE|\~* 1 RECENT|a OK`, "* 1 EXPUNGE|* 1 RECENT|a OK", true},
		{"a response that may be missing is wrong", `* 1 EXPUNGE|\~* 1 RECENT|a OK`, "* 1 EXPUNGE|* 2 RECENT|a OK", false},
		{"part of an atom", `a OK [X a\...z] x`, "a OK [X abcz] x", true},
		{"elided octets", `* 1 FETCH (BODY[] {5}|a\{3 octets}|e)`, "* 1 FETCH (BODY[] {5}|abcde)", true},
		{"as many elided octets", `* 1 FETCH (BODY[] {5}|a\{3 octets}|e)`, "* 1 FETCH (BODY[] {6}|abccde)", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, equal := matchAnswers(responses(t, test.want), responses(t, test.got), bindings{})
			if equal != test.equal {
				t.Errorf("%s and %s: equal %v", test.want, test.got, equal)
			}
		})
	}
}

// responses reads responses as a script has them, with "|" in place of line ends; one
// after an elision is none.
func responses(t *testing.T, text string) []response {
	t.Helper()
	var script strings.Builder
	for line := range strings.SplitSeq(text, "|") {
		if before, after, ok := strings.Cut(line, `\{`); ok { // alone in its line
			script.WriteString("S: " + before + "\\\n")
			line = `\{` + after
		}
		script.WriteString("S: " + line + "\n")
	}
	s, err := Parse("test", []byte(script.String()))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := wantedIMAP(s.steps[0].text)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func FuzzAnswersEqualThemselves(f *testing.F) {
	for _, seed := range []string{
		"a OK [X (a b) \"c\"] d\r\n", "* 1 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS (\"a\")] {3}\r\nabc)\r\n",
		"* LIST (\\A) \"/\" {3}\r\na b\r\n* 2 EXPUNGE\r\n* 2 EXPUNGE\r\n", "+ \r\n", "* STATUS INBOX (UIDVALIDITY 1)\r\n", "* CAPABILITY\r\n",
		"* ((((\r\n", "* 1 FETCH\r\n", "*\r\n", "* OK [\r\n", "{1}\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		answers, err := wantedIMAP(symbols(text))
		if err != nil {
			return
		}
		if _, equal := matchAnswers(answers, answers, bindings{}); !equal {
			t.Errorf("%q isn't equal to itself", text)
		}
	})
}
