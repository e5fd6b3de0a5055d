package imapfake_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// believer is a client that believes what it is told, and nothing else.
type believer struct {
	*client
	name     string
	messages []belief
	log      *[]string
	recent   map[imap.UID]string // which session has a message as \Recent
}

// belief is what a client knows of one message; zero is that it exists.
type belief struct {
	uid   imap.UID
	flags []string // without \Recent; nil: never told
}

var (
	numberedResponse = regexp.MustCompile(`^\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)(?: \((.*))?$`)
	toldUID          = regexp.MustCompile(`\bUID (\d+)`)
	toldFlags        = regexp.MustCompile(`\bFLAGS \(([^)]*)\)`)
)

// do sends a command and takes in the answer.
func (b *believer) do(format string, args ...any) {
	b.t.Helper()
	command := fmt.Sprintf(format, args...)
	*b.log = append(*b.log, b.name+": "+command)
	b.send("T " + command)
	lines := b.until("T")
	for _, line := range lines {
		*b.log = append(*b.log, "    "+line)
		b.hear(command, line)
	}
	if last := lines[len(lines)-1]; strings.HasPrefix(last, "T BAD") {
		b.fail("%s: %s", command, last)
	}
}

func (b *believer) hear(command, line string) {
	b.t.Helper()
	if numbers, ok := strings.CutPrefix(line, "* SEARCH"); ok && strings.HasPrefix(command, "SEARCH") {
		for _, n := range strings.Fields(numbers) {
			b.at(n)
		}
	}
	m := numberedResponse.FindStringSubmatch(line)
	if m == nil {
		return
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "EXISTS":
		if n < len(b.messages) {
			b.fail("%s after %d messages", line, len(b.messages))
		}
		b.messages = append(b.messages, make([]belief, n-len(b.messages))...)
	case "EXPUNGE":
		if keepsNumbers(command) {
			b.fail("%s in answer to %s", line, command)
		}
		b.at(m[1])
		b.messages = slices.Delete(b.messages, n-1, n)
	case "FETCH":
		b.fetched(b.at(m[1]), line, m[3])
	}
}

// keepsNumbers tells whether RFC 3501 §7.4.1 forbids EXPUNGE in answer to a command.
func keepsNumbers(command string) bool {
	return strings.HasPrefix(command, "FETCH") || strings.HasPrefix(command, "STORE") || strings.HasPrefix(command, "SEARCH")
}

func (b *believer) at(number string) *belief {
	b.t.Helper()
	n, _ := strconv.Atoi(number)
	if n < 1 || n > len(b.messages) {
		b.fail("told of message %d, there are %d", n, len(b.messages))
	}
	return &b.messages[n-1]
}

func (b *believer) fetched(m *belief, line, items string) {
	b.t.Helper()
	if uid := toldUID.FindStringSubmatch(items); uid != nil {
		n, _ := strconv.ParseUint(uid[1], 10, 32)
		if m.uid != 0 && m.uid != imap.UID(n) {
			b.fail("%s, which had UID %d", line, m.uid)
		}
		m.uid = imap.UID(n)
	}
	if flags := toldFlags.FindStringSubmatch(items); flags != nil {
		all := strings.Fields(flags[1])
		m.flags = slices.DeleteFunc(append([]string{}, all...), func(f string) bool { return f == `\Recent` })
		if len(m.flags) < len(all) && m.uid != 0 {
			if owner := b.recent[m.uid]; owner != "" && owner != b.name {
				b.fail(`%s, which is \Recent in session %s`, line, owner)
			}
			b.recent[m.uid] = b.name
		}
	}
}

func (b *believer) fail(format string, args ...any) {
	b.t.Helper()
	b.t.Fatalf("session %s: %s\n%s", b.name, fmt.Sprintf(format, args...), strings.Join((*b.log)[max(0, len(*b.log)-60):], "\n"))
}

