package mailscript

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// statusData returns how many words after +OK are data, not text for human readers.
func statusData(command string) int {
	name, argument, _ := strings.Cut(command, " ")
	switch name = strings.ToUpper(name); {
	case name == "STAT", argument != "" && (name == "LIST" || name == "UIDL"):
		return 2
	case name == "LAST", argument != "" && name == "LANG":
		return 1
	}
	return 0
}

func readPOP3(r *bufio.Reader, command string) (response, error) {
	var text []byte
	for {
		line, err := r.ReadSlice('\n')
		text = append(text, line...)
		if err != nil && err != bufio.ErrBufferFull || len(text) > maxResponse {
			return response{text: symbols(text), pop3: command}, tooLong(len(text), err)
		}
		if err == nil && (bytes.HasSuffix(text, []byte("\r\n.\r\n")) || !mailwire.IsPOP3Multiline(command) || !bytes.HasPrefix(text, []byte("+OK"))) {
			return response{text: symbols(text), pop3: command}, nil
		}
	}
}

// wantedPOP3 splits what a step wants into the responses to these commands, in
// their order. A greeting or challenge answers none.
func wantedPOP3(text []symbol, commands []string) (wanted []response, err error) {
	for len(text) > 0 {
		end := slices.Index(text, '\n') + 1
		if end == 0 {
			return nil, errors.New("the script's responses end within a line")
		}
		r := response{text: text[:end]}
		if len(commands) > 0 {
			r.pop3 = commands[0]
		}
		status := string(octets(text[:min(3, end)]))
		if status == "+OK" && mailwire.IsPOP3Multiline(r.pop3) {
			last := strings.Index(string(octets(text)), "\r\n.\r\n")
			if last < 0 {
				return nil, errors.New("the script's responses end within one of several lines")
			}
			r.text = text[:last+len("\r\n.\r\n")]
		}
		if status != "+ " && len(commands) > 0 {
			commands = commands[1:]
		}
		text = text[len(r.text):]
		wanted = append(wanted, r)
	}
	return wanted, nil
}

// matchPOP3 tells whether the responses are as wanted.
func matchPOP3(want, got []response, b bindings) (bindings, bool) {
	if len(want) != len(got) {
		return nil, false
	}
	for i := range want {
		wanted, came := splitLines(want[i].text), splitLines(got[i].text)
		var ok bool
		if b, ok = matchStatus(wanted[0], came[0], statusData(want[i].pop3), b); !ok {
			return nil, false
		}
		if b, ok = matchLines(wanted[1:], came[1:], b); !ok {
			return nil, false
		}
	}
	return b, true
}

// splitLines splits a response into its lines, without their ends.
func splitLines(text []symbol) (lines [][]symbol) {
	for len(text) > 0 {
		line, rest := cutSymbol(text, '\n')
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		lines, text = append(lines, line), rest
	}
	return lines
}

// matchStatus compares +OK or -ERR, as many words of data, and the response code
// (RFC 2449 §8), unless the script's text is \....
func matchStatus(want, got []symbol, data int, b bindings) (bindings, bool) {
	if string(octets(got[:min(1, len(got))])) == "-" {
		data = 0
	}
	for range data + 1 {
		var w, g []symbol
		w, want = cutSymbol(want, ' ')
		g, got = cutSymbol(got, ' ')
		var ok bool
		if b, ok = matchText(w, g, b, false); !ok {
			return nil, false
		}
	}
	if len(want) > 0 && want[0] == anything {
		return b, true
	}
	return matchText(responseCode(want), responseCode(got), b, true)
}

func responseCode(text []symbol) []symbol {
	if len(text) == 0 || text[0] != '[' {
		return nil
	}
	code, _ := cutSymbol(text, ']')
	return code
}

// matchLines compares the lines of a response after the first. Those of a group may
// come in any order, and a line \... stands for any lines.
func matchLines(want, got [][]symbol, b bindings) (bindings, bool) {
	// Where to go on if what follows the last \... fails.
	var resumeWant, resumeGot [][]symbol
	resumeBindings, resumes := b, false
	for len(want) > 0 || len(got) > 0 {
		if len(want) > 0 && isLine(want[0], anything) {
			want = want[1:]
			resumeWant, resumeGot, resumeBindings, resumes = want, got, b, true
			continue
		}
		group, rest := cutGroup(want)
		if group != nil && len(got) >= len(group) {
			if next, ok := matchGroup(group, slices.Clone(got[:len(group)]), b); ok {
				want, got, b = rest, got[len(group):], next
				continue
			}
		}
		if !resumes || len(resumeGot) == 0 {
			return nil, false
		}
		resumeGot = resumeGot[1:]
		want, got, b = resumeWant, resumeGot, resumeBindings
	}
	return b, true
}

// cutGroup returns the lines before rest that may come in any order, mostly a single one.
func cutGroup(want [][]symbol) (group, rest [][]symbol) {
	if len(want) == 0 {
		return nil, nil
	}
	if !isLine(want[0], groupOpen) {
		return want[:1], want[1:]
	}
	n := slices.IndexFunc(want, func(l []symbol) bool { return isLine(l, groupClose) })
	if n < 0 {
		return nil, nil
	}
	return want[1:n], want[n+1:]
}

func isLine(line []symbol, addition symbol) bool { return len(line) == 1 && line[0] == addition }

// matchGroup compares as many lines in any order; it reorders got.
func matchGroup(want, got [][]symbol, b bindings) (bindings, bool) {
	for i, w := range want {
		found := slices.IndexFunc(got[i:], func(g []symbol) bool {
			next, ok := matchText(w, g, b, false)
			if ok {
				b = next
			}
			return ok
		})
		if found < 0 {
			return nil, false
		}
		got[i], got[i+found] = got[i+found], got[i]
	}
	return b, true
}
