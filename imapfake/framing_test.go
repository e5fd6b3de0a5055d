package imapfake_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/mailfakes/imapfake"
)

func TestAWordThatIsNoCommandIsAnswered(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for _, test := range []struct{ line, want string }{
		{"", "* BAD a command starts with…"},
		{" ", "* BAD a command starts with…"},
		{"+ NOOP", "* BAD a command starts with…"},
		{"a+b NOOP", "* BAD a command starts with…"},
		{"a\x00 NOOP", "* BAD a command starts with…"},
		{"\xff\xfe NOOP", "* BAD a command starts with…"},
		{`"a" NOOP`, "* BAD a command starts with…"},
		{"a", "a BAD a command starts with…"},
		{"DONE", "DONE BAD a command starts with…"},
		{"a ", "a BAD expected a command's name, found end of the line (RFC 3501 9, command)"},
		{"a  NOOP", `a BAD expected a command's name, found " NOOP" (RFC 3501 9, command)`},
		{"a NO\x00OP", `a BAD unknown command NO (RFC 3501 6)`},
		{"a NOOP ", `a BAD NOOP: unexpected " " after the arguments (RFC 3501 9)`},
		{"a FROB", "a BAD unknown command FROB (RFC 3501 6)"},
		{"a UID", "a BAD unknown command UID (RFC 3501 6)"},
		{"a UID FROB", "a BAD unknown command UID FROB (RFC 3501 6)"},
		{"a uid  fetch", "a BAD unknown command UID  (RFC 3501 6)"},
		{"a]}b nOoP", "a]}b OK NOOP completed"},
	} {
		c.send(test.line)
		c.wants(test.want)
	}
}

func TestALineMayEndWithoutCR(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	io.WriteString(c.conn, "a NOOP\nb NOOP\n")
	c.wants("a OK NOOP completed", "b OK NOOP completed")
}

func TestCommandsSentAtOnceAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.dial()
	c.send(
		"a LOGIN {17+}", "alice@example.org {6+}", "secret",
		"b SELECT INBOX",
		"c APPEND INBOX {4+}", "a: b",
		"d FROB {6+}", "e NOOP",
		"f SEARCH ALL",
		"g LOGOUT")
	c.wants("a OK [CAPABILITY…")
	c.until("b")
	c.wants("* 1 EXISTS", "* 1 RECENT", "c OK [APPENDUID 1 1] APPEND completed", "d BAD unknown command FROB (RFC 3501 6)",
		"* SEARCH 1", "f OK SEARCH completed", "* BYE logging out", "g OK LOGOUT completed")
}

