package mailhtml_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"example.org/mailfakes/mailtest/mailhtml"
	"example.org/mailfakes/mailtest/mailwire"
)

// twoSessions has what a page shows in ways of its own, and what would do harm as HTML.
const twoSessions = `# 120 earlier octets were dropped
0.000000 imap#1 -- open mem imap:1
0.000100 imap#1 S: * OK ready
0.000200 imap#1 C: a1 LOGIN alice@example.org ***
0.000300 imap#1 -- note cleartext-password: a password without TLS (RFC 3501 §6.2.3)
0.000400 imap#1 S: a1 OK done
0.000500 pop3#2 -- open mem pop3:1
0.000600 pop3#2 S: +OK <script>document.title = "harm"</script>
0.000700 pop3#2 C: RETR 7"><img src=x onerror="document.title='harm'">
0.000800 pop3#2 S: -ERR </div></main>no such message
0.000900 imap#1 C: a2 UID FETCH 1 BODY[]
0.001000 imap#1 S: * 1 FETCH (UID 1 BODY[] {72}
0.001000 imap#1 S: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= </pre><b onclick=harm()>
0.001000 imap#1 S:
0.001000 imap#1 S: hello
0.001000 imap#1 S: )
0.001000 imap#1 S: * 1 FETCH (BODY[2] {2}
0.001000 imap#1 S: hi\
0.001000 imap#1 S:  FLAGS ())
0.001000 imap#1 S: a2 OK done
0.001000 imap#1 -- write: broken pipe (3 of 7 octets sent)
`

// page is a page as a browser understands it.
type page struct{ root *html.Node }

func write(t testing.TB, title, transcript string) (page, string) {
	t.Helper()
	var b strings.Builder
	if err := mailhtml.Write(&b, title, strings.NewReader(transcript)); err != nil {
		t.Fatal(err)
	}
	return understand(t, b.String()), b.String()
}

func understand(t testing.TB, text string) page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return page{root}
}

// all returns the elements with a name, and a class if it isn't "".
func (p page) all(name, class string) []page {
	var found []page
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (class == "" || slices.Contains(strings.Fields((page{n}).attr("class")), class)) {
			found = append(found, page{n})
		}
	}
	return found
}

func (p page) attr(name string) string {
	value, _ := p.lookup(name)
	return value
}

