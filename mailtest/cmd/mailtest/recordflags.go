package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"sync"

	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailwire"
)

const recordUsage = `usage: mailtest record -upstream HOST:PORT [flags]

Passes IMAP and POP3 sessions on to a server and writes down what is said, until
interrupted. Passwords and tokens are masked before anything is written.

  mailtest record -upstream imap.example.org:993 -listen 127.0.0.1:1143 -o bug.log

The client then connects to 127.0.0.1:1143 in place of the server; with -tls it trusts
the certificate of -ca. "mailtest minimize" shortens the log.

-listen, -protocol, -upstream-tls and -tls are about the -upstream before them, and
-upstream may be repeated: several servers go to one log.

`

// recordConfig is what the flags of "mailtest record" say.
type recordConfig struct {
	recordings          []*recording
	output, ready, ca   string
	upstreamCA          string
	insecure            bool
	bodies, allowRemote bool
	redactor            *mailrecord.Redactor
	transcript          *mailwire.Transcript
	faults              mailwire.Faults
	redact              bool
	failing             sync.Mutex // while something is written about a failure
}

func parseRecordFlags(args []string, help io.Writer) (*recordConfig, error) {
	c := &recordConfig{transcript: mailwire.NewTranscript(-1)}
	set := flag.NewFlagSet("mailtest record", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Func("upstream", "the `address` of a server to record, HOST:PORT; may be repeated", c.addUpstream)
	set.Func("listen", "the `address` where clients connect (default 127.0.0.1:0, a free port)", c.ofLast(func(r *recording, s string) error {
		r.listen = s
		return nil
	}))
	set.Func("protocol", "what the server speaks, `imap|pop3` (default: by its port, or its greeting)", c.ofLast((*recording).setProtocol))
	set.Func("upstream-tls", "how TLS begins with the server, `none|starttls|tls`; with none it begins when the client wants it (default: tls for ports 993 and 995, none for others)", c.ofLast(func(r *recording, s string) error {
		r.config.Security = mailrecord.Security(s)
		return nil
	}))
	set.BoolFunc("tls", "clients begin with TLS", c.ofLast(func(r *recording, s string) error {
		r.clientTLS = s == "true"
		return nil
	}))
	set.StringVar(&c.output, "o", "-", "write the transcript to this `file`; - is standard output")
	set.BoolVar(&c.bodies, "bodies", false, "write messages and other literals over 4 KiB whole, as replaying needs them")
	set.BoolVar(&c.redact, "redact", false, "replace addresses, names and the text of messages by others of the same length")
	set.Func("fault", "a `rule` by which connections with clients misbehave, such as 'on RETR nth 2 cut-after 100' (see go doc example.org/mailfakes/mailtest/mailwire); may be repeated", addFault(&c.faults))
	set.StringVar(&c.upstreamCA, "upstream-ca", "", "trust the certificate authorities in this PEM `file`, in place of the system's")
	set.BoolVar(&c.insecure, "upstream-insecure", false, "don't check the servers' certificates")
	set.StringVar(&c.ca, "ca", "", caUsage)
	set.StringVar(&c.ready, "ready", "", "write a line for each listener to this `file` once all of them listen")
	set.BoolVar(&c.allowRemote, "allow-remote", false, "let -listen be other than loopback")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, recordUsage)
		set.SetOutput(help)
		set.PrintDefaults()
		return nil, errHelp
	} else if err != nil {
		return nil, err
	}
	switch {
	case set.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", set.Arg(0))
	case len(c.recordings) == 0:
		return nil, errors.New("no -upstream; \"mailtest record -h\" has an example")
	case c.redact:
		c.redactor = mailrecord.NewRedactor("")
	}
	return c, nil
}

func (c *recordConfig) addUpstream(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	r := &recording{listen: "127.0.0.1:0", config: mailrecord.Config{Upstream: addr}}
	if port == "993" || port == "995" {
		r.config.Security = mailrecord.ImplicitTLS
	}
	c.recordings = append(c.recordings, r)
	return nil
}

// ofLast returns what sets something of the last -upstream.
func (c *recordConfig) ofLast(set func(*recording, string) error) func(string) error {
	return func(s string) error {
		if len(c.recordings) == 0 {
			return errors.New("there is no -upstream before it")
		}
		return set(c.recordings[len(c.recordings)-1], s)
	}
}

func (r *recording) setProtocol(s string) error {
	switch p := mailwire.Protocol(s); p {
	case mailwire.IMAP, mailwire.POP3:
		r.config.Protocol = p
		return nil
	}
	return errors.New("want imap or pop3")
}
