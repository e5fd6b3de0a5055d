package imapfake_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// refusals are sessions that break a rule, each by its name: what the client sends, after
// LOGIN and SELECT INBOX, and the answers. The BAD among them has to cite the section.
func refusals() map[string]struct{ sent, answers []string } {
	type session = struct{ sent, answers []string }
	one := func(line, answer string) session { return session{[]string{line}, []string{answer}} }
	return map[string]session{
		"arguments":          one("a FETCH 1  FLAGS", `a BAD FETCH: expected a FETCH item, found " FLAGS"…`),
		"command":            one("a FROB", "a BAD unknown command FROB…"),
		"compress-pipelined": {[]string{"a COMPRESS DEFLATE", "b NOOP"}, []string{"a BAD nothing may follow COMPRESS…", "b OK NOOP completed"}},
		"date":               one("a SEARCH SINCE 1-Feb", `a BAD SEARCH: "1-Feb" is no date…`),
		"eight-bit":          one("a SEARCH SUBJECT \"\xc3\xa9\"", "a BAD SEARCH: 8-bit octet in a quoted string…"),
		"escape":             one(`a SEARCH SUBJECT "\n"`, "a BAD SEARCH: only…"),
		"idle":               {[]string{"a IDLE", "b NOOP"}, []string{"+ idling", "a BAD IDLE is ended by DONE…"}},
		"line-length":        one("a SEARCH SUBJECT "+strings.Repeat("x", 64<<10), "a BAD command over 65536 octets…"),
		"literal-early": {[]string{"a CREATE {17}\r\nb CREATE injected {3}", "c X", "d NOOP"},
			[]string{"a BAD the literal was sent before it was asked for…", "d OK NOOP completed"}},
		"literal-place":  one("a SEARCH SUBJECT {3}x", "a BAD SEARCH: a literal's size must be…"),
		"message-number": one("a FETCH 2 FLAGS", "a BAD FETCH: there is no message 2…"),
		"message-zero":   one("a UID FETCH 0 FLAGS", "a BAD UID FETCH: 0 is no message number…"),
		"nul": {[]string{"a SEARCH SUBJECT {3+}\r\nx\x00y", "b APPEND INBOX {3+}\r\nx\x00y"},
			[]string{"a BAD SEARCH: NUL octet in a literal…", "b BAD APPEND: NUL octet in a literal…"}},
		"partial-zero": one("a FETCH 1 BODY[]<0.0>", "a BAD FETCH: a partial fetch asks for at least one octet…"),
		"recent":       one(`a STORE 1 -FLAGS (\recent)`, `a BAD STORE: a client can't set \Recent…`),
		"state":        one("a LOGIN alice@example.org secret", "a BAD LOGIN is not allowed in the selected state…"),
		"tag":          one("+ NOOP", "* BAD a command starts with a tag…"),
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"base64", "literal-minus", "tls-pipelined", "tls-twice"} // below
	shown := refusals()
	for _, row := range docRows(t, "What is refused") {
		if slices.Contains(elsewhere, row.name) {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			session, ok := shown[row.name]
			if !ok {
				t.Fatal("no session shows this rule")
			}
			f := newFixture(t, imapfake.WithoutCapabilities(imap.CapIMAP4rev2))
			f.deliver("a: b\r\n\r\n")
			c := f.selected()
			c.send(session.sent...)
			c.refused(row, session.answers)
			// And it was without effect.
			c.run(`LIST "" injected`, "T OK LIST completed")
			c.run("FETCH 1:* FLAGS", `* 1 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
		})
	}
	for name := range shown {
		if !slices.ContainsFunc(docRows(t, "What is refused"), func(row docRow) bool { return row.name == name }) {
			t.Errorf("%s is not documented", name)
		}
	}
}

// refused reads answers, of which the BAD has to cite the section of a rule.
func (c *client) refused(rule docRow, answers []string) {
	c.t.Helper()
	got := make([]string, len(answers))
	for i := range answers {
		got[i] = c.line()
		section := "(" + strings.ReplaceAll(rule.rfc, "§", "") + ")"
		if _, why, isBad := strings.Cut(got[i], " BAD "); isBad && !strings.HasSuffix(why, section) {
			c.t.Errorf("%s: %q doesn't cite %s", rule.name, got[i], section)
		}
	}
	c.want(rule.name, got, answers)
}

func refusalRule(t *testing.T, name string) docRow {
	t.Helper()
	rows := docRows(t, "What is refused")
	i := slices.IndexFunc(rows, func(row docRow) bool { return row.name == name })
	if i < 0 {
		t.Fatalf("%s is not documented", name)
	}
	return rows[i]
}

func TestWhatIsRefusedBeforeLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.dial()
	c.send("a AUTHENTICATE PLAIN", "%")
	c.wants("+ ")
	c.refused(refusalRule(t, "base64"), []string{"a BAD the response is not base64…"})
	c.send("a STARTTLS", "b NOOP")
	c.refused(refusalRule(t, "tls-pipelined"), []string{"a BAD nothing may follow STARTTLS…", "b OK NOOP completed"})
	c.startTLS()
	c.send("a STARTTLS")
	c.refused(refusalRule(t, "tls-twice"), []string{"a BAD TLS is active already…"})
}

func TestALongLiteralThatIsSentUnaskedIsRefused(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities(imap.CapLiteralPlus)).login()
	c.send("a CREATE {4097+}\r\n" + strings.Repeat("x", 4097))
	c.refused(refusalRule(t, "literal-minus"), []string{"a BAD a literal over 4096 octets has to be asked for…"})
}

// Whatever is wrong with a command, the answer tells why and where that is written.
func TestEveryBADCitesAnRFC(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: b\r\n\r\n")
	out, in := f.dial(), f.selected()
	for _, name := range []string{
		"NOOP", "CAPABILITY", "LOGIN", "AUTHENTICATE", "STARTTLS", "SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE",
		"UNSUBSCRIBE", "LIST", "LSUB", "STATUS", "APPEND", "CHECK", "CLOSE", "EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY", "UID FETCH",
		"UID STORE", "UID COPY", "UID SEARCH", "UID EXPUNGE", "MOVE", "UID MOVE", "ENABLE", "ID", "IDLE", "NAMESPACE", "UNSELECT", "COMPRESS",
		"GETMETADATA", "SETMETADATA", "GETQUOTA", "GETQUOTAROOT", "SETQUOTA", "LANGUAGE", "UNAUTHENTICATE", "SORT", "UID SORT", "THREAD",
		"UID THREAD", "ESEARCH", "CANCELUPDATE", "REPLACE", "UID REPLACE", "UID", "UID FROB", strings.Repeat("X", 500),
	} {
		for _, arguments := range []string{" (", " 1 (", " a b (", ` "`, ` "\`, " {", " {1}x", " 0", " 1 FROB", " 1 FLAGS x", " x (FROB)", " x x x x x x x x", " (FROB) x", " \xff", " x (FROB 1) y",
			" INBOX (/private/\x01 x)", ` 1 FLAGS (\Recent)`, " RETURN (FROB) ALL", " (FROB) UTF-8 ALL", " 4294967296", " "} {
			for _, c := range []*client{out, in} {
				c.send("T " + name + arguments)
				for _, line := range c.until("T") {
					if strings.HasPrefix(line, "T BAD") && !strings.Contains(line, "(RFC ") {
						t.Errorf("%s%s: %s", name, arguments, line)
					}
				}
			}
		}
	}
}

// A password in a literal that is refused is none to be shown either.
func TestALiteralThatIsRefusedShowsNoPassword(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		{"a LOGIN alice@example.org {6}", "secret"},
		{"a LOGIN {17+}", "alice@example.org {6}", "secret"},
		{"a LOGIN {17}", "alice@example.org {6}", "secret"},
		{"a LOGIN {17}", "alice@example.org secret"},
	} {
		transcript := mailwire.NewTranscript(0)
		c := newFixture(t, imapfake.WithTranscript(transcript)).dial()
		c.send(lines...)
		c.wants("a BAD the literal was sent before it was asked for (RFC 3501 4.3)")
		if text := transcript.String(); strings.Contains(text, "secret") || !strings.Contains(text, "***") {
			t.Error(text)
		}
	}
}