// countingListener counts what the server writes to its connections.
type countingListener struct {
	net.Listener
	writes atomic.Int64
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &countingConn{conn, &l.writes}, err
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestAnswersToCommandsSentAtOnceGoOutTogether(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &countingListener{Listener: l}
	go f.server.Serve(counted)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := newClient(t, conn)
	c.wants("* OK…")
	before := counted.writes.Load()
	c.send(strings.TrimSuffix(strings.Repeat("a NOOP\r\n", 100), "\r\n"))
	for range 100 {
		c.wants("a OK NOOP completed")
	}
	if n := counted.writes.Load() - before; n > 3 {
		t.Errorf("100 answers went out in %d writes", n)
	}
}

func TestAnswersDoNotWaitForALiteralThatIsHeldBack(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.send("a NOOP", "b APPEND INBOX {4+}")
	c.wants("a OK NOOP completed")
	c.send("a: b")
	c.wants("b OK [APPENDUID 1 1] APPEND completed")
}

func TestASynchronizingLiteralIsAskedFor(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.dial()
	c.send("a LOGIN {17}")
	c.wants("+ Ready for literal data")
	c.send("alice@example.org {6}")
	c.wants("+ Ready for literal data")
	c.send("secret")
	c.wants("a OK [CAPABILITY…")
	c.send("b CREATE {3}")
	c.wants("+ Ready for literal data")
	c.send("box")
	c.wants("b OK CREATE completed")
	c.send("c APPEND {3}")
	c.wants("+ Ready for literal data")
	c.send(`box (\Seen) {4}`)
	c.wants("+ Ready for literal data")
	c.send("a: b")
	c.wants("c OK [APPENDUID 2 1] APPEND completed")
	c.run("STATUS box (MESSAGES UNSEEN)", "* STATUS box (MESSAGES 1 UNSEEN 0)", "T OK STATUS completed")
}

func TestALiteralOfNoUseIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t, imapfake.WithAppendLimit(1000))
	out, in := f.dial(), f.login()
	for _, test := range []struct {
		c             *client
		command, want string
	}{
		{out, "FROB {5}", "T BAD unknown command FROB (RFC 3501 6)"},
		{out, "SELECT {5}", "T BAD SELECT is not allowed in the not authenticated state (RFC 3501 6)"},
		{out, "LOGIN {8193}", "T NO [LIMIT] at most…"},
		{out, "LOGIN {4294967296}", "T NO [LIMIT] at most…"},
		{out, "LOGIN {9223372036854775807}", "T NO [LIMIT] at most…"},
		{in, "LOGIN {5}", "T BAD LOGIN is not allowed…"},
		{in, "SEARCH SUBJECT {5}", "T BAD SEARCH is not allowed in the authenticated state (RFC 3501 6)"},
		{in, "CREATE {65537}", "T NO [LIMIT] at most…"},
		{in, "APPEND {65537}", "T NO [LIMIT] at most…"},
		{in, "APPEND INBOX {1001}", "T NO [TOOBIG] a message has at most 1000 octets here"},
		{in, "APPEND INBOX {0}", "T NO [CANNOT] a message has at least one octet"},
		{in, "APPEND nope {5}", "T NO [TRYCREATE] open mailbox \"nope\": no such mailbox"},
		{in, "APPEND A&B {5}", "T NO [CANNOT] mailbox name \"A&B\" is not modified UTF-7 (RFC 3501 5.1.3)"},
		{in, `APPEND INBOX (\Recent) {5}`, `T BAD APPEND: a client can't set \Recent (RFC 3501 2.3.2)`},
		{in, `APPEND INBOX "1 Jan 2020" {5}`, `T BAD APPEND: "1 Jan 2020" is no date and time…`},
		{in, `APPEND INBOX "text" {5}`, `T BAD APPEND: "text" is no date and time…`},
		{in, `APPEND INBOX text {5}`, "T BAD APPEND: expected \"{\"…"},
		// What is no announcement of a literal gets no "+" either.
		{in, "CREATE {5", "T BAD CREATE: expected \"}\", found end of the line (RFC 3501 9)"},
		{in, "CREATE {}", "T BAD CREATE: a literal's size…"},
		{in, "CREATE {-1}", "T BAD CREATE: a literal's size…"},
		{in, "CREATE {5}x", "T BAD CREATE: a literal's size…"},
		{in, "CREATE {99999999999999999999}", "T BAD CREATE: a literal's size…"},
		{in, `CREATE "{5}"`, "T OK CREATE completed"},
		{in, "CREATE x{5}", "T BAD CREATE: unexpected \"{5}\" after the arguments (RFC 3501 9)"},
	} {
		test.c.run(test.command, test.want)
	}
	out.run("LOGIN alice@example.org secret", "T OK…")
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestARefusedLiteralThatComesAnywayIsNotTakenForCommands(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t, imapfake.WithAppendLimit(1000))
	for name, command := range map[string]string{
		"unknown command": "FROB",
		"wrong state":     "EXPUNGE",
		"no mailbox":      "APPEND nope",
		"bad grammar":     `APPEND INBOX (\Recent)`,
	} {
		t.Run(name, func(t *testing.T) {
			c := f.login()
			inject := "x CREATE injected\r\n"
			c.send(fmt.Sprintf("a %s {%d+}\r\n%s {%d+}\r\n%s", command, len(inject), inject, len(inject), inject), "b NOOP")
			lines := c.until("b")
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "a ") || strings.HasPrefix(lines[0], "a OK") {
				t.Errorf("answers %q", lines)
			}
			c.run("LIST \"\" injected", "T OK LIST completed")
		})
	}
}

func TestALiteralOverTheLimitThatComesAnywayIsDropped(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t, imapfake.WithAppendLimit(1<<20))
	c := f.login()
	c.send(fmt.Sprintf("a APPEND INBOX {%d+}\r\n%s", 1<<20+1, strings.Repeat("x\r\n", 1<<20/3+1)[:1<<20+1]), "b NOOP")
	c.wants("a NO [TOOBIG] a message has at most 1048576 octets here", "b OK NOOP completed")
	c.send(fmt.Sprintf("a APPEND INBOX {%d+}\r\n%s", 1<<20, strings.Repeat("x\r\n", 1<<20/3+1)[:1<<20]), "b NOOP")
	c.wants("a OK [APPENDUID 1 1] APPEND completed", "b OK NOOP completed")
}

func TestTheLimitOfAppendIsThatOfTheMessageAlone(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t, imapfake.WithAppendLimit(6)).login()
	c.run("APPEND {5+}\r\nINBOX {6+}\r\na: bcd", "T OK [APPENDUID 1 1] APPEND completed")
	c.run("APPEND {5+}\r\nINBOX {7+}\r\na: bcde", "T NO [TOOBIG] a message has at most 6 octets here")
	c.run("APPEND INBOX {6+}\r\na: bcd {6+}\r\na: bcd", "T BAD APPEND: unexpected \" {6+}\" after the arguments (RFC 3501 9)")
}

func TestLiteralsAreLimitedInAll(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	half := fmt.Sprintf("{%d+}\r\n%s", 40<<10, strings.Repeat("x", 40<<10))
	c := f.selected()
	c.run("SEARCH SUBJECT "+half+" SUBJECT "+half, "T NO [LIMIT] at most 1000 literals of 65536 octets in all are taken here")
	// A sum that is above what 64 bits hold.
	c.run("SEARCH SUBJECT {1+}\r\nx SUBJECT {9223372036854775807}", "T NO [LIMIT]…")
	c.run("SEARCH"+strings.Repeat(" SUBJECT {1+}\r\nx", 1001), "T NO [LIMIT]…")
	c.run("SEARCH"+strings.Repeat(" SUBJECT {1+}\r\nx", 1000), "* SEARCH", "T OK SEARCH completed")

	early := f.dial()
	early.run("LOGIN {5000+}\r\n"+strings.Repeat("x", 5000)+" {5000}", "T NO [LIMIT]…")
}

