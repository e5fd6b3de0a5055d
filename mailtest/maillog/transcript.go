package maillog

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// transcriptLine is a line of a transcript as go test shows it: indented, the first one
// behind the test's file and line, if there is no heading.
var transcriptLine = regexp.MustCompile(`^\s*(?:\S+_test\.go:\d+: )?(\d+\.\d{6} \S+#\d+ (?:C:|S:|--)(?: .*)?)$`)

func isTranscript(lines []line) bool { return anyLine(transcriptLine)(lines) }

// readTranscript reads this module's own transcripts. Lines that are something else, such as the
// rest of a test's output, are skipped.
func readTranscript(b *builder, lines []line) error {
	var text bytes.Buffer // with the numbers of its lines kept
	var numbers []int
	written := 0
	for _, l := range lines {
		for ; written < l.number-1; written++ {
			text.WriteByte('\n')
		}
		if m := transcriptLine.FindStringSubmatch(l.text); m != nil {
			text.WriteString(m[1])
			numbers = append(numbers, l.number)
		}
	}
	records, err := mailwire.ParseTranscript(&text)
	if err != nil {
		return err
	}
	for i, r := range records {
		if r.Protocol != mailwire.IMAP && r.Protocol != mailwire.POP3 {
			return fmt.Errorf("line %d: the protocol %q is neither imap nor pop3", numbers[i], r.Protocol)
		}
		key := fmt.Sprintf("%s#%d", r.Protocol, r.Session)
		note := string(r.Text)
		if r.Dir == mailwire.Note && strings.HasPrefix(note, "open") {
			b.end(key)
		}
		s := b.session(key)
		s.protocol, s.exact = r.Protocol, true
		if r.Dir == mailwire.Note && note != "closed" && note != "closed by the client" {
			continue
		}
		s.lines = append(s.lines, raw{number: numbers[i], dir: r.Dir, text: r.Text, elided: r.Elided})
	}
	return nil
}
