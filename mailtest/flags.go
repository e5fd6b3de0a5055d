package mailtest

import (
	"flag"
	"fmt"
)

// The flags that go test takes for tests which import this package. Flags are the one thing that
// a package has to set up before anyone calls it.
var (
	// update has tests write what they otherwise compare with.
	update = flag.Bool("mailtest.update", false, "write golden files of mail accounts instead of comparing with them")
	// showTranscript is how much of the transcript the log of a failed test has.
	showTranscript = transcriptFlag("mailtest.transcript", "`how much` of the mail transcript a failed test logs: short, all or none")
	// serveAt is where the servers of a failed test stay up.
	serveAt = flag.String("mailtest.serve", "", "keep the mail servers of a failed test up, until interrupted, at this `address`, such as 127.0.0.1:0")
)

// shownTranscript is a value of the flag -mailtest.transcript.
type shownTranscript string

const (
	showShort shownTranscript = "short"
	showAll   shownTranscript = "all"
	showNone  shownTranscript = "none"
)

func transcriptFlag(name, usage string) *shownTranscript {
	v := showShort
	flag.Var(&v, name, usage)
	return &v
}

// String is the flag's value.
func (v *shownTranscript) String() string { return string(*v) }

// Set is called with what the flag is given.
func (v *shownTranscript) Set(s string) error {
	switch shownTranscript(s) {
	case showShort, showAll, showNone:
		*v = shownTranscript(s)
		return nil
	}
	return fmt.Errorf("%q is none of short, all and none", s)
}
