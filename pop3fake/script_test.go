package pop3fake_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// TestScriptsHoldForTheFake has the conversations in testdata/scripts with the fakes of both
// protocols over one store. Package scripttest says how to write one.
func TestScriptsHoldForTheFake(t *testing.T) {
	t.Parallel()
	scripttest.TestFake(t, 400, scriptedFakes)
}

// TestEachCapabilityHasAScript, but for AUTH=EXTERNAL and the like, which a script can't do:
// show a certificate, and bind a login to the TLS connection.
func TestEachCapabilityHasAScript(t *testing.T) {
	t.Parallel()
	covered := append(scriptCapabilities(&mailscript.Script{}),
		"SASL EXTERNAL", "SASL SCRAM-SHA-1-PLUS", "SASL SCRAM-SHA-256-PLUS")
	for _, script := range scripttest.Read(t) {
		covered = append(covered, scriptCapabilities(script)...)
	}
	for _, c := range append(pop3fake.Capabilities(), pop3fake.Last, pop3fake.XTND) {
		if !slices.Contains(covered, c) {
			t.Errorf("no script in testdata/scripts is about %s", c)
		}
	}
}

// scriptedFakes returns the fakes of both protocols with the account of scripts, filled.
func scriptedFakes(t *testing.T, script *mailscript.Script) mailscript.Server {
	t.Helper()
	store, account := scripttest.NewStore(t, script)
	// The mechanisms of OAuth have the password as the access token.
	account.AddToken("secret", time.Time{})
	server := scripttest.Serve(t, map[mailwire.Protocol]scripttest.Fake{
		mailwire.IMAP: imapfake.New(store, imapfake.WithCapabilities(
			imap.CapLiteralPlus, imap.CapEnable, imap.CapIdle, imap.CapUIDPlus, imap.CapUnselect, imap.CapMove)),
		mailwire.POP3: pop3fake.New(store, scriptOptions(t, script)...),
	})
	scripttest.Seed(t, script, server)
	return server
}

// scriptOptions make the server what a script wants of it.
func scriptOptions(t *testing.T, script *mailscript.Script) []pop3fake.Option {
	t.Helper()
	options := []pop3fake.Option{pop3fake.WithCapabilities(scriptCapabilities(script)...)}
	for _, c := range script.Capabilities {
		switch name, argument, _ := strings.Cut(c, "="); {
		case name == "EXPIRE" && argument != "":
			days, err := strconv.Atoi(argument)
			if err != nil {
				t.Fatal(err)
			}
			options = append(options, pop3fake.WithExpire(days))
		case name == "LOGIN-DELAY":
			delay, err := time.ParseDuration(argument + "s")
			if err != nil {
				t.Fatal(err)
			}
			options = append(options, pop3fake.WithLoginDelay(delay))
		case c == "SASL=ANONYMOUS":
			options = append(options, pop3fake.WithAnonymous(mailscript.DefaultAccount))
		}
	}
	return options
}

// scriptCapabilities are those that Dovecot has, too, and those that the script asks for,
// which has an equals sign where ours have a space or CAPA an argument.
func scriptCapabilities(script *mailscript.Script) []pop3fake.Capability {
	capabilities := []pop3fake.Capability{
		pop3fake.Top, pop3fake.UIDL, pop3fake.RespCodes, pop3fake.AuthRespCode, pop3fake.Pipelining, pop3fake.STLS, pop3fake.User,
		pop3fake.SASL, "SASL PLAIN", "SASL LOGIN", "SASL CRAM-MD5", "SASL SCRAM-SHA-1", "SASL SCRAM-SHA-256",
		pop3fake.APOP, pop3fake.CAPA, pop3fake.Last,
	}
	for _, c := range script.Capabilities {
		name, argument, _ := strings.Cut(c, "=")
		if name == "SASL" || name == "UTF8" && argument != "" {
			name += " " + argument
		}
		capabilities = append(capabilities, pop3fake.Capability(name))
	}
	return capabilities
}
