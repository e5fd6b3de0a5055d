package imapfake_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// believer is a client that believes what it is told, and nothing else. It fails the
// test when it is told what can't be.
type believer struct {
	*client
	name     string
	sequence *sequence
	messages []belief
	cache    map[imap.UID][]string // what was known when the mailbox was left: UIDs and flags
	gone     map[imap.UID]bool     // told to be expunged
	modSeq   uint64                // the highest told of the mailbox
	// certain: flags that are told now must be those that are believed.
	certain            bool
	condStore, qresync bool
	command            string // in progress
	idling, away       bool
}

// belief is what a client knows of one message; zero is that it exists.
type belief struct {
	uid    imap.UID
	flags  []string // sorted, without \Recent; nil: never told
	modSeq uint64
	told   bool // in answer to the command in progress
}

var (
	numberedResponse = regexp.MustCompile(`(?s)^\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)(?: \((.*))?$`)
	toldUID          = regexp.MustCompile(`\bUID (\d+)`)
	toldFlags        = regexp.MustCompile(`\bFLAGS \(([^)]*)\)`)
	toldModSeq       = regexp.MustCompile(`\bMODSEQ \((\d+)\)`)
	highestModSeq    = regexp.MustCompile(`\[HIGHESTMODSEQ (\d+)\]`)
	newUIDs          = regexp.MustCompile(`\[(?:APPENDUID \d+|COPYUID \d+ \S+) (\S+)\]`)
	// A valid command fails here only because of messages that are gone (RFC 5530 §3), and
	// may then also name those that a condition kept it from (RFC 7162 §3.1.3).
	expectedEnd      = regexp.MustCompile(`^T (OK|NO \[(EXPUNGEISSUED|MODIFIED [^]]*)\])`)
	modifiedMessages = regexp.MustCompile(`\[MODIFIED (\S+)\]`)
)

// do sends a command and takes in the answer.
func (b *believer) do(format string, args ...any) {
	b.t.Helper()
	b.begin(fmt.Sprintf(format, args...))
	b.finish()
}

func (b *believer) begin(command string) {
	b.t.Helper()
	b.command = command
	for i := range b.messages {
		b.messages[i].told = false
	}
	b.sequence.record(b.name + ": " + command)
	b.send("T " + command)
}

// finish takes in responses up to the tagged one.
func (b *believer) finish() {
	b.t.Helper()
	for {
		line := b.response()
		b.hear(line)
		if !strings.HasPrefix(line, "T ") {
			continue
		}
		if !expectedEnd.MatchString(line) {
			b.fail("%s", line)
		}
		return
	}
}

func (b *believer) response() string {
	b.t.Helper()
	line, err := readResponse(b.r)
	if err != nil {
		b.fail("after %q: %v", line, err)
	}
	line = strings.TrimSuffix(line, "\r\n")
	b.sequence.record("    " + line)
	return line
}

func (b *believer) hear(line string) {
	b.t.Helper()
	if m := highestModSeq.FindStringSubmatch(line); m != nil {
		b.hearModSeq(m[1])
	}
	if m := newUIDs.FindStringSubmatch(line); m != nil && strings.Contains(b.command, " INBOX") {
		for _, uid := range b.set(m[1]) {
			b.sequence.assign(b, uid, line)
		}
	}
	if m := modifiedMessages.FindStringSubmatch(line); m != nil {
		b.hearModified(b.set(m[1]))
	}
	if uids, ok := strings.CutPrefix(line, "* VANISHED "); ok {
		b.vanished(line, uids)
	}
	if numbers, ok := strings.CutPrefix(line, "* SEARCH"); ok {
		numbers, _, _ = strings.Cut(numbers, "(")
		b.found(line, strings.Fields(numbers))
	}
	m := numberedResponse.FindStringSubmatch(line)
	if m == nil {
		return
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "EXISTS":
		// RFC 3501 §7.3.1: only EXPUNGE makes it less.
		if n < len(b.messages) {
			b.fail("%s after %d messages", line, len(b.messages))
		}
		b.messages = append(b.messages, make([]belief, n-len(b.messages))...)
	case "RECENT":
		if n > len(b.messages) {
			b.fail("%s of %d messages", line, len(b.messages))
		}
	case "EXPUNGE":
		if b.qresync {
			b.fail("%s, not VANISHED (RFC 7162 §3.2.10)", line)
		}
		b.expunged(line, b.at(m[1]))
	case "FETCH":
		b.fetched(b.at(m[1]), line, m[3])
	}
}

