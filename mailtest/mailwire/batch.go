package mailwire

// batch is output on its way to the client.
type batch struct {
	text  []byte
	skips []elision
	// pushed: it isn't the session that sends it, so that nothing is known of what it has heard.
	pushed bool
	body   int // where the lines of a multi-line answer begin in text, -1: nowhere
}

// add appends octets; those of a long literal, or of a long run of body lines, are
// elided from the transcript.
func (b *batch) add(octets []byte, p Protocol, body bool) {
	if len(octets) == 0 {
		return
	}
	if !body {
		b.endBody()
	} else if b.body < 0 || len(b.text) == 0 {
		b.body = len(b.text)
	}
	if p == IMAP && len(octets) > elideOver {
		for _, s := range stretches(octets) {
			if s.kind == literalOctets && s.to-s.from > elideOver {
				b.skip(len(b.text)+s.from, len(b.text)+s.to, octets[s.from:s.to])
			}
		}
	}
	b.text = append(b.text, octets...)
}

// endBody elides the body lines so far, if they are many.
func (b *batch) endBody() {
	if b.body >= 0 && len(b.text)-b.body > elideOver {
		b.skip(b.body, len(b.text), b.text[b.body:])
	}
	b.body = -1
}

func (b *batch) skip(from, to int, octets []byte) {
	head := len(headOf(octets, literalHead))
	n := to - from - head
	b.skips = append(b.skips, elision{at: from + head, present: n, octets: int64(n)})
}

func (b *batch) cutAt(n int) {
	b.text = b.text[:n]
	for i, s := range b.skips {
		if s.at >= n {
			b.skips = b.skips[:i]
			return
		}
		if s.at+s.present > n {
			b.skips[i].present = n - s.at
			b.skips[i].octets = int64(n - s.at)
		}
	}
}
