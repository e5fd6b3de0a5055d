package mailreplay

import (
	"fmt"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// Deviation is where a client said something else than the log has.
type Deviation struct {
	Log      string // its name
	Line     int    // of the log; 0: it says nothing about this
	Protocol mailwire.Protocol
	Session  int    // which connection of the protocol, from 1
	Want     string // what the log has; "": nothing
	Got      string // what the client sent; "": nothing
	Problem  string // how they differ
}

// Error returns the deviation with what the log has and what the client sent as a diff.
func (d *Deviation) Error() string {
	var b strings.Builder
	b.WriteString(d.Log)
	if d.Line > 0 {
		fmt.Fprintf(&b, " line %d", d.Line)
	}
	fmt.Fprintf(&b, ", %s session %d: the client deviates from the log: %s", d.Protocol, d.Session, d.Problem)
	if d.Want != "" || d.Got != "" {
		b.WriteString(" (-log +client)")
	}
	for _, side := range []struct{ mark, text string }{{"-", d.Want}, {"+", d.Got}} {
		if side.text == "" {
			continue
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(side.text, "\r\n"), "\r\n") {
			fmt.Fprintf(&b, "\n%s %s", side.mark, printable(line))
		}
	}
	return b.String()
}

// shownLimit is how many octets of a line are shown.
const shownLimit = 500

// printable returns a line of the protocol in a transcript's form.
func printable(text string) string {
	dots := ""
	if len(text) > shownLimit {
		text, dots = text[:shownLimit], "…"
	}
	return string(mailwire.Escape(nil, []byte(text))) + dots
}

// shown returns what the log has of a group's command.
func (g *group) shown() string {
	if g.unknown {
		return "a command that the log doesn't have"
	}
	first, _, _ := strings.Cut(g.String(), "\r\n")
	return printable(first)
}
