package mailreplay

import (
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
)

func TestPaddingIsAMessageThatClientsUnderstand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		protocol mailwire.Protocol
		before   string
		octets   int64
		want     string
	}{
		"a message":              {mailwire.IMAP, "* 1 FETCH (BODY[] {30}\r\n", 30, "Subject: padding\r\n\r\nxxxxxxxx\r\n"},
		"a short message":        {mailwire.IMAP, "* 1 FETCH (BODY[] {12}\r\n", 12, "X: x\r\n\r\nxx\r\n"},
		"hardly a message":       {mailwire.IMAP, "* 1 FETCH (BODY[] {3}\r\n", 3, "x\r\n"},
		"an octet":               {mailwire.IMAP, "* 1 FETCH (BODY[] {1}\r\n", 1, "\n"},
		"a header":               {mailwire.IMAP, "* 1 FETCH (RFC822.HEADER {22}\r\n", 22, "Subject: padding x\r\n\r\n"},
		"a part of a header":     {mailwire.IMAP, "* 1 FETCH (BODY[HEADER.FIELDS (TO SUBJECT)] {9}\r\n", 9, "X: xx\r\n\r\n"},
		"the end of a header":    {mailwire.IMAP, "* 1 FETCH (BODY[HEADER] {17}\r\nTo: a\r\n", 10, "X: xxx\r\n\r\n"},
		"the end of a field":     {mailwire.IMAP, "* 1 FETCH (BODY[] {17}\r\nTo: a", 12, "\r\n\r\nxxxxxx\r\n"},
		"the end of a message":   {mailwire.IMAP, "* 1 FETCH (BODY[] {17}\r\nTo: a\r\n\r\nhi", 8, "xxxxxx\r\n"},
		"an answer to RETR":      {mailwire.POP3, "+OK\r\n", 24, "Subject: padding\r\n\r\nxx\r\n"},
		"the end of one to RETR": {mailwire.POP3, "+OK\r\nTo: a\r\n", 6, "\r\nxx\r\n"},
	} {
		var got strings.Builder
		write := func(p []byte) error {
			got.Write(p)
			return nil
		}
		if err := paddingAfter(test.protocol, []byte(test.before), test.octets).writeTo(write, test.octets); err != nil {
			t.Error(err)
		}
		if got.String() != test.want {
			t.Errorf("%s: %q, want %q", name, got.String(), test.want)
		}
	}
	for octets := range int64(500) {
		for _, before := range []string{"* 1 FETCH (BODY[] {1}\r\n", "* 1 FETCH (RFC822.HEADER {1}\r\n", "* 1 FETCH (BODY[] {1}\r\nTo: a"} {
			var n int64
			write := func(p []byte) error {
				n += int64(len(p))
				return nil
			}
			if paddingAfter(mailwire.IMAP, []byte(before), octets).writeTo(write, octets); n != octets {
				t.Errorf("%d octets after %q, want %d", n, before, octets)
			}
		}
	}
}