func (b *believer) hearModSeq(number string) {
	b.t.Helper()
	n, _ := strconv.ParseUint(number, 10, 64)
	if n < b.modSeq {
		b.fail("HIGHESTMODSEQ %d after %d", n, b.modSeq)
	}
	b.modSeq = n
}

// keepsNumbers tells whether RFC 3501 §7.4.1 forbids EXPUNGE in answer to a command.
func keepsNumbers(command string) bool {
	return strings.HasPrefix(command, "FETCH") || strings.HasPrefix(command, "STORE") || strings.HasPrefix(command, "SEARCH")
}

// expunged takes a message away.
func (b *believer) expunged(line string, m *belief) {
	b.t.Helper()
	if keepsNumbers(b.command) {
		b.fail("%s in answer to %s", line, b.command)
	}
	if m.uid != 0 {
		b.gone[m.uid] = true
	}
	i := 0
	for &b.messages[i] != m {
		i++
	}
	b.messages = slices.Delete(b.messages, i, i+1)
}

// vanished takes away the messages of a VANISHED response (RFC 7162 §3.2.10).
func (b *believer) vanished(line, uids string) {
	b.t.Helper()
	if !b.qresync {
		b.fail("%s without QRESYNC", line)
	}
	if earlier, ok := strings.CutPrefix(uids, "(EARLIER) "); ok {
		if !strings.Contains(b.command, "VANISHED") && !strings.Contains(b.command, "QRESYNC") {
			b.fail("%s in answer to %s", line, b.command)
		}
		for _, uid := range b.set(earlier) {
			delete(b.cache, uid)
		}
		return
	}
	for _, uid := range b.set(uids) {
		m := b.mayHave(uid)
		if m == nil {
			b.fail("%s of a message that can't be UID %d", line, uid)
		}
		m.uid = uid
		b.expunged(line, m)
	}
}

// mayHave returns the message with a UID. When it isn't known which that is, but not
// between which, it returns one of these, after which the flags of none are known.
func (b *believer) mayHave(uid imap.UID) *belief {
	first := 0
	for i := range b.messages {
		switch m := &b.messages[i]; {
		case m.uid == uid:
			return m
		case m.uid > uid:
			return b.oneOf(first, i)
		case m.uid != 0:
			first = i + 1
		}
	}
	return b.oneOf(first, len(b.messages))
}

func (b *believer) oneOf(first, end int) *belief {
	if first == end {
		return nil
	}
	for i := first; i < end; i++ {
		b.messages[i].flags, b.messages[i].modSeq = nil, 0
	}
	return &b.messages[first]
}

// found checks that SEARCH names messages that the client knows of.
func (b *believer) found(line string, numbers []string) {
	b.t.Helper()
	for _, n := range numbers {
		if !strings.HasPrefix(b.command, "UID ") {
			b.at(n)
			continue
		}
		if uid, _ := strconv.Atoi(n); b.gone[imap.UID(uid)] {
			b.fail("%s has UID %s, which was expunged", line, n)
		}
	}
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
	uid := toldUID.FindStringSubmatch(items)
	if uid != nil {
		n, _ := strconv.ParseUint(uid[1], 10, 32)
		b.identify(m, imap.UID(n), line)
	}
	modSeq := toldModSeq.FindStringSubmatch(items)
	if modSeq != nil {
		n, _ := strconv.ParseUint(modSeq[1], 10, 64)
		if n < m.modSeq || n == 0 {
			b.fail("%s, after modification sequence %d", line, m.modSeq)
		}
		m.modSeq = n
	}
	flags := toldFlags.FindStringSubmatch(items)
	// Dovecot leaves out the one or the other.
	if b.sequence.fake != nil && b.condStore && (uid == nil || modSeq == nil) && b.isUpdate(flags != nil) {
		b.fail("%s without UID and MODSEQ (RFC 7162 §3.2.4)", line)
	}
	if flags == nil {
		return
	}
	all := strings.Fields(flags[1])
	known := m.flags
	m.flags = slices.DeleteFunc(append([]string{}, all...), func(f string) bool { return f == `\Recent` })
	slices.Sort(m.flags)
	m.told = true
	if b.certain && known != nil && !slices.Equal(known, m.flags) {
		b.fail("%s, of which nobody had told: it was %v", line, known)
	}
	if len(m.flags) < len(all) && m.uid != 0 {
		b.sequence.claimRecent(b, m.uid, line)
	}
}

