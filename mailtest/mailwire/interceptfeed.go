package mailwire

import "bytes"

// A command with literals for which the client waits to be asked (RFC 3501 §4.3) is
// gathered by asking in the server's place. The server then gets it piece by piece, as it
// asks in turn.

// askForLiteral asks the client for the literal that it has announced.
func (in *interceptor) askForLiteral() error {
	in.showGathered(in.command)
	if err := in.takeTurn(); err != nil {
		return err
	}
	defer in.giveTurn()
	if err := in.respond(onContinuation, in.command, []byte("+ Ready for literal data\r\n"), "", false); err != nil {
		return err
	}
	return in.sendBatch()
}

// showGathered records what was gathered of a command since it last did: the transcript
// has to have it before what the client is told.
func (in *interceptor) showGathered(c *pendingCommand) {
	piece := in.whole[in.shown:]
	in.conn.noteInput(in.wire.maskedPiece(c, piece, in.shown == 0))
	in.shown = len(in.whole)
}

// splitAtLiterals divides a command behind each announcement of a literal for which the
// sender waits to be asked.
func splitAtLiterals(text []byte, p Protocol) (pieces [][]byte) {
	from := 0
	for end := 0; p == IMAP; {
		n := bytes.IndexByte(text[end:], '\n')
		if n < 0 {
			break
		}
		line := text[end : end+n+1]
		end += n + 1
		size, sync, ok := literalInCommand(line)
		if !ok {
			break
		}
		if sync {
			pieces = append(pieces, text[from:end])
			from = end
		}
		if end += int(min(size, int64(len(text)-end))); end == len(text) {
			break
		}
	}
	return append(pieces, text[from:])
}

// feed lets the server have the next piece of a command if a response asks for it. It
// tells whether it did: the client was asked before. mu is held.
func (in *interceptor) feed(on occasion, c *pendingCommand, text []byte) bool {
	if len(in.feeds) == 0 {
		return false
	}
	switch {
	case on == onContinuation:
		in.ready.text = append(in.ready.text[:len(in.ready.text):len(in.ready.text)], in.feeds[0]...)
		in.feeds = in.feeds[1:]
	case on == onTagged && c == in.feeding, bytes.HasPrefix(text, []byte("* BAD")), bytes.HasPrefix(text, []byte("* BYE")):
		in.feeds = nil // refused
	default:
		return false
	}
	close(in.fed)
	in.fed = make(chan struct{})
	return on == onContinuation
}

// fedOrWait waits while the server still has to ask for the rest of a command.
func (in *interceptor) fedOrWait() (waited bool, err error) {
	in.mu.Lock()
	waiting, fed := len(in.feeds) > 0, in.fed
	in.mu.Unlock()
	if !waiting {
		return false, nil
	}
	return true, await(in, fed)
}
