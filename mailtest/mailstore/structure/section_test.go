package structure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// rfc3501Example is the message of the example in RFC 3501 §6.4.5.
const rfc3501Example = "Content-Type: multipart/mixed; boundary=a\n\n" +
	"--a\nP: 1\n\none\n" +
	"--a\nContent-Type: application/octet-stream\n\ntwo\n" +
	"--a\nContent-Type: message/rfc822\n\n" +
	"Subject: three\nContent-Type: multipart/mixed; boundary=b\n\n--b\nP: 3.1\n\nthree one\n--b\nContent-Type: image/gif\n\nthree two\n--b--\n\n" +
	"--a\nContent-Type: multipart/mixed; boundary=c\n\n" +
	"--c\nContent-Type: image/gif\n\nfour one\n" +
	"--c\nContent-Type: message/rfc822\n\n" +
	"Subject: four two\nContent-Type: multipart/mixed; boundary=d\n\n--d\n\nfour two one\n" +
	"--d\nContent-Type: multipart/alternative; boundary=e\n\n--e\n\nfour two two one\n--e\nContent-Type: text/richtext\n\nfour two two two\n--e--\n" +
	"--d--\n--c--\n--a--\n"

func section(raw []byte, root *structure.Part, path []int, spec structure.Spec) string {
	span, ok := root.Section(path, spec)
	if !ok {
		return "none"
	}
	return strings.ReplaceAll(string(span.Of(raw)), "\r\n", "\n")
}

func TestSectionNumbersPartsAsInTheRFC(t *testing.T) {
	t.Parallel()
	raw := crlf(rfc3501Example)
	root := structure.Parse(raw)
	for _, test := range []struct {
		path []int
		spec structure.Spec
		want string
	}{
		{nil, structure.Whole, rfc3501Example},
		{nil, structure.Header, "Content-Type: multipart/mixed; boundary=a\n\n"},
		{nil, structure.Text, strings.TrimPrefix(rfc3501Example, "Content-Type: multipart/mixed; boundary=a\n\n")},
		{nil, structure.MIME, "none"},
		{[]int{1}, structure.Whole, "one"},
		{[]int{1}, structure.MIME, "P: 1\n\n"},
		{[]int{1}, structure.Header, "none"},
		{[]int{1}, structure.Text, "none"},
		{[]int{1, 1}, structure.Whole, "none"},
		{[]int{2}, structure.Whole, "two"},
		{[]int{3}, structure.MIME, "Content-Type: message/rfc822\n\n"},
		{[]int{3}, structure.Header, "Subject: three\nContent-Type: multipart/mixed; boundary=b\n\n"},
		{[]int{3}, structure.Text, "--b\nP: 3.1\n\nthree one\n--b\nContent-Type: image/gif\n\nthree two\n--b--\n"},
		{[]int{3, 1}, structure.Whole, "three one"},
		{[]int{3, 1}, structure.MIME, "P: 3.1\n\n"},
		{[]int{3, 2}, structure.Whole, "three two"},
		{[]int{3, 3}, structure.Whole, "none"},
		{[]int{4}, structure.MIME, "Content-Type: multipart/mixed; boundary=c\n\n"},
		{[]int{4}, structure.Header, "none"},
		{[]int{4, 1}, structure.Whole, "four one"},
		{[]int{4, 2}, structure.Header, "Subject: four two\nContent-Type: multipart/mixed; boundary=d\n\n"},
		{[]int{4, 2, 1}, structure.Whole, "four two one"},
		{[]int{4, 2, 2}, structure.MIME, "Content-Type: multipart/alternative; boundary=e\n\n"},
		{[]int{4, 2, 2, 1}, structure.Whole, "four two two one"},
		{[]int{4, 2, 2, 2}, structure.Whole, "four two two two"},
		{[]int{4, 2, 2, 3}, structure.Whole, "none"},
		{[]int{5}, structure.Whole, "none"},
		{[]int{0}, structure.Whole, "none"},
		{[]int{-1}, structure.Whole, "none"},
		{[]int{0, 1}, structure.Whole, "none"},
	} {
		if diff := cmp.Diff(test.want, section(raw, root, test.path, test.spec)); diff != "" {
			t.Errorf("%v %v: %s", test.path, test.spec, diff)
		}
	}
}

func TestSectionOfMessageThatIsNoMultipartHasPartOne(t *testing.T) {
	t.Parallel()
	raw := crlf("Subject: a\n\nbody")
	root := structure.Parse(raw)
	if got := section(raw, root, []int{1}, structure.Whole); got != "body" {
		t.Errorf("part 1 is %q", got)
	}
	if got := section(raw, root, []int{1}, structure.MIME); got != "Subject: a\n\n" {
		t.Errorf("the MIME header of part 1 is %q", got)
	}
	for _, path := range [][]int{{2}, {1, 1}} {
		if root.Find(path) != nil {
			t.Errorf("there is a part %v", path)
		}
	}
}

func TestSectionGoesIntoAMessageThatIsAWholeBody(t *testing.T) {
	t.Parallel()
	raw := crlf("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: in\n\nbody")
	root := structure.Parse(raw)
	for _, test := range []struct {
		path []int
		spec structure.Spec
		want string
	}{
		{[]int{1}, structure.Header, "Content-Type: message/rfc822\n\n"},
		{[]int{1, 1}, structure.Whole, "Subject: in\n\nbody"},
		{[]int{1, 1}, structure.Header, "Subject: in\n\n"},
		{[]int{1, 1}, structure.Text, "body"},
		{[]int{1, 1, 1}, structure.Whole, "body"},
		{[]int{1, 1, 1, 1}, structure.Whole, "none"},
	} {
		if diff := cmp.Diff(test.want, section(raw, root, test.path, test.spec)); diff != "" {
			t.Errorf("%v %v: %s", test.path, test.spec, diff)
		}
	}
}

func TestWalkVisitsPartsInOrderUntilTold(t *testing.T) {
	t.Parallel()
	walk := func(message string, last string) (visited []string) {
		structure.Parse(crlf(message)).Walk(func(path []int, p *structure.Part) bool {
			visited = append(visited, fmt.Sprint(path, " ", p.Subtype))
			return p.Subtype != last
		})
		return visited
	}
	want := []string{
		"[] mixed", "[1] plain", "[2] octet-stream", "[3] rfc822", "[3] mixed", "[3 1] plain", "[3 2] gif", "[4] mixed", "[4 1] gif",
		"[4 2] rfc822", "[4 2] mixed", "[4 2 1] plain", "[4 2 2] alternative", "[4 2 2 1] plain", "[4 2 2 2] richtext",
	}
	if diff := cmp.Diff(want, walk(rfc3501Example, "")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[:7], walk(rfc3501Example, "gif")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"[1] rfc822", "[1 1] plain"}, walk("Content-Type: message/rfc822\n\n\na", "")); diff != "" {
		t.Error(diff)
	}
}
