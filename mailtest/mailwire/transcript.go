package mailwire

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"time"
)

// Protocol names what is spoken on a connection.
type Protocol string

// The protocols of this module's servers.
const (
	IMAP Protocol = "imap"
	POP3 Protocol = "pop3"
)

// Direction says where a record comes from.
type Direction uint8

// A Note is about the connection itself: open, closed, TLS started.
const (
	Note   Direction = iota
	Client           // sent by the client
	Server           // sent by the server
)

// String returns the mark that the direction has in a transcript's text.
func (d Direction) String() string {
	switch d {
	case Client:
		return "C:"
	case Server:
		return "S:"
	}
	return "--"
}

// Record is one line of a transcript. The Texts of one session and direction,
// one after the other, are the stream of octets that passed, but for those
// elided and for secrets, which are shown as "***".
type Record struct {
	// Session numbers the connections of a transcript from 1, in the order in
	// which they were accepted, over all protocols.
	Session  int
	Protocol Protocol
	Dir      Direction
	// Time is when the server sent the octets or had them from the network. In
	// a record of ParseTranscript it is the zero time plus the offset.
	Time time.Time
	// Text is what passed, with the CRLF that ends it if there was one.
	Text []byte
	// Elided counts the octets after Text that passed, but weren't kept.
	Elided int64
}

const (
	// defaultLimit is how many octets a transcript keeps unless told otherwise.
	defaultLimit = 16 << 20
	// recordOverhead is about what a record occupies beside its text. It counts
	// towards the limit, or else empty lines would fill the memory.
	recordOverhead = 128
	// pieceLimit is the longest text kept as one record; a longer one is divided
	// so that the oldest part of it can be dropped.
	pieceLimit = 128 << 10
	// blockLimit is the size of the blocks in which texts are kept.
	blockLimit = 64 << 10

	// elideOver is the longest literal (in octets) that is recorded in full.
	elideOver = 4 << 10
	// literalHead is how much of a longer one is recorded at most.
	literalHead = 256
)

// Transcript records what passes on any number of connections. The zero value
// is ready for use and has the default limit. All methods are safe for
// concurrent use.
type Transcript struct {
	mu       sync.Mutex
	limit    int
	records  []Record // each Text holds any number of lines, see Record.lines
	gone     int      // how many at the beginning of records were dropped
	size     int      // of the others, in octets, bookkeeping included
	dropped  int64    // octets of the lines that are gone
	block    []byte   // where the next texts go
	start    time.Time
	sessions int
	live     io.Writer
}

// NewTranscript returns a transcript that keeps about limit octets of memory,
// and drops the oldest lines beyond. Zero means 16 MiB; with a negative limit
// nothing is kept, which leaves SetLive.
func NewTranscript(limit int) *Transcript {
	return &Transcript{limit: limit}
}

// SetLive has each line written to w as it happens, from now on; nil ends
// that. One Write gets one line. A slow w slows the sessions down, its errors
// are ignored, and it must not call the transcript's methods.
func (t *Transcript) SetLive(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = w
}

// Records returns the lines kept so far, oldest first. They are the caller's.
func (t *Transcript) Records() []Record {
	kept, _, _ := t.snapshot()
	var lines []Record
	for _, r := range kept {
		r.Text = bytes.Clone(r.Text)
		lines = slices.AppendSeq(lines, r.lines())
	}
	return lines
}

// snapshot returns the records as kept: their texts are shared and immutable.
func (t *Transcript) snapshot() (kept []Record, dropped int64, start time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.records[t.gone:]), t.dropped, t.start
}

// open begins a session and returns its number.
func (t *Transcript) open(p Protocol, note string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions++
	t.add(Record{Session: t.sessions, Protocol: p, Time: time.Now(), Text: []byte(note)})
	return t.sessions
}

// record copies r, whose Text has the given elisions, to the transcript.
func (t *Transcript) record(r Record, elisions []elision) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, from := r.Text, 0
	for _, e := range elisions {
		r.Text, r.Elided = text[from:e.at], e.octets
		t.add(r)
		from = e.at + e.present
	}
	if from < len(text) {
		r.Text, r.Elided = text[from:], 0
		t.add(r)
	}
}

