package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
	"example.org/mailfakes/pop3fake"
)

var errHelp = errors.New("help was asked for")

// config is what the flags say.
type config struct {
	imap, imaps, pop3, pop3s string
	users                    []user
	tokens                   []accessToken
	loads                    []load
	caps, noCaps, noPOP3Caps *string // nil: not given
	ready, html, ca          string
	allowRemote, verbose     bool
	gmail                    bool
	personality              personality.Personality
	quirks                   []personality.Quirk
	personalities            bool // list them
	logins                   mailstore.LoginPolicy
	faults                   mailwire.Faults
}

type user struct{ name, password string }

// accessToken is a -token flag: the access token of the account with this name.
type accessToken struct{ user, token string }

// load is a -load flag: USER[/MAILBOX]=PATH.
type load struct{ text, to, path string }

const caUsage = "write the certificate authority that clients have to trust to this `file`, as PEM; it is another at each start"

func parseFlags(args []string, help io.Writer) (*config, error) {
	c := new(config)
	set := flag.NewFlagSet("mailtest serve", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	const address = "`address` of %s; port 0 picks a free one, off turns it off"
	set.StringVar(&c.imap, "imap", "127.0.0.1:1143", fmt.Sprintf(address, "IMAP with STARTTLS"))
	set.StringVar(&c.imaps, "imaps", "127.0.0.1:1993", fmt.Sprintf(address, "IMAP over TLS"))
	set.StringVar(&c.pop3, "pop3", "127.0.0.1:1110", fmt.Sprintf(address, "POP3 with STLS"))
	set.StringVar(&c.pop3s, "pop3s", "127.0.0.1:1995", fmt.Sprintf(address, "POP3 over TLS"))
	set.Func("user", "an account, as `name:password`; may be repeated (default alice@example.org:secret)", c.addUser)
	set.Func("token", "let clients log in to an account by this access token (XOAUTH2, OAUTHBEARER), as `user:token`; may be repeated", c.addToken)
	set.Func("load", "put mail in a mailbox, as `user[/mailbox]=path` of an .eml file, a directory of them, an mbox file or a Maildir; may be repeated", c.addLoad)
	set.Func("caps", "offer only these IMAP capabilities, a `list` separated by commas or spaces", optional(&c.caps))
	set.Func("no-caps", "don't offer these IMAP capabilities, a `list` separated by commas or spaces", optional(&c.noCaps))
	set.Func("no-pop3-caps", "don't offer these POP3 capabilities, a `list` separated by commas or spaces, such as UTF8,SASL=PLAIN", optional(&c.noPOP3Caps))
	set.StringVar(&c.ready, "ready", "", "write a line for each listener to this `file` once all of them listen")
	set.StringVar(&c.html, "html", "", "when interrupted, write what was said to this `file`, a page for a web browser")
	set.StringVar(&c.ca, "ca", "", caUsage)
	set.BoolVar(&c.gmail, "gmail", false, "have labels in place of mailboxes, as Gmail does, and X-GM-EXT-1")
	set.Func("personality", "look and behave like the server of this `name`; see -personalities", c.setPersonality)
	set.Func("quirk", "show the deviation of this `name`, beside those of -personality; may be repeated", c.addQuirk)
	set.BoolVar(&c.personalities, "personalities", false, "list the names of personalities and quirks, and serve nothing")
	set.BoolVar(&c.logins.AnyPassword, "any-password", false, "let clients log in by any password")
	set.BoolVar(&c.logins.CreateAccounts, "create-accounts", false, "make an account for every new name that logs in")
	set.Func("fault", "a `rule` by which connections misbehave, such as 'on RETR nth 2 cut-after 100' (see go doc example.org/mailfakes/mailtest/mailwire); may be repeated", addFault(&c.faults))
	set.BoolVar(&c.allowRemote, "allow-remote", false, "let addresses be other than loopback")
	set.BoolVar(&c.verbose, "v", false, "print what is said on every connection")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, "usage: mailtest serve [flags]\n\nServes mail accounts in memory over IMAP and POP3 until interrupted.\n\n")
		set.SetOutput(help)
		set.PrintDefaults()
		return nil, errHelp
	} else if err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	c.personality = c.personality.With(c.quirks...)
	if len(c.users) == 0 {
		c.users = []user{{"alice@example.org", "secret"}}
	}
	return c, nil
}

func (c *config) setPersonality(name string) (err error) {
	c.personality, err = personality.ByName(name)
	return err
}

func (c *config) addQuirk(name string) error {
	q, err := personality.QuirkByName(name)
	if err != nil {
		return fmt.Errorf("%w; -personalities lists them", err)
	}
	c.quirks = append(c.quirks, q)
	return nil
}

func (c *config) addUser(s string) error {
	name, password, ok := strings.Cut(s, ":")
	if !ok || name == "" || password == "" {
		return errors.New("want NAME:PASSWORD")
	}
	c.users = append(c.users, user{name, password})
	return nil
}

func (c *config) addToken(s string) error {
	user, text, ok := strings.Cut(s, ":")
	if !ok || user == "" || text == "" {
		return errors.New("want USER:TOKEN")
	}
	c.tokens = append(c.tokens, accessToken{user, text})
	return nil
}

// addFault returns what injects a rule in text form.
func addFault(f *mailwire.Faults) func(string) error {
	return func(s string) error {
		rule, err := mailwire.ParseRule(s)
		if err == nil {
			_, err = f.Inject(rule)
		}
		return err
	}
}

func (c *config) addLoad(s string) error {
	to, path, ok := strings.Cut(s, "=")
	if !ok || to == "" || path == "" {
		return errors.New("want USER[/MAILBOX]=PATH")
	}
	c.loads = append(c.loads, load{s, to, path})
	return nil
}

// optional tells a flag that was given, even empty, from one that was not.
func optional(to **string) func(string) error {
	return func(s string) error {
		*to = &s
		return nil
	}
}

// imapOptions returns what the flags say of the IMAP server: those of capabilities change the
// personality.
func (c *config) imapOptions() []imapfake.Option {
	options := c.personality.IMAPOptions()
	if c.caps != nil {
		options = append(options, imapfake.WithCapabilities(splitCaps[imap.Cap](*c.caps)...))
	}
	if c.gmail {
		options = append(options, imapfake.WithMoreCapabilities("X-GM-EXT-1"))
	}
	if c.noCaps != nil {
		options = append(options, imapfake.WithoutCapabilities(splitCaps[imap.Cap](*c.noCaps)...))
	}
	return options
}

// pop3Options is [config.imapOptions] for the POP3 server.
func (c *config) pop3Options() []pop3fake.Option {
	options := c.personality.POP3Options()
	if c.noPOP3Caps != nil {
		caps := splitCaps[pop3fake.Capability](*c.noPOP3Caps)
		for i, name := range caps {
			caps[i] = pop3fake.Capability(strings.Replace(string(name), "=", " ", 1))
		}
		options = append(options, pop3fake.WithoutCapabilities(caps...))
	}
	return options
}

func splitCaps[C ~string](list string) []C {
	caps := []C{}
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		caps = append(caps, C(name))
	}
	return caps
}
