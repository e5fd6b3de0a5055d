package imapfake_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

var sequenceSeed = flag.Int64("seed", -1, "run only this sequence of the tests with random sessions")

// sequence is a run of random valid commands in one to three sessions that have selected
// the same mailbox. The seed alone decides which.
type sequence struct {
	t        *testing.T
	seed     uint64
	rnd      *rand.Rand
	sessions []*believer
	log      []string
	user     string
	fake     *fixture // nil: a real server

	validity uint64
	lastUID  imap.UID            // the highest that anybody was told of
	recent   map[imap.UID]string // which session has a message as \Recent
	modSeqs  map[string]uint64   // HIGHESTMODSEQ when a session selected the mailbox
}

// commandsInSequence is how many commands a sequence has, but for those around them.
const commandsInSequence = 40

// Sessions that do anything at all, in any order, are told nothing that can't be, and in
// the end believe what is.
func TestRandomSessions(t *testing.T) {
	t.Parallel()
	runSequences(t, 2000, func(s *sequence) func() *client {
		s.fake = newFixture(s.t)
		return s.fake.dial
	})
}

// runSequences runs sequences, each against what serve returns the connections of.
func runSequences(t *testing.T, count uint64, serve func(*sequence) (dial func() *client)) {
	t.Helper()
	run := func(t *testing.T, seed uint64) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			s := &sequence{
				t: t, seed: seed, user: "alice@example.org", rnd: rand.New(rand.NewPCG(seed, 0)),
				recent: make(map[imap.UID]string), modSeqs: make(map[string]uint64),
			}
			s.run(serve(s))
		})
	}
	if underRace {
		count /= 5
	}
	if *sequenceSeed >= 0 {
		run(t, uint64(*sequenceSeed))
		return
	}
	const together = 50
	for first := uint64(0); first < count; first += together {
		t.Run(fmt.Sprintf("from %d", first), func(t *testing.T) {
			t.Parallel()
			for seed := first; seed < min(first+together, count); seed++ {
				run(t, seed)
			}
		})
	}
}

func (s *sequence) run(dial func() *client) {
	for i := range 1 + s.rnd.IntN(3) {
		s.sessions = append(s.sessions, s.begin(dial(), string(rune('A'+i))))
	}
	for range s.rnd.IntN(8) {
		s.sessions[0].do("APPEND INBOX {1+}\r\nx")
	}
	for range commandsInSequence {
		b := s.sessions[s.rnd.IntN(len(s.sessions))]
		b.step()
		s.compareWithStore(b)
	}
	s.end()
}

// begin starts a session, perhaps with CONDSTORE or QRESYNC.
func (s *sequence) begin(c *client, name string) *believer {
	b := &believer{client: c, name: name, sequence: s, gone: make(map[imap.UID]bool)}
	b.do("LOGIN %s secret", s.user)
	switch s.rnd.IntN(3) {
	case 1:
		b.do("ENABLE CONDSTORE")
		b.condStore = true
	case 2:
		b.do("ENABLE QRESYNC")
		b.condStore, b.qresync = true, true
	}
	if name == "A" {
		b.do("CREATE Other")
	}
	b.do("SELECT INBOX")
	s.modSeqs[name] = b.modSeq
	for _, line := range s.log {
		if m := uidValidity.FindStringSubmatch(line); m != nil {
			s.validity, _ = strconv.ParseUint(m[1], 10, 32)
		}
	}
	return b
}

var uidValidity = regexp.MustCompile(`\[UIDVALIDITY (\d+)\]`)

