package imapfake

import "testing"

// FuzzGmailQuery reads any text as a query of Gmail's; what was read is sound.
func FuzzGmailQuery(f *testing.F) {
	for _, query := range []string{
		"", "dinner movie", "from:amy OR from:bob -subject:(a {b c}) \"old town\"", "larger:10M older_than:1y", "a:b:c http://x/", "{a} )",
		"-(-a)", "subject:\"", "AND OR", "x:(y:(z:(", "ü:ü",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseGmailQuery(text)
		if err != nil {
			return
		}
		var check func(q gmailQuery, depth int)
		check = func(q gmailQuery, depth int) {
			switch {
			case depth > 3*maxGmailDepth:
				t.Fatalf("%q is nested deeper than %d", text, depth)
			case q.kind == gmailNot && len(q.parts) != 1, q.kind == gmailTerm && q.parts != nil, q.kind == gmailTerm && q.value == "" && !q.quoted:
				t.Fatalf("%q: %+v", text, q)
			}
			for _, part := range q.parts {
				check(part, depth+1)
			}
		}
		check(q, 0)
	})
}
