package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// pop3Answers are bugs in reading what POP3 servers answer.
func pop3Answers() []bug {
	return []bug{{
		name:      "dot-stuffing",
		story:     "A line that begins with a dot comes with another one in front, which isn't taken off.",
		reference: "RFC 1939 §3",
		play: func(s *scene) {
			s.alice.Deliver(mailtest.Mail{Subject: "hello", Text: ".bashrc is attached\n...\n"})
			s.sync()
		},
		naive: eachOverPOP3(readsUpToDot), careful: eachOverPOP3(fetches),
		want: savedWhole, wrong: "octets, which aren't",
	}, {
		name:      "bare-lf-end",
		story:     "The last line is a dot and a bare LF; the client waits for CRLF until the server has had enough.",
		reference: "node-pop3 PR#26, PR#27",
		server:    []mailtest.Option{quirk(personality.BareLFEnd())},
		play: func(s *scene) {
			s.srv.POP3.Inject(mailwire.OnQuiet(60 * minute).Close())
			s.deliver("hello")
			s.sync()
		},
		naive: eachOverPOP3(readsUpToCRLF), careful: eachOverPOP3(fetches),
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "sizes-that-lie",
		story:     "LIST counts a line end as one octet, and the client reads as many octets as LIST says.",
		reference: "RFC 1939 §11; aenetmail#150",
		server:    []mailtest.Option{quirk(personality.CompressedSizes())},
		play:      func(s *scene) { s.deliver("hello", "bye"); s.sync() },
		naive:     eachOverPOP3(readsBySize), careful: eachOverPOP3(fetches),
		want: savedWhole, wrong: "octets, which aren't",
	}, {
		name:      "negative-stat",
		story:     "STAT tells a negative number of octets, of which nobody had need.",
		reference: "MailKit release notes",
		server:    []mailtest.Option{quirk(personality.NegativeSTAT())},
		naive:     readsBothNumbers, careful: eachOverPOP3(fetches),
		want: saved("hello"), wrong: "invalid syntax",
	}, {
		name:      "one-command-only",
		story:     "The server announces PIPELINING, but answers only the first of the commands that come at once.",
		reference: "RFC 2449 §6.6; MailKit#174",
		server:    []mailtest.Option{quirk(personality.OneCommandOnly())},
		play: func(s *scene) {
			s.srv.POP3.Inject(mailwire.OnQuiet(60 * minute).Close())
			s.deliver("hello", "bye")
			s.sync()
		},
		naive: pipelines, careful: eachOverPOP3(fetches),
		want: saved("hello", "bye"), wrong: `saved ["hello"]`,
	}}
}

func readsUpToDot(a *app, s *session, n int) error {
	_, err := s.ask("RETR %d", n)
	var raw strings.Builder
	for err == nil {
		var line string
		if line, err = s.ReadLine(); line == "." {
			return a.save(raw.String())
		}
		raw.WriteString(line + "\r\n")
	}
	return err
}

func readsUpToCRLF(a *app, s *session, n int) error {
	_, err := s.ask("RETR %d", n)
	var raw []byte
	for err == nil && !bytes.HasSuffix(raw, []byte("\r\n.\r\n")) {
		var octet byte
		octet, err = s.R.ReadByte()
		raw = append(raw, octet)
	}
	if err != nil {
		return err
	}
	return a.save(strings.TrimSuffix(string(raw), ".\r\n"))
}

func readsBySize(a *app, s *session, n int) error {
	line, err := s.ask("LIST %d", n)
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(strings.Fields(line)[2])
	if err != nil {
		return err
	}
	if _, err := s.ask("RETR %d", n); err != nil {
		return err
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(s.R, raw); err != nil {
		return err
	}
	a.save(string(raw))
	_, err = s.ReadDotLines() // should be the dot alone
	return err
}

func readsBothNumbers(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	line, err := s.ask("STAT")
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(strings.Fields(line)[2], 10, 64); err != nil {
		return err
	}
	return fetchesRest(a, s)
}

func pipelines(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	n, err := count(s)
	for i := range n {
		fmt.Fprintf(s.W, "RETR %d\r\n", i+1)
	}
	s.W.Flush()
	for range n {
		if _, err := s.status(); err != nil {
			return err
		}
		lines, err := s.ReadDotLines()
		if err != nil {
			return err
		}
		a.save(strings.Join(lines, "\r\n") + "\r\n")
	}
	return err
}