func (p page) lookup(name string) (string, bool) {
	for _, a := range p.root.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func (p page) text() string {
	var b strings.Builder
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// texts returns the texts of the elements.
func texts(pages []page) []string {
	var all []string
	for _, p := range pages {
		all = append(all, p.text())
	}
	return all
}

func TestAPageShowsEachExchangeInItsSessionsColumn(t *testing.T) {
	t.Parallel()
	p, _ := write(t, "TestInbox", twoSessions)
	if got := texts(p.all("title", "")); got[0] != "TestInbox – mail transcript" {
		t.Errorf("title %q", got)
	}
	if got := texts(p.all("a", "session")); len(got) != 2 || !strings.HasPrefix(got[0], "imap#1 alice@example.org") || !strings.HasPrefix(got[1], "pop3#2") {
		t.Errorf("sessions %q", got)
	}
	var rows []string
	for _, row := range p.all("div", "row") {
		rows = append(rows, fmt.Sprintf("%s %s %s", row.attr("data-session"), texts(row.all("a", "t"))[0], row.all("div", "block")[0].attr("style")))
	}
	for i, want := range []string{
		"imap#1 0.000000 grid-column:2/3",
		"imap#1 0.000200 grid-column:2/3",
		"pop3#2 0.000500 grid-column:3/4",
		"pop3#2 0.000700 grid-column:3/4",
		"imap#1 0.000900 grid-column:2/3",
	} {
		if i >= len(rows) || !strings.HasPrefix(rows[i], want) {
			t.Errorf("row %d isn't %s: %q", i+1, want, rows)
		}
	}
	if got := texts(p.all("span", "comment")); len(got) != 1 || got[0] != "120 earlier octets were dropped." {
		t.Errorf("comments %q", got)
	}
}

func TestAPageMarksWhatIsSpecialAndFoldsLiterals(t *testing.T) {
	t.Parallel()
	p, _ := write(t, "TestInbox", twoSessions)
	for class, want := range map[string]string{
		"manners": "note cleartext-password: a password without TLS (RFC 3501 §6.2.3)",
		"refusal": "-ERR </div></main>no such message",
		"fault":   "write: broken pipe (3 of 7 octets sent)",
	} {
		if got := texts(p.all("div", class)); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", class, got, want)
		}
	}
	if n := len(p.all("div", "marked")); n != 3 {
		t.Errorf("%d rows are marked, want 3", n)
	}
	if got := texts(p.all("div", "lit")); len(got) != 1 || got[0] != "hi" {
		t.Errorf("short literals %q", got)
	}
	folded := p.all("details", "lit")
	if len(folded) != 1 {
		t.Fatalf("%d literals are folded, want 1", len(folded))
	}
	if got := texts(folded[0].all("summary", ""))[0]; got != "Grüße </pre><b onclick=harm()> 3 lines, 72 octets" {
		t.Errorf("summary %q", got)
	}
	want := "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= </pre><b onclick=harm()>\n\nhello"
	if got := texts(folded[0].all("pre", ""))[0]; got != want {
		t.Errorf("literal %q, want %q", got, want)
	}
}

func TestFaultsAndTroubleAreMarked(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`-- fault: on "UID FETCH" cut after 100`:                 "fault",
		"-- TLS failed: remote error":                            "fault",
		"-- refused: no more sessions than 3 are served at once": "fault",
		"-- note no-logout: no LOGOUT":                           "manners",
		"-- closed":                                              "",
		"-- TLS 1.3 started, X":                                  "",
		"S: a1 BAD what?":                                        "refusal",
		"S: * NO disk full":                                      "refusal",
		"S: * OK NO news":                                        "",
		"C: a1 NO":                                               "",
	} {
		p, _ := write(t, "TestMarks", "0 imap#1 "+line+"\n")
		marked := ""
		for _, class := range []string{"fault", "manners", "refusal"} {
			if len(p.all("div", class)) > 0 {
				marked += class
			}
		}
		if marked != want || (want != "") != (len(p.all("div", "marked")) > 0) {
			t.Errorf("%s is marked %q, want %q", line, marked, want)
		}
	}
}

func TestAPageTellsOfLongSilence(t *testing.T) {
	t.Parallel()
	p, _ := write(t, "TestIdle", "0 imap#1 C: a1 IDLE\n0 imap#1 S: + idling\n1740.5 imap#1 S: * 1 EXISTS\n1740.6 imap#1 C: DONE\n1741.2 imap#1 C: a2 NOOP\n")
	if got := strings.Join(texts(p.all("i", "")), " "); got != "+29m1s +600ms" {
		t.Errorf("silence %q", got)
	}
	// What came slowly is recorded late, with the time of its beginning.
	p, _ = write(t, "TestSlow", "9 imap#1 S: * 1 EXISTS\n30 imap#2 C: a2 NOOP\n9.1 imap#1 C: a1 NOOP\n30 imap#1 S: a1 OK\n")
	if got := strings.Join(texts(p.all("i", "")), " "); got != "+21s" {
		t.Errorf("silence %q", got)
	}
}

func TestManySessionsShareColumns(t *testing.T) {
	t.Parallel()
	var one, all strings.Builder
	for i := 1; i <= 100; i++ {
		fmt.Fprintf(&one, "%d imap#%d C: a1 NOOP\n", i, i)                     // one after the other
		fmt.Fprintf(&all, "0 imap#%d C: a1 NOOP\n%d imap#1 C: a NOOP\n", i, i) // beside the first
	}
	for i := 1; i <= 100; i++ {
		fmt.Fprintf(&all, "200 imap#%d S: a1 OK done\n", i) // all at a time
	}
	for text, want := range map[string]int{one.String(): 1, all.String(): 24} {
		p, _ := write(t, "TestMany", text)
		if n := len(p.all("div", "col")); n != want {
			t.Errorf("%d columns, want %d", n, want)
		}
		if got := texts(p.all("span", "who")); len(got) == 0 || got[0] != "imap#1" {
			t.Errorf("blocks aren't named: %q", got)
		}
	}
}

