package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

func TestASearchExtensionThatIsTurnedOffIsUnknown(t *testing.T) {
	t.Parallel()
	type exchange struct {
		command string
		want    []string
	}
	for c, script := range map[imap.Cap][]exchange{
		imap.CapESearch: {
			{"SEARCH RETURN (ALL) ALL", []string{`T BAD SEARCH: unknown search key "RETURN"…`}},
			{"SORT RETURN (ALL) (SIZE) UTF-8 ALL", []string{"T BAD SORT: …"}}, {"ESEARCH ALL", []string{"T BAD unknown command…"}}, {`CANCELUPDATE "x"`, []string{"T BAD unknown command…"}},
			{"FETCH $ UID", []string{"T BAD FETCH: expected a message number…"}},
			{"UID FETCH 1 UID (PARTIAL 1:1)", []string{"T BAD UID FETCH: unknown modifier…"}},
		},
		imap.CapSearchRes: {
			{"SEARCH RETURN (SAVE) ALL", []string{"T BAD SEARCH: unknown return option…"}}, {"SEARCH $", []string{"T BAD SEARCH: unknown search key…"}},
			{"SEARCH UID $", []string{"T BAD SEARCH: expected a message number…"}}, {"FETCH $ UID", []string{"T BAD FETCH: expected a message number…"}},
		},
		imap.CapSort: {{"SORT (SIZE) UTF-8 ALL", []string{"T BAD unknown command…"}}, {"UID SORT (SIZE) UTF-8 ALL", []string{"T BAD unknown command…"}}},
		imap.CapSortDisplay: {
			{"SORT (DISPLAYFROM) UTF-8 ALL", []string{`T BAD SORT: unknown sort key "DISPLAYFROM"…`}},
			{"SORT (DISPLAYTO) UTF-8 ALL", []string{`T BAD SORT: unknown sort key "DISPLAYTO"…`}},
		},
		imap.CapESort: {{"SORT RETURN (ALL) (SIZE) UTF-8 ALL", []string{"T BAD SORT: …"}}, {"SORT (SIZE) UTF-8 ALL", []string{"* SORT 1", "T OK…"}}},
		"THREAD=ORDEREDSUBJECT": {
			{"THREAD ORDEREDSUBJECT UTF-8 ALL", []string{"T BAD THREAD: unknown threading algorithm…"}}, {"THREAD REFS UTF-8 ALL", []string{"* THREAD (1)", "T OK…"}},
		},
		"THREAD=REFERENCES": {
			{"THREAD REFERENCES UTF-8 ALL", []string{"T BAD THREAD: unknown threading algorithm…"}}, {"THREAD REFS UTF-8 ALL", []string{"* THREAD (1)", "T OK…"}},
		},
		"THREAD=REFS": {{"UID THREAD REFS UTF-8 ALL", []string{"T BAD UID THREAD: unknown threading algorithm…"}}},
		"CONTEXT=SEARCH": {
			{"SEARCH RETURN (UPDATE) ALL", []string{`T BAD SEARCH: unknown return option "UPDATE" (RFC 3501 9)`}},
			{"SEARCH RETURN (CONTEXT) ALL", []string{`T BAD SEARCH: unknown return option "CONTEXT" (RFC 3501 9)`}},
			{"SORT RETURN (UPDATE) (SIZE) UTF-8 ALL", []string{`* ESEARCH (TAG "T")`, "T OK…"}},
		},
		"CONTEXT=SORT": {
			{"SORT RETURN (UPDATE) (SIZE) UTF-8 ALL", []string{`T BAD SORT: unknown return option "UPDATE" (RFC 5256 5)`}},
			{"SORT RETURN (PARTIAL 1:1) (SIZE) UTF-8 ALL", []string{`T BAD SORT: unknown return option "PARTIAL" (RFC 5256 5)`}},
			{"SEARCH RETURN (UPDATE) ALL", []string{`* ESEARCH (TAG "T")`, "T OK…"}},
		},
		"PARTIAL": {
			{"SEARCH RETURN (PARTIAL -1:-1) ALL", []string{"T BAD SEARCH: …"}},
			{"SEARCH RETURN (PARTIAL 1:1) ALL", []string{`* ESEARCH (TAG "T") PARTIAL (1:1 1)`, "T OK…"}}, // that of CONTEXT=SEARCH
			{"UID FETCH 1 UID (PARTIAL 1:1)", []string{"T BAD UID FETCH: unknown modifier…"}},
		},
		imap.CapMultiSearch: {{"ESEARCH ALL", []string{"T BAD unknown command…"}}},
		imap.CapSearchFuzzy: {
			{"SEARCH FUZZY TEXT a", []string{`T BAD SEARCH: unknown search key "FUZZY"…`}}, {"SEARCH RETURN (RELEVANCY) ALL", []string{"T BAD SEARCH: unknown return option…"}},
			{"SORT (RELEVANCY) UTF-8 ALL", []string{"T BAD SORT: unknown sort key…"}},
		},
	} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, imapfake.WithoutCapabilities(c))
			f.deliver("a: b\r\n\r\n")
			client := f.selected()
			if listed := client.ok("CAPABILITY")[0]; strings.Contains(listed+" ", " "+string(c)+" ") {
				t.Errorf("listed in %q", listed)
			}
			for _, e := range script {
				client.run(e.command, e.want...)
			}
		})
	}
}