// isUpdate tells whether a FETCH response, perhaps with flags, can only be about a change.
func (b *believer) isUpdate(flags bool) bool {
	if strings.Contains(b.command, "FETCH") {
		return flags && !strings.Contains(b.command, "FLAGS")
	}
	return true
}

// identify learns the UID of a message.
func (b *believer) identify(m *belief, uid imap.UID, line string) {
	b.t.Helper()
	if m.uid != 0 && m.uid != uid {
		b.fail("%s, which had UID %d", line, m.uid)
	}
	if b.gone[uid] {
		b.fail("%s, which was expunged", line)
	}
	m.uid = uid
	b.sequence.lastUID = max(b.sequence.lastUID, uid)
	last := imap.UID(0)
	for i := range b.messages {
		if u := b.messages[i].uid; u != 0 {
			if u <= last {
				b.fail("%s: UIDs don't ascend", line)
			}
			last = u
		}
	}
}

// assume takes a silent STORE for done (RFC 3501 §6.4.6).
func (b *believer) assume(byUID bool, first, last int, op, flag string) {
	first, last = min(first, last), max(first, last)
	for i := range b.messages {
		m := &b.messages[i]
		n := i + 1
		if byUID {
			n = int(m.uid)
		}
		switch {
		case byUID && m.uid == 0:
			m.flags = nil // was it one of them?
		case n < first || n > last || m.flags == nil:
		case op == "":
			m.flags = []string{flag}
		case op == "-":
			m.flags = slices.DeleteFunc(slices.Clone(m.flags), func(f string) bool { return f == flag })
		case !slices.Contains(m.flags, flag):
			m.flags = slices.Sorted(slices.Values(append(slices.Clone(m.flags), flag)))
		}
	}
}

// hearModified takes back what was assumed of messages that a conditional STORE passed
// over (RFC 7162 §3.1.3).
func (b *believer) hearModified(numbers []imap.UID) {
	b.t.Helper()
	byUID := strings.HasPrefix(b.command, "UID ")
	for i := range b.messages {
		m := &b.messages[i]
		n := imap.UID(i + 1)
		if byUID {
			n = m.uid
		}
		if slices.Contains(numbers, n) && !m.told {
			m.flags = nil
		}
	}
}

// set returns the numbers of a set.
func (b *believer) set(text string) []imap.UID {
	b.t.Helper()
	var numbers []imap.UID
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(part, ":")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 32)
		to, err2 := strconv.ParseUint(last, 10, 32)
		if err1 != nil || err2 != nil || to < from {
			b.fail("set %q", text)
		}
		for n := from; n <= to; n++ {
			numbers = append(numbers, imap.UID(n))
		}
	}
	return numbers
}

// leave keeps what is known, for when the mailbox is selected again.
func (b *believer) leave() {
	b.t.Helper()
	b.cache = make(map[imap.UID][]string)
	for _, m := range b.messages {
		if m.uid != 0 {
			b.cache[m.uid] = m.flags
		}
	}
	b.do("UNSELECT")
	b.messages, b.away = nil, true
}

// comeBack selects INBOX again. With QRESYNC the client is told what has changed since it
// selected it last, and must end up with what it would have been told of everything.
func (b *believer) comeBack() {
	b.t.Helper()
	b.away = false
	if !b.qresync {
		b.cache = nil
		b.do("SELECT INBOX")
		return
	}
	b.do("SELECT INBOX (QRESYNC (%d %d))", b.sequence.validity, b.sequence.modSeqs[b.name])
	b.sequence.modSeqs[b.name] = b.modSeq
	b.do("UID FETCH 1:* (UID)")
	for i := range b.messages {
		m := &b.messages[i]
		if m.flags == nil {
			m.flags = b.cache[m.uid]
		}
		delete(b.cache, m.uid)
	}
	if len(b.cache) > 0 {
		b.fail("nobody told that UIDs %v have vanished", slices.Sorted(maps.Keys(b.cache)))
	}
}

func (b *believer) fail(format string, args ...any) {
	b.t.Helper()
	b.sequence.fail(b.name, fmt.Sprintf(format, args...))
}
