package mailreplay

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// recordedLimit is how many octets of a command's arguments the record has.
const recordedLimit = 4 << 10

func (c *session) began(got *command) {
	r := got.recorded()
	r.HideArgs(got.secretFrom())
	if len(r.Raw) > recordedLimit {
		r.Raw, _, _ = strings.Cut(r.Raw[:recordedLimit], "\r\n") // without its literals
	}
	c.record.Begin(r, 0)
}

// status is what a command is answered by, and its response code.
var status = regexp.MustCompile(`(?i)^(?:\+(OK)|-(ERR)|\S+ (OK|NO|BAD))(?: \[([^\]]*)\])?`)

// answered records the answer to the command in progress.
func (c *session) answered(text []byte) {
	if m := status.FindSubmatch(text); m != nil {
		c.record.Answer(strings.ToUpper(string(m[1])+string(m[2])+string(m[3])), string(m[4]))
	}
}

// ended records how the session ended.
func (c *session) ended(err error) {
	end := mailwire.EndedByServer
	switch {
	case err == nil && c.quitting:
		end = mailwire.EndedByClient
	case err != nil && err != errOver:
		end = mailwire.EndOf(err)
	}
	c.record.Close(end, 0)
}
