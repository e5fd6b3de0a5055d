package mailwire

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestRulesAreTextAndGo(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule Rule
		text string
	}{
		{On("UID FETCH").Nth(2).CutAfter(100), `on "UID FETCH" nth 2 cut-after 100`},
		{OnResponse("* * FETCH").Command("UID FETCH").Drop(), `response "* * FETCH" command "UID FETCH" drop`},
		{OnResponse("").Close(), `response "" close`},
		{OnGreeting().Replace("* BYE\r\n"), `greeting replace "* BYE\r\n"`},
		{OnAccept().Session(3).Protocol(POP3).Reset(), `accept session 3 protocol pop3 reset`},
		{OnQuiet(90 * time.Second).Send("\x00ä").HalfClose(), `quiet 1m30s send "\x00ä" half-close`},
		{OnLine().Match(regexp.MustCompile(`^\. "`)).Drop(), "line match `^\\. \"` drop"},
		{OnLine().Match(regexp.MustCompile(`^\.`)).Drop(), `line match ^\. drop`},
		{OnTagged().Chance(0.25, -7).Delay(time.Millisecond), `tagged chance 0.25 -7 delay 1ms`},
		{OnUntagged().Set("{}", 0).Add("#2", -1), `untagged set {} 0 add #2 -1`},
	} {
		if err := row.rule.Err(); err != nil {
			t.Errorf("%s: %v", row.text, err)
		}
		if got := row.rule.String(); got != row.text {
			t.Errorf("in text it is\n%s\nwant\n%s", got, row.text)
		}
		parsed, err := ParseRule(row.text)
		if err != nil || parsed.String() != row.text {
			t.Errorf("%s: parsed %s, %v", row.text, parsed, err)
		}
	}
}

// What a report has as text is a line of a test, and what a test has in Go is a line of a report.
func TestARuleOfTextIsPrintedInGo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`on "UID FETCH" nth 2 cut-after 100`:                      `mailwire.On("UID FETCH").Nth(2).CutAfter(100)`,
		`accept protocol pop3 reset`:                              `mailwire.OnAccept().Protocol("pop3").Reset()`,
		"line match `^\\.` substitute \"\\x60\" x":                "mailwire.OnLine().Match(regexp.MustCompile(`^\\.`)).Substitute(regexp.MustCompile(\"`\"), \"x\")",
		`response "* * FETCH" chance 0.25 -7 delay 90s`:           `mailwire.OnResponse("* * FETCH").Chance(0.25, -7).Delay(90*time.Second)`,
		`quiet 29m throttle 1 delay 1500us delay 1ns send "\r\n"`: `mailwire.OnQuiet(29*time.Minute).Throttle(1).Delay(1500*time.Microsecond).Delay(1).Send("\r\n")`,
	} {
		rule, err := ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%#v", rule); got != want {
			t.Errorf("%s is in Go\n%s\nwant\n%s", text, got, want)
		}
	}
	if got := fmt.Sprintf("%#v %#v", Rule{}, OnAccept().Do(func(*Hit) {})); got != "mailwire.Rule{} mailwire.OnAccept().Do((func))" {
		t.Error(got)
	}
}

func TestARuleIsAValue(t *testing.T) {
	t.Parallel()
	noop := On("NOOP").Nth(1)
	dropped, closed := noop.Drop(), noop.Close()
	if got := dropped.String() + "; " + closed.String(); got != "on NOOP nth 1 drop; on NOOP nth 1 close" {
		t.Errorf("got %s", got)
	}
}

func TestParseRuleTellsWhereAndWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, want string }{
		{``, `no event; want one of accept, tls,`},
		{`on "UID FETCH" nth 2 cut-aftr 100`, `column 22: unknown matcher or action "cut-aftr"; did you mean "cut-after"?`},
		{`greting drop`, `column 1: unknown event "greting"; did you mean "greeting"?`},
		{`on NOOP nth two drop`, `column 13: nth: want a number, not "two"`},
		{`on NOOP nth 0 drop`, `column 13: nth: 0 is less than 1`},
		{`on NOOP drop nth`, `column 17: nth: want N`},
		{`on NOOP`, `there is no action`},
		{`on "NOOP drop`, `column 4: on: the quoted string has no end`},
		{`on "NOOP"drop`, `column 4: on: want a space after the quoted string`},
		{`on [ drop`, `column 4: on: malformed pattern "["`},
		{`line match ( drop`, `column 12: match: want a regular expression`},
		{`accept drop`, `column 8: drop is of no use at accept`},
		{`quiet soon close`, `column 7: quiet: want a duration such as 500ms or 5s, not "soon"`},
		{`quiet 0s close`, `column 7: quiet: 0s isn't a time to wait`},
		{`accept chance 1.5 1 close`, `column 15: chance: 1.5 isn't from 0 to 1`},
		{`on NOOP state asleep drop`, `column 15: state: "asleep" is none of not-authenticated,`},
		{`on NOOP do f`, `column 9: do takes a Go function, which has no text form`},
		{`on NOOP answer "NO\r\nx"`, `column 16: answer: "NO\r\nx" isn't one line`},
		{`on NOOP answer NO "[LIMIT] later"`, `column 19: want a matcher or action, not "[LIMIT] later"; an argument is quoted as a whole, such as "NO [LIMIT] later"`},
		{`on IDLE answer BAD "no"`, `column 20: want a matcher or action, not "no"; an argument`},
		{`accept xyzzyxyzzy`, `unknown matcher or action "xyzzyxyzzy"; want one of protocol, session,`},
	} {
		if _, err := ParseRule(row.text); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v\nwant %s", row.text, err, row.want)
		}
	}
}

func TestRulesThatMakeNoSenseAreErrors(t *testing.T) {
	t.Parallel()
	for _, r := range []Rule{
		{}, On(""), On("NOOP"), On("NOOP").Nth(0).Drop(), On("NOOP").Match(nil).Drop(), On("NOOP").When(nil).Drop(),
		On("NOOP").Do(nil), OnAccept().Chance(math.NaN(), 1).Close(), OnAccept().Replace("x"), OnQuiet(-1).Close(), Rule{}.Close(),
		On("NOOP").Command("[").Close(),
	} {
		if r.Err() == nil {
			t.Errorf("%q has no error", r)
		}
		if _, err := new(Faults).Inject(r); err == nil {
			t.Errorf("%q can be injected", r)
		}
	}
}

// documented returns the rows of words in the package's documentation.
func documented(t *testing.T) map[[3]string]bool {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[[3]string]bool)
	for _, m := range regexp.MustCompile(`(?m)^//\t(\S.*?) +\| (\w+) +\| (.*)$`).FindAllStringSubmatch(string(source), -1) {
		rows[[3]string(m[1:])] = true
	}
	return rows
}

func TestTheDocumentationHasEachWordOfRules(t *testing.T) {
	t.Parallel()
	rows := documented(t)
	for _, list := range [][]keyword{events, matchers, actions} {
		for _, k := range list {
			text := k.name
			for _, p := range k.params {
				text += " " + p.name
			}
			row := [3]string{text, k.method, k.doc}
			if !rows[row] {
				t.Errorf("//\t%-28s| %-18s| %s", text, k.method, k.doc)
			}
			delete(rows, row)
		}
	}
	for row := range rows {
		t.Errorf("there is no word as in %q", row)
	}
}

func TestEachWordOfRulesHasItsMethod(t *testing.T) {
	t.Parallel()
	rule := reflect.TypeFor[Rule]()
	for _, list := range [][]keyword{matchers, actions} {
		for _, k := range list {
			m, ok := rule.MethodByName(k.method)
			if !ok || m.Type.NumIn() != 1+len(k.params) {
				t.Errorf("%s has no method %s for its arguments", k.name, k.method)
			}
		}
	}
}

func FuzzParseRule(f *testing.F) {
	for _, list := range [][]keyword{matchers, actions} {
		for _, k := range list {
			f.Add("on NOOP " + k.name + " 1 2")
		}
	}
	for _, k := range events {
		f.Add(k.name + " 1s close")
	}
	f.Add("line match `^\\. \"` substitute a \"b\\r\\n\" close")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRule(text)
		if err != nil {
			return
		}
		again, err := ParseRule(r.String())
		if err != nil || again.String() != r.String() {
			t.Errorf("%q is %q in text, which is %q, %v", text, r, again, err)
		}
	})
}