func TestAPageHasTheLastLinesOfALongTranscript(t *testing.T) {
	t.Parallel()
	p, _ := write(t, "TestLong", "# first\n"+strings.Repeat("0 imap#1 S: * 1 EXISTS\n", 25_000))
	if got := texts(p.all("span", "comment")); len(got) != 2 || got[1] != "5000 earlier lines are left out here." {
		t.Errorf("comments %q", got)
	}
	if n := len(p.all("div", "server")); n != 20_000 {
		t.Errorf("%d lines", n)
	}
	p, _ = write(t, "TestEmpty", "")
	if !strings.Contains(p.text(), "Nothing was said.") {
		t.Error("an empty page doesn't say so")
	}
}

func TestALongLineIsFoldedButWhole(t *testing.T) {
	t.Parallel()
	line := "* SEARCH" + strings.Repeat(" é1234", 200)
	p, _ := write(t, "TestSearch", "0 imap#1 S: "+line+"\n")
	got := p.all("details", "long")
	if len(got) != 1 || strings.ReplaceAll(got[0].text(), "\n", "") != line {
		t.Errorf("line %q", texts(got))
	}
}

func TestWriteRefusesWhatIsNoTranscript(t *testing.T) {
	t.Parallel()
	err := mailhtml.Write(new(strings.Builder), "x", strings.NewReader("hello\n"))
	if err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error %v", err)
	}
}

// elements are those of a page; no text may bring others.
var elements = []string{
	"html", "head", "meta", "title", "style", "body", "header", "h1", "p", "b", "span", "form", "label", "input", "output",
	"main", "div", "a", "small", "i", "details", "summary", "pre", "script",
}

func FuzzWriteLetsNoTextBecomeMarkup(f *testing.F) {
	f.Add("TestInbox", twoSessions)
	f.Add("</title><script>x</script>", "# <script>\n0 i<b>#1 C: x\n0 imap#1 S: a {5}\n0 imap#1 S: <!--\n")
	f.Add("x", "0 imap#1 C: a1 LOGIN <u> x\n0 pop3#2 C: USER \"><u>\n0 imap#1 S: x {99}\n0 imap#1 S: subject: <u>\n0 imap#1 S: \\{4 octets}\n")
	f.Fuzz(func(t *testing.T, title, transcript string) {
		if _, err := mailwire.ParseTranscript(strings.NewReader(transcript)); err != nil {
			return
		}
		p, _ := write(t, title, transcript)
		scripts := 0
		for n := range p.root.Descendants() {
			if n.Type == html.CommentNode || n.Type == html.ElementNode && !slices.Contains(elements, n.Data) {
				t.Fatalf("the page has %q", n.Data)
			}
			if n.Type == html.ElementNode && n.Data == "script" {
				scripts++
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					t.Fatalf("the page has %s=%q", a.Key, a.Val)
				}
			}
		}
		if scripts != 1 {
			t.Fatalf("the page has %d scripts", scripts)
		}
	})
}

func ExampleWrite() {
	transcript := "0.000100 imap#1 S: * OK ready\n0.000200 imap#1 C: a1 LOGOUT\n"
	var page strings.Builder
	if err := mailhtml.Write(&page, time.Unix(0, 0).UTC().Format("2 January 2006"), strings.NewReader(transcript)); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(page.String()) {
		if strings.HasPrefix(line, "<h1>") {
			fmt.Print(line)
		}
	}
	// Output: <h1>1 January 1970</h1>
}
