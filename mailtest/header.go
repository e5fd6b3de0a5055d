package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message/textproto"
)

const (
	// maxFolded is the length at which a field is folded: a line with an encoded
	// word may have no more characters (RFC 2047 §2).
	maxFolded = 76
	// maxLine is the longest line of a message, without CRLF (RFC 5322 §2.1.1).
	maxLine = 998
)

// mailFields are the fields that a Mail makes of its own fields.
var mailFields = [...]string{
	"Date", "From", "To", "Cc", "Bcc", "Reply-To", "Message-ID", "In-Reply-To", "References", "Subject",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
}

// headerBuilder collects header fields, folded and with CRLF. After the first
// error, which names the Mail's field (the label), it adds nothing.
type headerBuilder struct {
	lines []string
	err   error
}

// add adds a field whose value is used as it is.
func (h *headerBuilder) add(label, name, value string) {
	if h.err != nil {
		return
	}
	line, err := foldedField(name, value)
	if err != nil {
		h.err = fmt.Errorf("%s: %w", label, err)
		return
	}
	h.lines = append(h.lines, line)
}

// fail notes an error about the value.
func (h *headerBuilder) fail(label, value string, err error) {
	if h.err == nil {
		h.err = fmt.Errorf("%s %q: %w", label, value, err)
	}
}

// addText adds a field whose value is unstructured text.
func (h *headerBuilder) addText(label, name, text string) {
	if err := checkText(text); err != nil {
		h.fail(label, text, err)
		return
	}
	if strings.ContainsAny(text, "\r\n") {
		h.fail(label, text, errors.New("line break in a header field"))
		return
	}
	h.add(label, name, encodedText(text, len(name)+1))
}

// addLine adds a field given as "Name: value".
func (h *headerBuilder) addLine(label, line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || !isFieldName(name) {
		h.fail(label, line, errors.New("not of the form \"Name: value\""))
		return
	}
	if slices.ContainsFunc(mailFields[:], func(f string) bool { return strings.EqualFold(f, name) }) {
		h.fail(label, line, errors.New("the mail has its own field for this"))
		return
	}
	value = strings.Trim(value, " \t")
	if isASCII(value) { // it may be structured: encoded words would break it
		h.add(label, name, value)
	} else {
		h.addText(label, name, value)
	}
}

