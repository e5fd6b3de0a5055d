package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailminimize"
	"example.org/mailfakes/mailtest/mailwire"
)

const minimizeUsage = `usage: mailtest minimize [flags] FILE -- COMMAND [ARGUMENT...]

Shortens a transcript to what still makes a command fail: it leaves out sessions, then
commands with their answers, then responses, then lines of literals, as long as the
command fails in the same way. FILE may be any log that mailtest replay takes, such as
what a failing test printed; a transcript is made of it.

  mailtest minimize bug.log -- go test -run TestReplayBug ./mail

The command has to replay each candidate in place of the log: a test's mailtest.Replay
does. Others find its path in the environment variable MAILTEST_TRANSCRIPT, and in place
of {} in their arguments.

A failure is an exit code other than 0. A candidate fails in the same way if the code is
the same, -match matches the output, too, and it doesn't complain of the client's
deviation from the log, unless the whole transcript makes it do so.

`

// deviates is what replaying says when a client doesn't do what the log has: that a log is too
// short is no failure of the client's.
const deviates = "deviates from the log"

// minimizing is what the flags of "mailtest minimize" say.
type minimizing struct {
	file, output   string
	command        []string
	match          *regexp.Regexp // nil: anything
	timeout, limit time.Duration

	dir        string // of candidates
	candidates int
	first      *outcome // of the whole transcript
}

// outcome is how a run has ended.
type outcome struct {
	code     int
	endless  bool // it had to be ended
	deviates bool
}

// minimize is the command "mailtest minimize".
func minimize(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	m, err := parseMinimizeFlags(args, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	if err == nil {
		err = m.run(ctx, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mailtest minimize: %v\n", err)
		return exitUsage
	}
	return exitOK
}

func parseMinimizeFlags(args []string, help io.Writer) (*minimizing, error) {
	m := new(minimizing)
	set := flag.NewFlagSet("mailtest minimize", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&m.output, "o", "", "write the result to this `file` (default: FILE.min)")
	set.Func("match", "the output of a failure matches this regular `expression`", func(s string) (err error) {
		m.match, err = regexp.Compile(s)
		return err
	})
	set.DurationVar(&m.timeout, "timeout", 10*time.Minute, "end after this `time` with the best result so far")
	set.DurationVar(&m.limit, "each", time.Minute, "end a run of the command after this `time`; that is a failure if the whole transcript makes it take so long, too")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, minimizeUsage)
		set.SetOutput(help)
		set.PrintDefaults()
		return nil, errHelp
	} else if err != nil {
		return nil, err
	}
	m.file, m.command = set.Arg(0), set.Args()[min(1, set.NArg()):]
	if len(m.command) > 0 && m.command[0] == "--" {
		m.command = m.command[1:]
	}
	switch {
	case m.file == "" || len(m.command) == 0:
		return nil, errors.New("want FILE -- COMMAND; \"mailtest minimize -h\" has an example")
	case m.output == "":
		m.output = m.file + ".min"
	}
	return m, nil
}

func (m *minimizing) run(ctx context.Context, stdout io.Writer) (err error) {
	text, err := m.transcript()
	if err != nil {
		return err
	}
	if m.dir, err = os.MkdirTemp("", "mailtest-minimize-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(m.dir)) }()
	limited, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	var failure error
	shortest, err := mailminimize.Minimize(limited, text, func(ctx context.Context, candidate []byte) bool {
		same, err := m.fails(ctx, candidate)
		if err != nil && failure == nil {
			failure = err
			cancel()
		}
		return same
	}, func(line string) { fmt.Fprintln(stdout, line) })
	switch {
	case failure != nil:
		return failure
	case err != nil:
		return err
	case limited.Err() != nil && ctx.Err() == nil:
		fmt.Fprintf(stdout, "-timeout %v is over; this is the best so far\n", m.timeout)
	}
	if err := writeWhole(m.output, shortest); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	fmt.Fprintf(stdout, "%s has %d of %d octets\n", m.output, len(shortest), len(text))
	return nil
}

// transcript returns the file, as a transcript if it is a log of another kind.
func (m *minimizing) transcript() ([]byte, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return nil, err
	}
	if _, err := mailwire.ParseTranscript(bytes.NewReader(text)); err == nil {
		return text, nil
	}
	log, err := maillog.ReadFile(m.file, maillog.Detect)
	if err != nil {
		return nil, err
	}
	var transcript bytes.Buffer
	err = printLog(&transcript, log)
	return transcript.Bytes(), err
}

// fails tells whether the command fails with a candidate as with the whole transcript,
// which is the first one.
func (m *minimizing) fails(ctx context.Context, candidate []byte) (bool, error) {
	// Each candidate has a name of its own, for go test not to remember the result of another.
	m.candidates++
	path := filepath.Join(m.dir, strconv.Itoa(m.candidates)+".log")
	if err := os.WriteFile(path, candidate, 0o600); err != nil {
		return false, err
	}
	defer os.Remove(path)
	output, got, err := m.execute(ctx, path)
	if err != nil || ctx.Err() != nil {
		return false, err
	}
	failed := (got.code != 0 || got.endless) && (m.match == nil || m.match.Match(output))
	if m.first == nil {
		if !failed {
			return false, fmt.Errorf("with the whole of %s the command doesn't fail as it should; it exits with %d and says:\n%s", m.file, got.code, output)
		}
		m.first = &got
	}
	return failed && got == *m.first, nil
}

// execute runs the command.
func (m *minimizing) execute(ctx context.Context, path string) (output []byte, got outcome, err error) {
	limited, cancel := context.WithTimeout(ctx, m.limit)
	defer cancel()
	args := make([]string, len(m.command))
	for i, arg := range m.command {
		args[i] = strings.ReplaceAll(arg, "{}", path)
	}
	cmd := exec.CommandContext(limited, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "MAILTEST_TRANSCRIPT="+path)
	endWithChildren(cmd)
	output, err = cmd.CombinedOutput()
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case limited.Err() != nil:
		got.endless = true
	case exited:
		got.code = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, got, fmt.Errorf("run the command: %w", err)
	}
	got.deviates = strings.Contains(string(output), deviates)
	return output, got, nil
}