// end has every session catch up: each must believe what is then said of everything, and
// all the same.
func (s *sequence) end() {
	for _, b := range s.sessions {
		switch {
		case b.idling:
			b.done()
		case b.away:
			b.comeBack()
		}
	}
	for _, b := range s.sessions {
		b.do("NOOP")
		b.certain = true
		b.do("UID FETCH 1:* (FLAGS)")
		for i := range b.messages {
			if !b.messages[i].told {
				b.fail("message %d isn't told in answer to UID FETCH 1:*", i+1)
			}
		}
		s.compareWithStore(b)
		if first := s.sessions[0]; !slices.EqualFunc(b.messages, first.messages, func(m, n belief) bool {
			return m.uid == n.uid && slices.Equal(m.flags, n.flags)
		}) {
			b.fail("believes in %v, session A in %v", b.messages, first.messages)
		}
	}
}

func (s *sequence) record(line string) { s.log = append(s.log, line) }

func (s *sequence) fail(session, problem string) {
	s.t.Helper()
	test, _, _ := strings.Cut(s.t.Name(), "/")
	s.t.Fatalf("session %s: %s\nreplay with: go test ./imapfake -run '^%s$' -seed %d\n%s",
		session, problem, test, s.seed, strings.Join(s.log, "\n"))
}

// assign checks a UID that a message in INBOX was just given.
func (s *sequence) assign(b *believer, uid imap.UID, line string) {
	s.t.Helper()
	if uid <= s.lastUID {
		b.fail("%s, after UID %d (RFC 3501 §2.3.1.1)", line, s.lastUID)
	}
	s.lastUID = uid
}

// claimRecent checks that no two sessions have a message as \Recent (RFC 3501 §2.3.2).
func (s *sequence) claimRecent(b *believer, uid imap.UID, line string) {
	s.t.Helper()
	if owner := s.recent[uid]; owner != "" && owner != b.name {
		b.fail(`%s, which is \Recent in session %s`, line, owner)
	}
	s.recent[uid] = b.name
}

// step sends one random command.
func (b *believer) step() {
	b.t.Helper()
	rnd := b.sequence.rnd
	switch {
	case b.idling:
		b.done()
		return
	case b.away:
		b.comeBack()
		return
	}
	op, flag := []string{"", "+", "-"}[rnd.IntN(3)], []string{`\Seen`, `\Flagged`, `\Deleted`, "$Work", "$Junk"}[rnd.IntN(5)]
	since := max(1, int(b.modSeq)-2+rnd.IntN(12))
	commands := []string{
		"APPEND INBOX {1+}\r\nx", `APPEND INBOX (\Seen) {1+}` + "\r\nx", `APPEND INBOX (\Deleted $Work) {1+}` + "\r\nx",
		"FETCH %s FLAGS", "FETCH %s (UID FLAGS)", "FETCH %s UID", "FETCH %s RFC822.SIZE", "FETCH %s BODY[TEXT]",
		"UID FETCH %s FLAGS", "UID FETCH %s (UID)", "UID FETCH %s (BODY.PEEK[] FLAGS)", "UID FETCH %s BODY[]",
		`STORE %s +FLAGS (\Deleted)`, `UID STORE %s +FLAGS.SILENT (\Deleted)`,
		"STORE %s " + op + "FLAGS (" + flag + ")", "UID STORE %s " + op + "FLAGS (" + flag + ")",
		"STORE %s " + op + "FLAGS.SILENT (" + flag + ")", "UID STORE %s " + op + "FLAGS.SILENT (" + flag + ")",
		"SEARCH %s", "SEARCH ALL", "SEARCH UNDELETED", "UID SEARCH UID %s", "UID SEARCH SEEN",
		"COPY %s Other", "UID COPY %s INBOX", "COPY %s INBOX", "MOVE %s INBOX", "MOVE %s Other", "UID MOVE %s INBOX", "UID MOVE %s Other",
		"NOOP", "CHECK", "EXPUNGE", "UID EXPUNGE %s", "STATUS Other (MESSAGES UIDNEXT)",
		"IDLE", "IDLE", "UNSELECT", "CLOSE",
	}
	if b.condStore {
		commands = append(commands,
			fmt.Sprintf("STORE %%s (UNCHANGEDSINCE %d) %sFLAGS (%s)", since, op, flag),
			fmt.Sprintf("UID STORE %%s (UNCHANGEDSINCE %d) %sFLAGS.SILENT (%s)", since, op, flag),
			fmt.Sprintf("FETCH %%s (FLAGS) (CHANGEDSINCE %d)", since),
			fmt.Sprintf("UID FETCH %%s (FLAGS MODSEQ) (CHANGEDSINCE %d)", since),
			fmt.Sprintf("SEARCH MODSEQ %d", since), "FETCH %s MODSEQ",
		)
	}
	if b.qresync {
		commands = append(commands, fmt.Sprintf("UID FETCH %%s (FLAGS) (CHANGEDSINCE %d VANISHED)", since))
	}
	command := commands[rnd.IntN(len(commands))]
	first, last := b.someUID(), b.someUID()
	byUID := strings.HasPrefix(command, "UID ")
	if n := len(b.messages); !byUID && n > 0 {
		first, last = 1+rnd.IntN(n), 1+rnd.IntN(n)
	} else if !byUID && strings.Contains(command, "%s") {
		command = "NOOP" // there is no message to name
	}
	switch command {
	case "IDLE":
		b.idle()
		return
	case "UNSELECT":
		b.leave()
		return
	case "CLOSE":
		b.do("CLOSE")
		b.messages, b.cache, b.away = nil, nil, true
		if b.qresync {
			b.away = false
			b.do("SELECT INBOX")
			b.sequence.modSeqs[b.name] = b.modSeq
		}
		return
	}
	command = strings.Replace(command, "%s", fmt.Sprintf("%d:%d", first, last), 1)
	if strings.Contains(command, "SILENT") {
		if strings.Contains(command, `+FLAGS.SILENT (\Deleted)`) {
			op, flag = "+", `\Deleted`
		}
		b.assume(byUID, first, last, op, flag)
	}
	b.do("%s", command)
}