func (h *headerBuilder) addDate(label string, date time.Time) {
	// RFC 5322 §3.3 has years of four digits from 1900.
	if y := date.Year(); !date.IsZero() && (y < 1900 || y > 9999) {
		h.fail(label, date.String(), errors.New("year not between 1900 and 9999"))
	}
	h.add(label, "Date", date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// addAddresses adds a list of addresses as it is written, if it is ASCII: groups,
// comments and the author's quoting stay. Others are written anew, with encoded
// words for the names; an address itself has no encoding and is UTF-8 (RFC 6532 §3.2).
func (h *headerBuilder) addAddresses(label, name, list string) {
	if list == "" {
		return
	}
	// The parser takes line breaks and bad UTF-8 in quoted strings for granted.
	if err := errors.Join(checkText(list), checkControls(list)); err != nil {
		h.fail(label, list, err)
		return
	}
	addresses, err := mail.ParseAddressList(list)
	if err != nil {
		h.fail(label, list, err)
		return
	}
	if isASCII(list) {
		h.add(label, name, strings.Trim(list, " \t"))
		return
	}
	formatted := make([]string, len(addresses))
	for i, a := range addresses {
		formatted[i] = a.String()
	}
	h.add(label, name, strings.Join(formatted, ", "))
}

// addIDs adds message IDs, of which only what would end or split one is refused:
// many in circulation don't fit the grammar (RFC 5322 §3.6.4).
func (h *headerBuilder) addIDs(label, name string, ids ...string) {
	if len(ids) == 0 {
		return
	}
	bracketed := make([]string, len(ids))
	for i, id := range ids {
		bare := strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
		if bare == "" || strings.ContainsFunc(bare, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '<' || c == '>' }) {
			h.fail(label, id, errors.New("not a message ID"))
			return
		}
		bracketed[i] = "<" + bare + ">"
	}
	h.add(label, name, strings.Join(bracketed, " "))
}

// foldedField returns a field, folded where it has white space, with CRLF. Unfolding
// gives exactly the value back (RFC 5322 §2.2.3).
func foldedField(name, value string) (string, error) {
	if err := checkControls(value); err != nil {
		return "", err
	}
	if len(name) >= maxLine {
		return "", fmt.Errorf("name longer than a line of %d octets", maxLine)
	}
	var b strings.Builder
	b.WriteString(name + ":")
	column := b.Len()
	if value != "" {
		value = " " + value
	}
	for first := true; value != ""; first = false {
		word := strings.TrimLeft(value, " \t")
		end := strings.IndexAny(word, " \t")
		if end < 0 {
			end = len(word)
		}
		end += len(value) - len(word)
		// Some readers don't expect a fold before the first word; but an encoded word must
		// be on a short line.
		if column+end > maxFolded && (!first || strings.HasPrefix(word, "=?") || column+end > maxLine) {
			b.WriteString("\r\n")
			column = 0
		}
		if end > maxLine {
			return "", fmt.Errorf("word longer than a line of %d octets", maxLine)
		}
		b.WriteString(value[:end])
		column += end
		value = value[end:]
	}
	b.WriteString("\r\n")
	return b.String(), nil
}

// encodedText returns text as a field can hold it that begins at column: as it is, or as
// encoded words (RFC 2047).
func encodedText(text string, column int) string {
	if isASCII(text) && isPlainText(text) {
		return text
	}
	encode := encodedWord(text)
	longest := maxFolded - 1 // a space or a fold comes before each word
	first := longest - column
	if first < 25 { // too short for a character: the first word goes on a line of its own
		first = longest
	}
	var words []string
	for start, limit := 0, first; start < len(text); limit = longest {
		end := start
		for end < len(text) {
			_, size := utf8.DecodeRuneInString(text[end:])
			if len(encode(text[start:end+size])) > limit {
				break
			}
			end += size
		}
		words = append(words, encode(text[start:end]))
		start = end
	}
	return strings.Join(words, " ")
}

// encodedWord returns the encoding that suits the text: the one that people can read,
// unless most of the text isn't ASCII.
func encodedWord(text string) func(string) string {
	ascii := 0
	for _, c := range []byte(text) {
		if c < utf8.RuneSelf {
			ascii++
		}
	}
	if ascii*2 < utf8.RuneCountInString(text) {
		return func(s string) string { return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }
	}
	return func(s string) string {
		word := []byte("=?utf-8?q?")
		for _, c := range []byte(s) {
			switch {
			case c == ' ':
				word = append(word, '_')
			case c > ' ' && c < 0x7f && c != '=' && c != '?' && c != '_':
				word = append(word, c)
			default:
				word = fmt.Appendf(word, "=%02X", c)
			}
		}
		return string(append(word, "?="...))
	}
}

// isPlainText tells whether ASCII text survives being folded and read: it has nothing that looks
// like an encoded word, no control characters, and only single spaces between words.
func isPlainText(text string) bool {
	return checkControls(text) == nil && !strings.Contains(text, "=?") && !strings.Contains(text, "  ") &&
		!strings.ContainsRune(text, '\t') && strings.TrimSpace(text) == text
}

func isFieldName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == ':' })
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
}

func checkControls(value string) error {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("control character %q", c)
		}
	}
	return nil
}

// checkText refuses what can't be text in any part of a message.
func checkText(text string) error {
	switch {
	case !utf8.ValidString(text):
		return errors.New("not UTF-8")
	case strings.ContainsRune(text, 0):
		return errors.New("control character '\\x00'")
	}
	return nil
}

// rawHeader returns a header of complete fields, each with its CRLF.
func rawHeader(lines []string) textproto.Header {
	var h textproto.Header
	for _, line := range slices.Backward(lines) { // each is added above the others
		h.AddRaw([]byte(line))
	}
	return h
}

// headerEnd returns the length of a message's header, without the empty line after it.
func headerEnd(raw []byte) int {
	end := 0
	for line := range bytes.Lines(raw) {
		if isEmptyLine(line) {
			break
		}
		end += len(line)
	}
	return end
}

// headerFields yields the fields of a header, each with its octets as they are,
// folds and line ends too. What isn't a field is yielded without a name.
func headerFields(header []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(header) > 0 {
			end := lineLength(header)
			for end < len(header) && (header[end] == ' ' || header[end] == '\t') {
				end += lineLength(header[end:])
			}
			name := ""
			if before, _, ok := bytes.Cut(header[:end], []byte(":")); ok {
				if s := strings.TrimRight(string(before), " \t"); isFieldName(s) {
					name = s
				}
			}
			if !yield(name, header[:end]) {
				return
			}
			header = header[end:]
		}
	}
}

// fieldValue returns the value of a field's octets, unfolded.
func fieldValue(field []byte) string {
	_, value, _ := bytes.Cut(field, []byte(":"))
	return strings.Join(strings.Fields(string(value)), " ")
}

// lineLength returns the length of b's first line with its line end, if it has one.
func lineLength(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

func isEmptyLine(line []byte) bool { return string(line) == "\n" || string(line) == "\r\n" }

// inField returns what is wrong with a field of a Go literal, whose name comes first.
func inField(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...))
}