// add copies r to the transcript; t.mu is held.
func (t *Transcript) add(r Record) {
	if t.start.IsZero() {
		t.start = r.Time
	}
	if t.live != nil {
		for line := range r.lines() {
			_, _ = t.live.Write(line.appendLine(nil, t.start))
		}
	}
	for len(r.Text) > pieceLimit {
		piece := r
		piece.Text, piece.Elided = headOf(r.Text, pieceLimit), 0
		r.Text = r.Text[len(piece.Text):]
		t.keep(piece)
	}
	t.keep(r)
}

func (t *Transcript) keep(r Record) {
	limit := t.limit
	switch {
	case limit < 0:
		return
	case limit == 0:
		limit = defaultLimit
	}
	r.Text = t.copy(r.Text)
	if len(t.records) == cap(t.records) && t.gone > len(t.records)/2 {
		left := copy(t.records, t.records[t.gone:])
		clear(t.records[left:])
		t.records, t.gone = t.records[:left], 0
	}
	t.records = append(t.records, r)
	t.size += len(r.Text) + recordOverhead
	for t.size > limit {
		t.drop(t.size - limit)
	}
}

// copy returns a copy of text that shares its memory with its neighbours.
func (t *Transcript) copy(text []byte) []byte {
	if len(text) >= blockLimit {
		return bytes.Clone(text)
	}
	from := len(t.block)
	if from+len(text) > cap(t.block) {
		t.block = make([]byte, 0, max(len(text), min(blockLimit, 2*cap(t.block)), 1<<10))
		from = 0
	}
	t.block = append(t.block, text...)
	return t.block[from:len(t.block):len(t.block)]
}

// drop forgets the oldest record, or of a large one the lines that its first octets are in.
func (t *Transcript) drop(octets int) {
	oldest := &t.records[t.gone]
	n := len(oldest.Text)
	if n > max(octets, elideOver) && oldest.Dir != Note {
		n = octets - 1 + lineLength(oldest.Text[octets-1:])
	}
	t.dropped += int64(n)
	t.size -= n
	if oldest.Text = oldest.Text[n:]; len(oldest.Text) > 0 {
		return
	}
	t.dropped += oldest.Elided
	*oldest = Record{} // releases the text
	t.gone++
	t.size -= recordOverhead
}

// headOf returns the beginning of text up to limit octets, cut after the last
// CRLF in there if there is one.
func headOf(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	if i := bytes.LastIndex(text[:limit], crlf); i >= 0 {
		limit = i + len(crlf)
	}
	return text[:limit]
}

// elision is a gap in a text that is to be recorded.
type elision struct {
	at      int   // where in the text
	present int   // octets from there on that are in the text, but not to be recorded
	octets  int64 // how many the record says that there were
}

// excerpt is input on its way to the transcript.
type excerpt struct {
	since    time.Time // when its first octet was consumed
	text     []byte
	elisions []elision
}

// add appends octets.
func (e *excerpt) add(p []byte) {
	if len(p) == 0 {
		return
	}
	e.begin()
	e.text = append(e.text, p...)
}

// elide says that n octets follow which aren't kept.
func (e *excerpt) elide(n int64) {
	if n == 0 {
		return
	}
	e.begin()
	if last := len(e.elisions) - 1; last >= 0 && e.elisions[last].at == len(e.text) {
		e.elisions[last].octets += n
		return
	}
	e.elisions = append(e.elisions, elision{at: len(e.text), octets: n})
}

func (e *excerpt) begin() {
	if e.empty() {
		e.since = time.Now()
	}
}

func (e *excerpt) empty() bool { return len(e.text) == 0 && len(e.elisions) == 0 }

func (e *excerpt) reset() {
	e.text, e.elisions = e.text[:0], e.elisions[:0]
	if cap(e.text) > elideOver {
		e.text = nil
	}
}

// mask replaces each occurrence of secret by three asterisks.
func (e *excerpt) mask(secret string) {
	var masked []byte
	from := 0
	for i := range e.elisions {
		gap := &e.elisions[i]
		segment := bytes.ReplaceAll(e.text[from:gap.at], []byte(secret), asterisks)
		// An elision can begin in the middle of a secret.
		for n := min(len(secret)-1, len(segment)); n > 0; n-- {
			if bytes.HasSuffix(segment, []byte(secret[:n])) {
				segment = append(segment[:len(segment)-n], asterisks...)
				break
			}
		}
		masked = append(masked, segment...)
		from, gap.at = gap.at, len(masked)
	}
	e.text = append(masked, bytes.ReplaceAll(e.text[from:], []byte(secret), asterisks)...)
}
