package mailwire

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// GoString returns the rule as the Go expression that makes it, for the verb %#v: a rule
// that a bug report has as text becomes the line of a test. A Go function in it is (func).
func (r Rule) GoString() string {
	if r.event.word == nil {
		return "mailwire.Rule{}"
	}
	expression := append([]byte("mailwire."), r.event.call()...)
	for _, t := range r.terms {
		expression = append(append(expression, '.'), t.call()...)
	}
	return string(expression)
}

// call returns the term as a call in Go.
func (t term) call() []byte {
	call := append([]byte(t.word.method), '(')
	for i, arg := range t.args {
		if i > 0 {
			call = append(call, ", "...)
		}
		call = append(call, goArgument(arg)...)
	}
	return append(call, ')')
}

func goArgument(arg any) string {
	switch arg := arg.(type) {
	case string:
		return strconv.Quote(arg)
	case words:
		return strconv.Quote(arg.text)
	case *regexp.Regexp:
		if arg == nil {
			return "nil"
		}
		return "regexp.MustCompile(" + goPattern(arg.String()) + ")"
	case time.Duration:
		return goDuration(arg)
	case int, float64:
		return fmt.Sprint(arg)
	}
	return "(func)"
}

func goPattern(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// goDuration counts in the largest unit of which d is a multiple.
func goDuration(d time.Duration) string {
	for _, unit := range []struct {
		name string
		time.Duration
	}{
		{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second},
		{"Millisecond", time.Millisecond}, {"Microsecond", time.Microsecond},
	} {
		if d%unit.Duration == 0 {
			return fmt.Sprintf("%d*time.%s", d/unit.Duration, unit.name)
		}
	}
	return fmt.Sprintf("%d", int64(d))
}
