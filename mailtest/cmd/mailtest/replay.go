package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailreplay"
	"example.org/mailfakes/mailtest/mailwire"
)

const replayHelp = `usage: mailtest replay [flags] FILE

Serves a log as the server that is in it, until interrupted. Each connection gets the log's next session of
its protocol. At the first deviation it prints where in the log that is, what the log has (-) and what the
client sent (+), and exits with code 1. Each line that it prints at the start is a listener's:

	$ mailtest replay -match strict debug.log
	imap 127.0.0.1:40123
	imaps 127.0.0.1:40124

The log may be a transcript of this module, as go test prints it, or one of go-imap, Python's imaplib or
poplib, curl -v, mbsync -Dn, fetchmail -vv, mpop -d, Thunderbird, Mutt, Dovecot's rawlog, JavaMail, MailKit, openssl
s_client, or lines with C: and S:.

`

// logFlags are those of commands that read a log.
type logFlags struct {
	format string
	path   string
}

func (l *logFlags) add(set *flag.FlagSet) {
	set.StringVar(&l.format, "format", "", fmt.Sprintf("the log's `format`, one of %v (default: as its content says)", maillog.Formats()))
}

// parse parses the arguments of a command that reads one log.
func (l *logFlags) parse(set *flag.FlagSet, args []string, usage string, help io.Writer) error {
	set.SetOutput(io.Discard)
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, usage)
		set.SetOutput(help)
		set.PrintDefaults()
		return errHelp
	} else if err != nil {
		return err
	}
	if set.NArg() != 1 {
		return fmt.Errorf("give one log, not %d", set.NArg())
	}
	l.path = set.Arg(0)
	return nil
}

func (l *logFlags) read() (*maillog.Log, error) {
	return maillog.ReadFile(l.path, maillog.Format(l.format))
}

// replayConfig is what the flags of "mailtest replay" say.
type replayConfig struct {
	config
	logFlags
	match string
	print bool
}

// replay is the command "mailtest replay".
func replay(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := new(replayConfig)
	set := flag.NewFlagSet("mailtest replay", flag.ContinueOnError)
	const address = "`address` of %s; port 0 picks a free one, off turns it off"
	set.StringVar(&c.imap, "imap", "127.0.0.1:0", fmt.Sprintf(address, "IMAP"))
	set.StringVar(&c.imaps, "imaps", "127.0.0.1:0", fmt.Sprintf(address, "IMAP over TLS"))
	set.StringVar(&c.pop3, "pop3", "127.0.0.1:0", fmt.Sprintf(address, "POP3"))
	set.StringVar(&c.pop3s, "pop3s", "127.0.0.1:0", fmt.Sprintf(address, "POP3 over TLS"))
	set.StringVar(&c.ca, "ca", "", caUsage)
	set.StringVar(&c.match, "match", string(mailreplay.ByCommand), "`how` alike what clients send must be to the log: strict (the same but for tags and secrets), command (the same commands about the same mailboxes and messages) or any")
	set.Func("fault", "a `rule` by which connections misbehave, as for mailtest serve; may be repeated", addFault(&c.faults))
	set.BoolVar(&c.print, "print", false, "print the log as a transcript, without secrets, and serve nothing")
	set.BoolVar(&c.allowRemote, "allow-remote", false, "let addresses be other than loopback")
	set.BoolVar(&c.verbose, "v", false, "print what is said on every connection")
	c.logFlags.add(set)
	err := c.parse(set, args, replayHelp, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	var deviation *mailreplay.Deviation
	if err == nil {
		err = c.run(ctx, stdout, stderr)
	}
	switch {
	case errors.As(err, &deviation):
		fmt.Fprintln(stdout, deviation)
		return exitDeviation
	case err != nil:
		fmt.Fprintf(stderr, "mailtest replay: %v\n", err)
		return exitUsage
	}
	return exitOK
}

// run serves the log until ctx is done or a client deviates, which it returns.
func (c *replayConfig) run(ctx context.Context, stdout, stderr io.Writer) error {
	log, err := c.read()
	if err != nil {
		return err
	}
	for _, note := range log.Notes {
		fmt.Fprintf(stderr, "%s %s\n", c.path, note)
	}
	if c.print {
		return printLog(stdout, log)
	}
	transcript := mailwire.NewTranscript(c.transcriptOctets())
	if c.verbose {
		transcript.SetLive(stdout)
	}
	deviated := make(chan *mailreplay.Deviation, 1)
	server, err := mailreplay.New(log, mailreplay.WithMatch(mailreplay.Match(c.match)), mailreplay.WithTranscript(transcript),
		mailreplay.OnDeviation(func(d *mailreplay.Deviation) { deviated <- d }))
	if err != nil {
		return err
	}
	defer server.Close()
	if err := c.start(c.listeners(server), stdout); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case d := <-deviated:
		return d
	}
}

// listeners are those for the protocols in the log.
func (c *replayConfig) listeners(server *mailreplay.Server) (listeners []*listener) {
	imap, pop3 := server.Service(mailwire.IMAP), server.Service(mailwire.POP3)
	imap.Faults, pop3.Faults = &c.faults, &c.faults
	if server.Sessions(mailwire.IMAP) > 0 {
		listeners = append(listeners, &listener{name: "imap", addr: c.imap, serve: imap.Serve},
			&listener{name: "imaps", addr: c.imaps, serve: imap.ServeTLS})
	}
	if server.Sessions(mailwire.POP3) > 0 {
		listeners = append(listeners, &listener{name: "pop3", addr: c.pop3, serve: pop3.Serve},
			&listener{name: "pop3s", addr: c.pop3s, serve: pop3.ServeTLS})
	}
	return listeners
}

// printLog writes the log as a transcript.
func printLog(w io.Writer, log *maillog.Log) error {
	var text []byte
	for _, r := range log.Records() {
		text = r.Append(text, time.Time{})
	}
	_, err := w.Write(text)
	return err
}
