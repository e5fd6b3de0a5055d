package imapfake_test

import (
	"fmt"
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
	caps := []imap.Cap{"LITERAL+", "SASL-IR", "STARTTLS", "AUTH=PLAIN", "AUTH=LOGIN"}
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
		imap.CapLiteralPlus: {send("LIST \"\" {1+}", "T BAD LIST: a literal's size…")},
		imap.CapSASLIR:      {send("LOGOUT", "* BYE…", "T OK…")},
		imap.CapStartTLS:    {send("NOOP", "T OK…")},
		"AUTH=PLAIN":        {send("NOOP", "T OK…")},
		"AUTH=LOGIN":        {send("NOOP", "T OK…")},
		imap.CapEnable:      {unknown("ENABLE CONDSTORE")},
		imap.CapID:          {unknown("ID NIL")},
		imap.CapIdle:        {unknown("IDLE")},
		imap.CapNamespace:   {unknown("NAMESPACE")},
		imap.CapChildren:    {send(`LIST "" *`, `* LIST () "/" INBOX`, `* LIST (\Sent) "/" Sent`, "T OK LIST completed")},
		imap.CapSpecialUse: {send(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`,
			`* LIST (\HasNoChildren) "/" Sent`, "T OK LIST completed")},
		imap.CapUIDPlus: {
			unknown("UID EXPUNGE 1"),
			send("APPEND Sent {4+}\r\na: b", "T OK APPEND completed"),
			send("COPY 1 Sent", "T OK COPY completed"),
			send("UID MOVE 1 Sent", "* 1 EXPUNGE", "* 0 RECENT", "T OK UID MOVE completed"),
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
			others := slices.DeleteFunc(baseCapabilities(), func(other imap.Cap) bool { return other == c })
			f := newFixture(t, imapfake.WithCapabilities(others...))
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
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			client := newFixture(t, imapfake.WithoutCapabilities(imap.Cap(strings.ToLower(string(c))))).dial()
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

// uses are commands that use a row of each table, with %s for its name.
func uses() map[string]string {
	return map[string]string{
		"command":               "%s",
		"APPEND form":           "APPEND INBOX %s x",
		"FETCH item":            "FETCH 1 (%s)",
		"FETCH modifier":        "FETCH 1 FLAGS (%s 1)",
		"STORE modifier":        "STORE 1 (%s 1) FLAGS ()",
		"STORE item":            "STORE 1 +%s (x)",
		"SELECT parameter":      "SELECT INBOX (%s)",
		"CREATE parameter":      "CREATE x (%s)",
		"LIST selection option": `LIST (%s) "" "*"`,
		"LIST return option":    `LIST "" "*" RETURN (%s)`,
		"SEARCH key":            "SEARCH %s",
		"SEARCH return option":  "SEARCH RETURN (%s) ALL",
		"SORT return option":    "SORT RETURN (%s) (ARRIVAL) UTF-8 ALL",
		"SORT key":              "SORT (%s) UTF-8 ALL",
		"THREAD algorithm":      "THREAD %s UTF-8 ALL",
		"STATUS item":           "STATUS INBOX (%s)",
	}
}

// TestNothingIsLeftOfACapabilityThatIsTurnedOff compares what a server without it answers
// to each name that it brings and to a name that nobody ever heard of.
func TestNothingIsLeftOfACapabilityThatIsTurnedOff(t *testing.T) {
	t.Parallel()
	for _, c := range imapfake.Capabilities() {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			rows, err := imapfake.RowsGoneWithout(c)
			if err != nil {
				t.Fatal(err)
			}
			client := without(t, c)
			for _, row := range rows {
				form, ok := uses()[row.Table]
				if !ok {
					t.Fatalf("how is a %s used?", row.Table)
				}
				prefix := ""
				if strings.HasPrefix(row.Name, "UID ") {
					prefix = "UID "
				}
				nobodys := prefix + strings.Repeat("X", len(row.Name)-len(prefix))
				client.send("T " + fmt.Sprintf(form, nobodys))
				want := client.until("T")
				client.send("T " + fmt.Sprintf(form, row.Name))
				got := client.until("T")
				if len(got) != 1 || !strings.HasPrefix(got[0], "T BAD ") || strings.ReplaceAll(got[0], row.Name, nobodys) != want[0] {
					t.Errorf("%s %s: %q, unlike %q", row.Table, row.Name, got, want)
				}
			}
			if c != imap.CapEnable {
				client.run("ENABLE "+string(c), "* ENABLED", "T OK ENABLE completed")
			}
		})
	}
}

func TestOptionsThatContradictEachOtherAreAnError(t *testing.T) {
	t.Parallel()
	with, more, without := imapfake.WithCapabilities, imapfake.WithMoreCapabilities, imapfake.WithoutCapabilities
	for _, c := range []struct {
		want    string
		options []imapfake.Option
	}{
		{"IDLE is both asked for and turned off", []imapfake.Option{with("IDLE"), without("idle")}},
		{"IDLE is both asked for and turned off", []imapfake.Option{more("idle"), without("IDLE")}},
		{"QRESYNC needs CONDSTORE, which is turned off", []imapfake.Option{with("QRESYNC"), without("CONDSTORE")}},
		{"QRESYNC needs CONDSTORE, which is turned off", []imapfake.Option{more("QRESYNC"), without("CONDSTORE")}},
		{"ESORT needs SORT, which is turned off", []imapfake.Option{more("ESORT"), without("SORT")}},
		{"CONTEXT=SORT needs ESORT, which needs SORT, which is turned off", []imapfake.Option{more("CONTEXT=SORT"), without("SORT")}},
		{"LITERAL+ and LITERAL- exclude each other", []imapfake.Option{with("LITERAL-", "LITERAL+")}},
		{"LITERAL+ and LITERAL- exclude each other", []imapfake.Option{with("LITERAL-"), more("LITERAL+")}},
		{"IMAP4rev1 and IMAP4rev2 can't both be turned off", []imapfake.Option{without("imap4rev1", "imap4rev2")}},
		{"IMAP4rev2 needs MOVE, which is turned off", []imapfake.Option{more("IMAP4rev2"), without("MOVE")}},
		{"IMAP4rev2 needs MOVE, which is turned off", []imapfake.Option{without("IMAP4rev1", "MOVE")}},
		{"IMAP4rev2 needs LITERAL-, which is turned off", []imapfake.Option{without("IMAP4rev1", "LITERAL+", "LITERAL-")}},
		{"IMAP4rev1 is both asked for and turned off", []imapfake.Option{more("IMAP4rev1"), without("IMAP4rev1")}},
	} {
		server := imapfake.New(mailstore.New(), c.options...)
		if err := server.Err(); err == nil || err.Error() != "imapfake: "+c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
		server.Close()
	}
}

func TestACapabilityBringsWhatItNeeds(t *testing.T) {
	t.Parallel()
	offers := func(want string, options ...imapfake.Option) {
		t.Helper()
		c := newFixture(t, options...).login()
		c.run("CAPABILITY", "* CAPABILITY "+want, "T OK CAPABILITY completed")
	}
	with, more, without := imapfake.WithCapabilities, imapfake.WithMoreCapabilities, imapfake.WithoutCapabilities
	offers("IMAP4rev1 ENABLE CONDSTORE QRESYNC", with("QRESYNC"))
	offers("IMAP4rev1 ENABLE ID CONDSTORE QRESYNC", with("ID"), more("QRESYNC"))
	offers("IMAP4rev1 ESEARCH SORT ESORT CONTEXT=SORT", with("CONTEXT=SORT"))
	offers("IMAP4rev1 LITERAL-", with("LITERAL-"))
	const folded = " SASL-IR ENABLE IDLE NAMESPACE LIST-EXTENDED LIST-STATUS UIDPLUS UNSELECT MOVE STATUS=SIZE ESEARCH SEARCHRES"
	offers("IMAP4rev1 IMAP4rev2 LITERAL-"+folded, with("IMAP4rev2"))
	offers("IMAP4rev1 IMAP4rev2 LITERAL+"+folded, with("IMAP4rev2", "LITERAL+"))
	// Where there is nothing but IMAP4rev2, what it is made of goes without saying.
	offers("IMAP4rev2", with("IMAP4rev2"), without("IMAP4rev1"))
	offers("IMAP4rev2", with(), without("IMAP4rev1"))
	offers("IMAP4rev2 MOVE", with("MOVE"), without("IMAP4rev1"))
	offers("IMAP4rev2 ENABLE CONDSTORE QRESYNC", with("IMAP4rev2", "QRESYNC"), without("IMAP4rev1"))
}

func TestAskingForLiteralMinusTurnsLiteralPlusOff(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithMoreCapabilities("LITERAL-")).login()
	if caps := c.ok("CAPABILITY")[0]; !strings.Contains(caps, " LITERAL- ") || strings.Contains(caps, "LITERAL+") {
		t.Error(caps)
	}
}

func TestACapabilityGoesWithWhatItNeeds(t *testing.T) {
	t.Parallel()
	for off, gone := range map[imap.Cap][]string{
		"CONDSTORE": {"QRESYNC"},
		"ENABLE":    {"QRESYNC", "UIDONLY", "UTF8=ACCEPT", "IMAP4rev2"},
		"SORT":      {"ESORT", "SORT=DISPLAY", "CONTEXT=SORT"},
		"MOVE":      {"IMAP4rev2"},
	} {
		caps := strings.Fields(without(t, off).ok("CAPABILITY")[0])
		for _, c := range append(gone, string(off)) {
			if slices.Contains(caps, c) {
				t.Errorf("without %s there is %s", off, c)
			}
		}
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
		`imapfake: unknown capability "FROB"`: imapfake.WithCapabilities("IDLE", "FROB"),
		`imapfake: unknown capability ""`:     imapfake.WithoutCapabilities(""),
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

func TestUsualCapabilitiesGiveWayToWhatOtherOptionsSay(t *testing.T) {
	t.Parallel()
	usual := imapfake.WithUsualCapabilities("idle", "MOVE", "ESORT", "AUTH=PLAIN")
	for _, c := range []struct {
		want    string
		options []imapfake.Option
	}{
		{"IMAP4rev1 AUTH=PLAIN IDLE MOVE", nil}, // ESORT lacks what it needs
		{"IMAP4rev1 AUTH=PLAIN MOVE", []imapfake.Option{imapfake.WithoutCapabilities("IDLE")}},
		{"IMAP4rev1 AUTH=PLAIN IDLE MOVE ESEARCH SORT ESORT", []imapfake.Option{imapfake.WithMoreCapabilities("ESORT")}},
		{"IMAP4rev1 ID", []imapfake.Option{imapfake.WithCapabilities("ID")}},
	} {
		client := newFixture(t, append(c.options, usual)...).dial()
		client.run("CAPABILITY", "* CAPABILITY "+c.want, "T OK CAPABILITY completed")
	}
	if err := imapfake.New(mailstore.New(), imapfake.WithUsualCapabilities("XYZZY")).Err(); err == nil {
		t.Error("a capability that doesn't exist is no error")
	}
}
