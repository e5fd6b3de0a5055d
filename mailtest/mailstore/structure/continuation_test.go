package structure_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// parameters writes params as NAME=VALUE, separated by "; ".
func parameters(text string) (params []structure.Param) {
	for field := range strings.SplitSeq(text, "; ") {
		name, value, _ := strings.Cut(field, "=")
		params = append(params, structure.Param{Name: name, Value: value})
	}
	return params
}

func TestContinuationsAndCharsetsOfParametersAreDecoded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, params, want string }{
		{"nothing to decode", "charset=x; b=%41", "charset=x; b=%41"},
		{"continuations", "baz*0=a; x=y; baz*1=b; baz*2=%41", "baz=ab%41; x=y"},
		{"continuations out of order", "baz*1=b; BAZ*0=a", "BAZ=ab"},
		{"charset and language", "f*=iso-8859-1'en'%E9t%e9", "f*=été"},
		{"continuations with a charset", "foo*0*=utf-8''%e2%82; foo*1*=%ac%20; foo*2=%41", "foo*=€ %41"},
		{"only a later piece encoded", "foo*0=a; foo*1*=%20b", "foo*=a b"},
		{"no charset given", "f*=''%c3%a9", "f*=é"},
		{"plain beside extended", "f=plain; f*=utf-8''%c3%a9", "f=plain; f*=é"},
		{"gap", "a*0=x; a*2=z", "a=x; a*2=z"},
		{"no first piece", "a*1=y", "a*1=y"},
		{"piece given twice", "a*0=x; a*0=y; a*1=z", "a=xz"},
		{"number with a leading zero", "a*0=x; a*01=y", "a=x; a*01=y"},
		{"no quotes for the charset", "f*=%41", "f*=%41"},
		{"unknown charset", "f*=klingon''%41", "f*=klingon''%41"},
		{"not in its charset", "f*=utf-8''%ff", "f*=utf-8''%ff"},
		{"percent signs that encode nothing", "f*=utf-8''%4%zz%41%", "f*=%4%zzA%"},
		{"NUL", "f*=utf-8''%00", "f*=utf-8''%00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(parameters(c.want), structure.DecodeParams(parameters(c.params))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContinuationsTakeTimeInProportion(t *testing.T) {
	t.Parallel()
	params := make([]structure.Param, 200_000)
	for i := range params {
		params[i] = structure.Param{Name: fmt.Sprintf("a*%d", i), Value: "0123456789"}
	}
	for _, joined := range [][]structure.Param{structure.JoinParams(params), structure.DecodeParams(params)} {
		if len(joined) != 1 || len(joined[0].Value) != 10*len(params) {
			t.Errorf("%d pieces make %d parameters", len(params), len(joined))
		}
	}
}

func TestContinuationsOfParametersAreJoined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, params, want string }{
		{"nothing to join", "charset=x; b=%41", "charset=x; b=%41"},
		{"continuations", "baz*0=a; x=y; baz*1=b; baz*2=%41", "baz=ab%41; x=y"},
		{"an extended value", "f*=iso-8859-1'en'%E9t%e9", "f*=iso-8859-1'en'%E9t%e9"},
		{"continuations of one", "foo*0*=utf-8''%e2%82; foo*1*=%ac%20", "foo*=utf-8''%e2%82%ac%20"},
		{"a later piece that isn't encoded", "foo*0*=utf-8''%e2%82%ac; foo*1=50%", "foo*=utf-8''%e2%82%ac50%25"},
		{"only a later piece encoded", "foo*0=a; foo*1*=%20b", "foo*=''a%20b"},
		{"gap", "a*0=x; a*2=z", "a*0=x; a*2=z"},
		{"no first piece", "a*1=y", "a*1=y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(parameters(c.want), structure.JoinParams(parameters(c.params))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzDecodeParams(f *testing.F) {
	f.Add("baz*0=a; baz*1=b")
	f.Add("foo*0*=utf-8''%e2%82; foo*1*=%ac")
	f.Add("f*=iso-8859-1'en'%E9; f*00=x; *=y; **=z; a*9999999999999999999=b")
	f.Fuzz(func(t *testing.T, text string) {
		before := parameters(text)
		after := structure.DecodeParams(before)
		if joined := structure.JoinParams(before); len(after) > len(before) || len(joined) > len(before) {
			t.Errorf("%q became more: %q, joined: %q", before, after, joined)
		}
		if utf8.ValidString(text) {
			for _, p := range after {
				if !utf8.ValidString(p.Value) {
					t.Errorf("%q is not UTF-8", p)
				}
			}
		}
		if diff := cmp.Diff(parameters(text), before); diff != "" {
			t.Errorf("the parameters given were changed: %s", diff)
		}
	})
}
