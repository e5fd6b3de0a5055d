package mailwire

import "math"

// LiteralSize returns the size of the literal that an IMAP line announces at its end (RFC 3501
// §4.3), and whether it doesn't wait for the server's "+" (RFC 7888 §4). It isn't ok if the line
// announces none, or one of 2 GiB or more.
func LiteralSize(line []byte) (octets int64, nonSync, ok bool) {
	size, sync, ok := literalAtEnd(line)
	if !ok || size > math.MaxInt32 {
		return 0, false, false
	}
	return size, !sync, true
}

// IsPOP3Multiline tells whether +OK in answer to a POP3 command begins a response of several
// lines (RFC 1939 §3, §5, §7; RFC 2449 §5; RFC 6856 §3.2; XTND XLST).
func IsPOP3Multiline(command string) bool {
	_, more := multiline(command)
	return more
}
