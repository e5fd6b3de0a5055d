package imapfake_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestCapabilitiesFollowTheState(t *testing.T) {
	t.Parallel()
	const always = "ENABLE ID IDLE NAMESPACE CHILDREN SPECIAL-USE UIDPLUS UNSELECT MOVE"
	caps := []imap.Cap{"LITERAL+", "SASL-IR", "STARTTLS", "LOGINDISABLED", "AUTH=PLAIN", "AUTH=LOGIN"}
	for name := range strings.FieldsSeq(always) {
		caps = append(caps, imap.Cap(name))
	}
	c := newFixture(t, imapfake.WithCapabilities(caps...)).dial()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR STARTTLS AUTH=PLAIN AUTH=LOGIN "+always, "T OK CAPABILITY completed")
	c.startTLS()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN "+always, "T OK CAPABILITY completed")
	c.run("LOGIN alice@example.org secret", "T OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR "+always+"] LOGIN completed")
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR "+always, "T OK CAPABILITY completed")
}

func TestTheGreetingTellsTheCapabilities(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCapabilities(imap.CapIdle, "id"))
	conn, err := f.listener.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	newClient(t, conn).wants("* OK [CAPABILITY IMAP4rev1 ID IDLE] mailfakes ready")
}

func TestACapabilityThatIsTurnedOffIsUnknown(t *testing.T) {
	t.Parallel()
	type exchange struct {
		command string
		want    []string
	}
	send := func(command string, want ...string) exchange { return exchange{command, want} }
	unknown := func(command string) exchange {
		name, _, _ := strings.Cut(command, " ")
		if name == "UID" {
			name = strings.Join(strings.Fields(command)[:2], " ")
		}
		return send(command, "T BAD unknown command "+name+" (RFC 3501 6)")
	}
	scripts := map[imap.Cap][]exchange{
		imap.CapLiteralPlus:   {send("LIST \"\" {1+}", "T BAD LIST: a literal's size…")},
		imap.CapSASLIR:        {send("LOGOUT", "* BYE…", "T OK…")},
		imap.CapStartTLS:      {send("NOOP", "T OK…")},
		imap.CapLoginDisabled: {send("NOOP", "T OK…")},
		"AUTH=PLAIN":          {send("NOOP", "T OK…")},
		"AUTH=LOGIN":          {send("NOOP", "T OK…")},
		imap.CapEnable:        {unknown("ENABLE CONDSTORE")},
		imap.CapID:            {unknown("ID NIL")},
		imap.CapIdle:          {unknown("IDLE")},
		imap.CapNamespace:     {unknown("NAMESPACE")},
		imap.CapChildren:      {send(`LIST "" *`, `* LIST () "/" INBOX`, `* LIST (\Sent) "/" Sent`, "T OK LIST completed")},
		imap.CapSpecialUse: {send(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`,
			`* LIST (\HasNoChildren) "/" Sent`, "T OK LIST completed")},
		imap.CapUIDPlus: {
			unknown("UID EXPUNGE 1"),
			send("APPEND Sent {4+}\r\na: b", "T OK APPEND completed"),
			send("COPY 1 Sent", "T OK COPY completed"),
			send("UID MOVE 1 Sent", "* 1 EXPUNGE", "T OK UID MOVE completed"),
		},
		imap.CapUnselect: {unknown("UNSELECT")},
		imap.CapMove:     {unknown("MOVE 1 Sent"), unknown("UID MOVE 1 Sent")},
	}
	early := map[imap.Cap][]exchange{
		imap.CapLiteralPlus: {send("LOGIN {1+}", "T BAD LOGIN: a literal's size…")},
		imap.CapSASLIR:      {send("AUTHENTICATE PLAIN AGEAYg==", "T BAD AUTHENTICATE: unexpected argument…")},
		imap.CapStartTLS:    {unknown("STARTTLS")},
		"AUTH=PLAIN":        {send("AUTHENTICATE PLAIN AGEAYg==", "T NO [CANNOT] no SASL mechanism PLAIN here")},
		"AUTH=LOGIN":        {send("AUTHENTICATE LOGIN", "T NO [CANNOT] no SASL mechanism LOGIN here")},
		imap.CapID:          {unknown("ID NIL")},
	}
	for c, script := range scripts {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			f := newBaseFixture(t, imapfake.WithoutCapabilities(imap.Cap(strings.ToLower(string(c)))))
			if _, err := f.alice.CreateMailbox("Sent", imap.MailboxAttrSent); err != nil {
				t.Fatal(err)
			}
			f.deliver("a: b\r\n\r\n")
			client := f.dial()
			for _, e := range early[c] {
				client.run(e.command, e.want...)
			}
			client.ok("LOGIN alice@example.org secret")
			client.ok("SELECT INBOX")
			for _, e := range script {
				client.run(e.command, e.want...)
			}
		})
	}
}

func TestEveryCapabilityCanBeHidden(t *testing.T) {
	t.Parallel()
	for _, c := range imapfake.Capabilities() {
		if c == imap.CapIMAP4rev1 {
			continue
		}
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			client := newFixture(t, imapfake.WithoutCapabilities(c)).dial()
			hidden := func() {
				for _, line := range client.ok("CAPABILITY") {
					if slices.Contains(strings.Fields(line), string(c)) {
						t.Errorf("listed in %q", line)
					}
				}
			}
			hidden()
			client.ok("LOGIN alice@example.org secret")
			hidden()
			client.ok("SELECT INBOX")
		})
	}
}

func TestAServerWithNoCapabilityButIMAP4rev1Works(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCapabilities())
	c := f.dial()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1", "T OK CAPABILITY completed")
	c.run("LOGIN alice@example.org secret", "T OK [CAPABILITY IMAP4rev1] LOGIN completed")
	c.ok("SELECT INBOX")
	c.run("SEARCH ALL", "* SEARCH", "T OK SEARCH completed")
}

func TestAnUnknownCapabilityIsAnErrorOfTheOptions(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]imapfake.Option{
		`imapfake: unknown capability "FROB"`:     imapfake.WithCapabilities("IDLE", "FROB"),
		`imapfake: unknown capability ""`:         imapfake.WithoutCapabilities(""),
		`imapfake: IMAP4rev1 can't be turned off`: imapfake.WithoutCapabilities("imap4REV1"),
	} {
		server := imapfake.New(mailstore.New(), option)
		if err := server.Err(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		server.Close()
	}
}

func TestEnableNamesWhatItTurnedOn(t *testing.T) {
	t.Parallel()
	c := newFixture(t).dial()
	c.run("ENABLE IDLE", "T BAD ENABLE is not allowed in the not authenticated state (RFC 3501 6)")
	c.ok("LOGIN alice@example.org secret")
	// RFC 5161 §3.1: what can't be enabled is passed over.
	c.run("ENABLE FROB IDLE", "* ENABLED", "T OK ENABLE completed")
	c.run("ENABLE", "T BAD ENABLE: expected a space…")
	c.run("ENABLE (IDLE)", "T BAD ENABLE: expected an atom, found \"(IDLE)\" (RFC 5161 4)")
}

func TestIDTellsOfTheServer(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithID(map[string]string{"version": `"1"`, "name": "fake", "os": ""})).dial()
	told := []string{`* ID ("name" "fake" "os" NIL "version" "\"1\"")`, "T OK ID completed"}
	c.run("ID NIL", told...)
	c.run("ID ()", told...)
	c.run(`ID ("name" "client" "version" NIL)`, told...)
	c.run("ID (\"name\" {6+}\r\nclient)", told...)
	c.run("ID", "T BAD ID: expected a space…")
	c.run("ID nilly", "T BAD ID: unexpected \"ly\" after the arguments (RFC 2971 4)")
	c.run(`ID "name"`, "T BAD ID: expected NIL…")
	c.run(`ID ("name")`, "T BAD ID: expected a space…")
	c.run(`ID (NIL "x")`, "T BAD ID: expected a string, found \"NIL \\\"x\\\")\" (RFC 2971 4)")
	c.run(`ID ("a" "b" "A" "c")`, "T BAD ID: field \"a\" given twice (RFC 2971 3.3)")
	c.run(`ID ("`+strings.Repeat("x", 31)+`" "b")`, "T BAD ID: a field is at most 30 octets…")
	c.run(`ID ("a" "`+strings.Repeat("x", 1025)+`")`, "T BAD ID: a field is at most 30 octets…")
	var fields []string
	for i := range 31 {
		fields = append(fields, `"`+strings.Repeat("x", i)+`" NIL`)
	}
	c.run("ID ("+strings.Join(fields[:30], " ")+")", told...)
	c.run("ID ("+strings.Join(fields, " ")+")", "T BAD ID: more than 30 fields (RFC 2971 3.3)")

	silent := newFixture(t, imapfake.WithID(nil)).dial()
	silent.run("ID NIL", "* ID NIL", "T OK ID completed")
}

func TestNamespaceIsOnePersonalOne(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.run("NAMESPACE", `* NAMESPACE (("" "/")) NIL NIL`, "T OK NAMESPACE completed")
}
