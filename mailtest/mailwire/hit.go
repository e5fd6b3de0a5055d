package mailwire

// Hit is where a rule matched: what its Go functions get.
type Hit struct {
	Protocol Protocol
	Session  int    // the connection's number in the transcript
	User     string // who has logged in, as the client named itself; empty: nobody yet
	ClientID string // the arguments of the last ID command
	State    string // as in [OnState], before what is at hand
	Mailbox  string // that is selected, as named on the wire
	Command  string // that is at hand or in progress, in upper case; "UID FETCH" in IMAP
	Tag      string // its tag

	// Text is the response, command, literal or step, with its CRLF. [Rule.Do] may change
	// it, and empty it to drop it.
	Text []byte

	entering string // the state that this brings
	in       *interceptor
	firing   *firing // while a rule's actions are carried out
}

// Send sends octets to the client, before what is at hand. It is for [Rule.Do].
func (h *Hit) Send(octets []byte) {
	if h.firing != nil {
		h.firing.failed(h.in.say(octets, h.firing.unit.responding()))
	}
}

// Close closes the connection. It is for [Rule.Do].
func (h *Hit) Close() {
	if h.firing != nil {
		h.firing.failed(actClose(h.firing, nil))
	}
}

// Reset resets the connection. It is for [Rule.Do].
func (h *Hit) Reset() {
	if h.firing != nil {
		h.firing.failed(actReset(h.firing, nil))
	}
}

// ask calls a test author's predicate; one that doesn't return doesn't match.
func (h *Hit) ask(f func(Hit) bool) (yes bool) {
	hit := *h
	return h.in.faults.protect("a rule's When", func() { yes = f(hit) }) && yes
}