func TestACommandOver64KiBIsRefusedByItsTag(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).selected()
	long := strings.Repeat("x", 70_000)
	c.run("SEARCH SUBJECT "+long, "T BAD command over 65536 octets, literals not counted (RFC 7162 4)")
	c.run("SEARCH SUBJECT {1+}\r\nx SUBJECT "+long, "T BAD command over…")
	c.run("NOOP", "T OK NOOP completed")

	inject := "x LOGOUT\r\n"
	literal := fmt.Sprintf(" {%d+}\r\n%s", len(inject), inject)
	c.run("SEARCH SUBJECT "+long+literal, "T BAD command over…")
	part := " SUBJECT " + long[:30_000] + " SUBJECT"
	c.run("SEARCH"+part+literal+part+literal+part+literal+" ALL", "T BAD command over…")
	c.run("NOOP", "T OK NOOP completed")

	c.send(long)
	c.wants("xxxxxx…")
	fits := strings.Repeat("x", 65536-len("T SEARCH SUBJECT "))
	c.run("SEARCH SUBJECT "+fits, "* SEARCH", "T OK SEARCH completed")
	c.run("SEARCH SUBJECT x"+fits, "T BAD command over…")
}

func TestAConnectionThatEndsAmidALiteralStoresNothing(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.send("a APPEND INBOX {100+}", "a: b")
	c.conn.Close()
	c = f.login()
	c.send("a APPEND INBOX {4+}\r\na: b (")
	c.wants("a BAD APPEND: …")
	io.WriteString(c.conn, "a APPEND INBOX {4+}\r\na: b") // without the end of the line
	c.conn.Close()
	f.server.Close()
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestWithoutLiteralPlusAnAnnouncementWithAPlusIsAnError(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCapabilities())
	c := f.login()
	c.send("a CREATE {3+}", "b NOOP")
	c.wants("a BAD CREATE: a literal's size must be the last thing in its line (RFC 3501 4.3)", "b OK NOOP completed")
	c.send("a CREATE {3}")
	c.wants("+ Ready for literal data")
	c.send("box")
	c.wants("a OK CREATE completed")
}

func TestQuotedStringsAndAtomsHoldWhatTheGrammarAllows(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.run(`CREATE "a\"b\\c"`, "T OK CREATE completed")
	c.run(`LIST "" "a*"`, `* LIST (\HasNoChildren) "/" "a\"b\\c"`, "T OK LIST completed")
	c.run(`CREATE "with (all) {of} %*]"`, "T OK CREATE completed")
	c.run(`CREATE atom]`, "T OK CREATE completed")
	c.run(`CREATE NIL`, "T OK CREATE completed")
	c.run(`LIST "" "%[]lL]"`, "T OK LIST completed")
	c.run(`LIST "" NIL`, `* LIST (\HasNoChildren) "/" "NIL"`, "T OK LIST completed")
	c.run(`LIST "" atom%`, `* LIST (\HasNoChildren) "/" atom]`, "T OK LIST completed")
	for _, test := range []struct{ argument, why string }{
		{`"a\b"`, `only \" and \\ may follow a backslash in a quoted string (RFC 3501 9)`},
		{`"a\`, `only \" and \\ may follow a backslash in a quoted string (RFC 3501 9)`},
		{`"a`, "quoted string without its closing quote (RFC 3501 9)"},
		{"\"a\rb\"", "CR or NUL in a quoted string (RFC 3501 4.3)"},
		{"\"a\x00b\"", "CR or NUL in a quoted string (RFC 3501 4.3)"},
		{"\"f\xc3\xb6\"", "8-bit octet in a quoted string: send a literal (RFC 3501 4.3)"},
		{"f\xc3\xb6", `unexpected "\u00f6" after the arguments (RFC 3501 9)`},
		{"{3+}\r\na\x00b", "NUL octet in a literal (RFC 3501 4.3)"},
		{`"a"b`, `unexpected "b" after the arguments (RFC 3501 9)`},
		{`a"b"`, `unexpected "\"b\"" after the arguments (RFC 3501 9)`},
		{"a b", `unexpected " b" after the arguments (RFC 3501 9)`},
		{"%", `expected an atom or a string, found "%" (RFC 3501 9)`},
		{"()", `expected an atom or a string, found "()" (RFC 3501 9)`},
		{"", "expected an atom or a string, found end of the line (RFC 3501 9)"},
	} {
		c.run("CREATE "+test.argument, "T BAD CREATE: "+test.why)
	}
	c.run("CREATE", "T BAD CREATE: expected a space and an argument, found end of the line (RFC 3501 9)")
	c.run("CREATE {3+}\r\nf\xc3\xb6", "T NO [CANNOT] mailbox name \"f?\" is not modified UTF-7 (RFC 3501 5.1.3)")
}
