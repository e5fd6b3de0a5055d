package main

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// parsing are bugs in reading IMAP's grammar, and what servers make of it.
func parsing() []bug {
	return []bug{{
		name:      "literal-subject",
		story:     "Subjects come as literals, and the client's regular expression knows quoted strings.",
		reference: "RFC 3501 §4.3: any string may be a literal",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnUntagged().Command("FETCH").StringsAsLiterals())
			s.deliver("hello")
			s.sync()
		},
		naive: inInbox(matchesSubject), careful: parsesSubject,
		want: shown("hello"), wrong: "shows []",
	}, {
		name:      "nil-subject",
		story:     "A message without a subject has NIL there; the client takes the next string, which is the sender.",
		reference: "RFC 3501 §7.4.2: NIL, which isn't \"NIL\"",
		play: func(s *scene) {
			s.alice.DeliverRaw([]byte("Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nFrom: Bob <bob@example.org>\r\n\r\ntext\r\n"))
			s.sync()
		},
		naive: inInbox(matchesSecondString), careful: parsesSubject,
		want: shown("(no subject)"), wrong: `shows ["Bob"]`,
	}, {
		name:      "one-octet-at-a-time",
		story:     "CR and LF come in two segments, and the client thinks that what one read brings is a line.",
		reference: "RFC 3501 §2.2: a stream of octets",
		play: func(s *scene) {
			s.deliver("hello")
			s.srv.IMAP.Inject(mailwire.OnAccept().Segments(1))
			s.sync()
		},
		naive: readsSegments, careful: fetchesEach("BODY.PEEK[]"),
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "search-ends-in-space",
		story:     "SEARCH ends in a space, and the number behind it isn't one.",
		reference: "imap_tools#97 (Yahoo)",
		server:    []mailtest.Option{quirk(personality.SpaceAfterSearch())},
		naive:     inInbox(splitsSearch), careful: inInbox(splitsSearchAtSpaces),
		want: saved("hello"), wrong: `parsing "": invalid syntax`,
	}, {
		name:      "odd-keywords",
		story:     "PERMANENTFLAGS has keywords with brackets; the client reads up to the first bracket, and thinks it may set no keywords.",
		reference: "MailKit#193, net-imap#241, himalaya#641 (Gmail)",
		server:    []mailtest.Option{quirk(personality.OddKeywords())},
		naive:     readsUpToBracket, careful: readsUpToEnd,
		want: marked("hello", "work"), wrong: "isn't marked work",
	}, {
		name:      "double-space-list",
		story:     "LIST has two spaces in a row, and the separator is shown as part of the name.",
		reference: "cpython#117152 (DavMail)",
		server:    []mailtest.Option{quirk(personality.DoubleSpaces())},
		naive:     loggedIn(splitsList), careful: loggedIn(matchesList),
		want: shown("INBOX"), wrong: `shows ["\"/\" INBOX"]`,
	}, {
		name:      "float-size",
		story:     "The size of a part is a floating-point number, and nothing is fetched for it.",
		reference: "MailKit#1838 (mail.ru)",
		server:    []mailtest.Option{quirk(personality.FloatNumbers())},
		naive:     inInbox(parsesSizes), careful: fetchesEach("BODY.PEEK[]"),
		want: saved("hello"), wrong: "invalid syntax",
	}}
}

// marked wants the messages with a subject to have a keyword.
func marked(subject string, keyword imap.Flag) func(*scene) {
	return func(s *scene) {
		for _, m := range s.alice.Messages() {
			if m.Subject == subject && !strings.Contains(fmt.Sprint(m.Flags), string(keyword)) {
				s.Errorf("%q isn't marked %s", subject, keyword)
			}
		}
	}
}

func matchesSubject(a *app, s *session, _ []string) error {
	told, err := s.command("FETCH 1 ENVELOPE")
	if subject := find(`ENVELOPE \("[^"]*" "([^"]*)"`, told); subject != "" {
		a.show(subject)
	}
	return err
}

func matchesSecondString(a *app, s *session, _ []string) error {
	told, err := s.command("FETCH 1 ENVELOPE")
	if err == nil {
		a.show(regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(told[0], -1)[1][1])
	}
	return err
}

// parsesSubject has a library read ENVELOPE.
func parsesSubject(a *app) error {
	c, err := a.openLibrary()
	if err != nil {
		return err
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	messages, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{Envelope: true}).Collect()
	for _, m := range messages {
		a.show(cmp.Or(m.Envelope.Subject, "(no subject)"))
	}
	return err
}

func readsSegments(a *app) error {
	nc, err := a.connect(a.imap)
	if err != nil {
		return err
	}
	line := func() string {
		buf := make([]byte, 4096)
		n, _ := nc.Read(buf)
		return string(buf[:n])
	}
	if greeting := line(); !strings.HasPrefix(greeting, "* OK") {
		return fmt.Errorf("not an IMAP server: %q", greeting)
	}
	fmt.Fprintf(nc, "a1 LOGIN %s %s\r\n", a.user, quote(a.password))
	line()
	fmt.Fprint(nc, "a2 EXAMINE INBOX\r\n")
	line()
	fmt.Fprint(nc, "a3 FETCH 1 BODY.PEEK[]\r\n")
	body, _ := literal(line())
	return a.save(body)
}

func splitsSearch(a *app, s *session, _ []string) error {
	told, err := s.command("SEARCH ALL")
	if err != nil {
		return err
	}
	return savesNumbers(a, s, strings.Split(told[0], " ")[2:])
}

func splitsSearchAtSpaces(a *app, s *session, _ []string) error {
	told, err := s.command("SEARCH ALL")
	if err != nil {
		return err
	}
	return savesNumbers(a, s, strings.Fields(told[0])[2:])
}

func savesNumbers(a *app, s *session, numbers []string) error {
	var set []string
	for _, number := range numbers {
		n, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		set = append(set, fmt.Sprint(n))
	}
	told, err := s.command("FETCH %s BODY.PEEK[]", strings.Join(set, ","))
	for _, body := range bodies(told) {
		a.save(body)
	}
	return err
}

func readsUpToBracket(a *app) error { return marksWork(a, `\[PERMANENTFLAGS \(([^\]]*)\]`) }

func readsUpToEnd(a *app) error { return marksWork(a, `\[PERMANENTFLAGS \((.*)\)\]`) }

// marksWork sets a keyword if the server takes any.
func marksWork(a *app, flags string) error {
	s, told, err := a.openInbox()
	if err != nil {
		return err
	}
	if strings.Contains(find(flags, told), `\*`) {
		_, err = s.command("STORE 1 +FLAGS (work)")
	}
	return err
}

func splitsList(a *app, s *session) error {
	told, err := s.command(`LIST "" INBOX`)
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(told[0], ") ")
	a.show(strings.SplitN(after, " ", 2)[1])
	return nil
}

func matchesList(a *app, s *session) error {
	told, err := s.command(`LIST "" INBOX`)
	a.show(strings.Trim(find(`\) +(?:"[^"]*"|NIL) +(.*)$`, told), `"`))
	return err
}

func parsesSizes(a *app, s *session, _ []string) error {
	told, err := s.command("FETCH 1:* BODYSTRUCTURE")
	for i, size := range findAll(`"7bit" ([^ )]+)`, told) {
		if _, err := strconv.Atoi(size); err != nil {
			return err
		}
		if told, err = s.command("FETCH %d BODY.PEEK[]", i+1); err != nil {
			return err
		}
		a.save(strings.Join(bodies(told), ""))
	}
	return err
}
