package personality_test

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/personality"
)

const announcedFile = "testdata/announced.txt"

// TestPersonalitiesPresentThemselves compares greetings, mailboxes and capabilities, in plain
// sessions before and after login, with a file; -write writes it anew.
func TestPersonalitiesPresentThemselves(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, p := range personality.All() {
		if p.Name == "strictest" || p.Name == "everything" {
			continue // they have what the fakes have
		}
		f := start(t, p)
		fmt.Fprintf(&got, "%s: %s\n", p.Name, p.Summary)
		f.imap().announcements(&got)
		f.pop3().announcements3(&got)
	}
	if *write {
		if err := os.WriteFile(announcedFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(announcedFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// announcements writes what an IMAP server tells of itself before and after login.
func (w *wire) announcements(out io.Writer) {
	show := func(when, line string) { fmt.Fprintf(out, "\tIMAP %-9s %s\n", when, strings.TrimSuffix(line, "\r\n")) }
	show("greets", w.line())
	w.send("a CAPABILITY")
	show("at first", w.line())
	w.until("a OK")
	w.send("b LOGIN alice@example.org secret")
	for line := ""; !strings.HasPrefix(line, "b "); {
		line = w.line()
		show("login", line)
	}
	w.send("c CAPABILITY")
	show("then", w.line())
	w.until("c OK")
	w.send(`d LIST "" *`)
	for line := w.line(); !strings.HasPrefix(line, "d "); line = w.line() {
		show("lists", line)
	}
}

// announcements3 is announcements of a POP3 server.
func (w *wire) announcements3(out io.Writer) {
	greeting := regexp.MustCompile("<.*>").ReplaceAllString(w.line(), "<timestamp>")
	fmt.Fprintf(out, "\tPOP3 %-9s %s\n", "greets", strings.TrimSpace(greeting))
	capa := func(when string) {
		w.send("CAPA")
		list := []string{strings.TrimSpace(w.line())}
		for list[0][0] == '+' && list[len(list)-1] != "." {
			list = append(list, strings.TrimSpace(w.line()))
		}
		if len(list) > 1 {
			list = list[1 : len(list)-1]
		}
		fmt.Fprintf(out, "\tPOP3 %-9s %s\n", when, strings.Join(list, ", "))
	}
	capa("at first")
	w.run("C: USER alice@example.org\nS: …\nC: PASS secret\nS: …")
	capa("then")
}