// check compares what is believed with what is, after a command that may have left
// expunges untold.
func (b *believer) check(f *fixture, untold bool) {
	b.t.Helper()
	live := f.inbox.Messages()
	if n := int(live.Len()); n > len(b.messages) || n < len(b.messages) && !untold {
		b.fail("believes in %d messages, there are %d", len(b.messages), n)
	}
	last := imap.UID(0)
	for i, m := range b.messages {
		if m.uid == 0 {
			continue
		}
		if m.uid <= last {
			b.fail("UIDs don't ascend: %v", b.messages)
		}
		last = m.uid
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
		if want := flagNames(now.Flags); m.flags != nil && !slices.Equal(want, slices.Sorted(slices.Values(m.flags))) {
			b.fail("UID %d has %v, not %v", m.uid, want, m.flags)
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

// Sessions that do anything at all, in any order, always agree with what they have
// been told, and in the end with each other.
func TestSessionsAgree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.mailbox("Other")
			rnd := rand.New(rand.NewPCG(seed, 0))
			var log []string
			recent := make(map[imap.UID]string)
			sessions := make([]*believer, 2+rnd.IntN(2))
			for i := range sessions {
				sessions[i] = &believer{client: f.login(), name: string(rune('A' + i)), log: &log, recent: recent}
				sessions[i].do("SELECT INBOX")
			}
			for range 150 {
				b := sessions[rnd.IntN(len(sessions))]
				b.step(f, rnd)
			}
			for _, b := range sessions {
				b.do("NOOP")
				b.do("UID FETCH 1:* FLAGS")
				b.check(f, false)
			}
		})
	}
}

// step does one thing of a session, after something behind its back.
func (b *believer) step(f *fixture, rnd *rand.Rand) {
	b.t.Helper()
	f.randomly(rnd)
	first, last := f.someUID(rnd), f.someUID(rnd)
	uidForm := "UID "
	if n := len(b.messages); n > 0 && rnd.IntN(2) == 0 {
		uidForm, first, last = "", 1+rnd.IntN(n), 1+rnd.IntN(n)
	}
	op, flag := []string{"", "+", "-"}[rnd.IntN(3)], []string{`\Seen`, `\Flagged`, `\Deleted`, "$Work", "$Junk"}[rnd.IntN(5)]
	commands := []string{
		"FETCH %s FLAGS", "FETCH %s (UID FLAGS)", "FETCH %s BODY[]", "FETCH %s UID", `STORE %s +FLAGS (\Deleted)`,
		"STORE %s " + op + "FLAGS (" + flag + ")", "STORE %s " + op + "FLAGS.SILENT (" + flag + ")",
		"SEARCH %s", "SEARCH ALL", "COPY %s Other", "COPY %s INBOX", "MOVE %s INBOX", "MOVE %s Other",
		"NOOP", "EXPUNGE", "EXPUNGE %s", "APPEND INBOX {1+}\r\nx",
	}
	command := commands[rnd.IntN(len(commands))]
	switch {
	case command == "EXPUNGE %s" || command == "SEARCH %s":
		uidForm = "UID "
		if command[0] == 'S' {
			command = "SEARCH UID %s"
		}
	case command == "NOOP" || command == "EXPUNGE" || command[0] == 'A':
		uidForm = ""
	}
	command = uidForm + strings.Replace(command, "%s", fmt.Sprintf("%d:%d", first, last), 1)
	if strings.Contains(command, "SILENT") {
		b.assume(f, uidForm != "", min(first, last), max(first, last), op, flag)
	}
	b.do("%s", command)
	b.check(f, keepsNumbers(command))
}

// assume takes a silent STORE for done (RFC 3501 §6.4.6), on messages that are there.
func (b *believer) assume(f *fixture, byUID bool, first, last int, op, flag string) {
	for i := range b.messages {
		m := &b.messages[i]
		n := i + 1
		if byUID {
			n = int(m.uid)
		}
		switch _, live := f.inbox.Messages().Find(m.uid); {
		case m.uid == 0:
			m.flags = nil // was it one of them?
		case n < first || n > last || live == nil || m.flags == nil:
		case op == "":
			m.flags = []string{flag}
		case op == "-":
			m.flags = slices.DeleteFunc(m.flags, func(f string) bool { return f == flag })
		case !slices.Contains(m.flags, flag):
			m.flags = append(m.flags, flag)
		}
	}
}

// someUID returns a UID of INBOX that may be there still.
func (f *fixture) someUID(rnd *rand.Rand) int {
	return max(1, int(f.inbox.Status().UIDNext)-rnd.IntN(30))
}

// randomly changes INBOX without any session.
func (f *fixture) randomly(rnd *rand.Rand) {
	f.t.Helper()
	uid := imap.UID(f.someUID(rnd))
	switch rnd.IntN(8) {
	case 0, 1:
		f.numbered(1 + rnd.IntN(3))
	case 2:
		f.inbox.Expunge(uids(uid, uid+1))
	case 3:
		f.set([]imap.StoreFlagsOp{imap.StoreFlagsAdd, imap.StoreFlagsDel}[rnd.IntN(2)], []imap.Flag{imap.FlagSeen, "$Work"}[rnd.IntN(2)], uid, uid+1, uid+2)
	}
}