// idle begins an IDLE; the next step of the session ends it.
func (b *believer) idle() {
	b.t.Helper()
	b.begin("IDLE")
	for {
		line := b.response()
		if strings.HasPrefix(line, "+") {
			b.idling = true
			return
		}
		b.hear(line)
	}
}

func (b *believer) done() {
	b.t.Helper()
	b.idling = false
	b.sequence.record(b.name + ": DONE")
	b.send("DONE")
	b.finish()
}

// someUID returns a UID of INBOX that may be there still.
func (b *believer) someUID() int {
	return max(1, int(b.sequence.lastUID)+2-b.sequence.rnd.IntN(15))
}

// compareWithStore compares what a client of the fake believes with what is, after a
// command that may have left expunges untold.
func (s *sequence) compareWithStore(b *believer) {
	s.t.Helper()
	if s.fake == nil || b.idling || b.away {
		return
	}
	untold := keepsNumbers(b.command)
	live := s.fake.inbox.Messages()
	if n := int(live.Len()); n > len(b.messages) || n < len(b.messages) && !untold {
		b.fail("believes in %d messages, there are %d", len(b.messages), n)
	}
	for i, m := range b.messages {
		if m.uid == 0 {
			continue
		}
		seq, now := live.Find(m.uid)
		if now == nil {
			if !untold {
				b.fail("message %d, UID %d, is gone", i+1, m.uid)
			}
			continue
		}
		if !untold && seq != uint32(i+1) {
			b.fail("UID %d is message %d, not %d", m.uid, seq, i+1)
		}
		if want := flagNames(now.Flags); m.flags != nil && !slices.Equal(want, m.flags) {
			b.fail("UID %d has %v, not %v", m.uid, want, m.flags)
		}
		if m.modSeq > now.ModSeq {
			b.fail("UID %d has modification sequence %d, not %d", m.uid, now.ModSeq, m.modSeq)
		}
	}
}

func flagNames(flags []imap.Flag) []string {
	names := []string{}
	for _, f := range flags {
		names = append(names, string(f))
	}
	slices.Sort(names)
	return names
}
