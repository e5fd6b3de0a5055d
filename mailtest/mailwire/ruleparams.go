package mailwire

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// param is a kind of argument of a rule's keyword.
type param struct {
	name string // in the documentation
	// parse reads it from text; nil: it has no text form.
	parse func(string) (any, error)
	// check tells what is wrong with a value, if anything.
	check func(any) error
}

// settle checks a value that was given in Go.
func (p param) settle(value any) (any, error) {
	if p.name == "WORDS" {
		if s, ok := value.(string); ok {
			value = newWords(s)
		}
	}
	if p.check != nil {
		return value, p.check(value)
	}
	return value, nil
}

var (
	text  = param{name: "TEXT", parse: anyText}
	label = param{name: "NAME", parse: anyText, check: isLabel}
	// pattern is how a response begins.
	pattern = param{name: "WORDS", parse: anyText}
	// glob is a command's name.
	glob = param{name: "COMMAND", parse: anyText, check: func(v any) error {
		if _, err := path.Match(v.(string), ""); err != nil {
			return fmt.Errorf("malformed pattern %q", v)
		}
		return notEmpty(v)
	}}
	// status is a status with its text.
	status = param{name: "STATUS", parse: anyText, check: func(v any) error {
		if strings.ContainsAny(v.(string), "\r\n") {
			return fmt.Errorf("%q isn't one line", v)
		}
		return notEmpty(v)
	}}
	protocol    = param{name: "PROTOCOL", parse: anyText, check: oneOf(string(IMAP), string(POP3))}
	state       = param{name: "STATE", parse: anyText, check: oneOf(notAuthenticated, authenticated, selected, loggedOut, authorization, transaction, update)}
	number      = param{name: "N", parse: integer}
	positive    = param{name: "N", parse: integer, check: atLeast(1)}
	natural     = param{name: "N", parse: integer, check: atLeast(0)}
	probability = param{name: "P", parse: float, check: func(v any) error {
		if p := v.(float64); !(p >= 0 && p <= 1) {
			return fmt.Errorf("%v isn't from 0 to 1", p)
		}
		return nil
	}}
	duration = param{name: "DURATION", parse: span, check: func(v any) error {
		if d := v.(time.Duration); d <= 0 {
			return fmt.Errorf("%v isn't a time to wait", d)
		}
		return nil
	}}
	expression = param{name: "REGEXP", parse: compile, check: func(v any) error {
		if v.(*regexp.Regexp) == nil {
			return errors.New("no regular expression")
		}
		return nil
	}}
	predicate = param{name: "FUNC", check: func(v any) error { return isSet(v.(func(Hit) bool) != nil) }}
	function  = param{name: "FUNC", check: func(v any) error { return isSet(v.(func(*Hit)) != nil) }}
)

func anyText(s string) (any, error) { return s, nil }

func integer(s string) (any, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil, fmt.Errorf("want a number, not %q", s)
	}
	return n, nil
}

func float(s string) (any, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("want a probability such as 0.5, not %q", s)
	}
	return f, nil
}

func span(s string) (any, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return nil, fmt.Errorf("want a duration such as 500ms or 5s, not %q", s)
	}
	return d, nil
}

func compile(s string) (any, error) {
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("want a regular expression: %w", err)
	}
	return re, nil
}

func notEmpty(v any) error {
	if v.(string) == "" {
		return errors.New("it is empty")
	}
	return nil
}

func isLabel(v any) error {
	if !utf8.ValidString(v.(string)) {
		return fmt.Errorf("%q isn't UTF-8", v)
	}
	return notEmpty(v)
}

func isSet(set bool) error {
	if !set {
		return errors.New("no function")
	}
	return nil
}

func atLeast(least int) func(any) error {
	return func(v any) error {
		if n := v.(int); n < least {
			return fmt.Errorf("%d is less than %d", n, least)
		}
		return nil
	}
}

func oneOf(values ...string) func(any) error {
	return func(v any) error {
		if !slices.Contains(values, v.(string)) {
			return fmt.Errorf("%q is none of %s", v, strings.Join(values, ", "))
		}
		return nil
	}
}
