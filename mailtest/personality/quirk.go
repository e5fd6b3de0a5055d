package personality

import (
	"fmt"
	"slices"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Quirk is one deviation of a server from the standards, or from what clients expect. It acts
// by options of the servers, so that it can be had alone, on whatever personality.
type Quirk struct {
	// Name is what [QuirkByName] finds it by.
	Name string
	// Text says what the server does.
	Text string
	// Standard is what the standard has, with its section; "" if nothing.
	Standard string
	// Reference is where it was reported, "-" if nowhere in public. "project#n" is that
	// project's issue or pull request, another word a source file or document of a project.
	Reference string
	// IMAP and POP3 are what it takes.
	IMAP []imapfake.Option
	POP3 []pop3fake.Option
}

func (q Quirk) is(other Quirk) bool { return q.Name == other.Name }

// Protocol returns "IMAP", "POP3" or "IMAP and POP3".
func (q Quirk) Protocol() string {
	switch {
	case q.POP3 == nil:
		return "IMAP"
	case q.IMAP == nil:
		return "POP3"
	}
	return "IMAP and POP3"
}

// Quirks returns every quirk in the order of names.
func Quirks() []Quirk {
	quirks := append(assortedPOP3(), assortedIMAP()...)
	for _, p := range All() {
		quirks = append(append(quirks, p.Quirks...), p.Rare...)
	}
	slices.SortFunc(quirks, func(a, b Quirk) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(quirks, Quirk.is)
}

// QuirkByName returns the quirk of a name; case doesn't matter.
func QuirkByName(name string) (Quirk, error) {
	for _, q := range Quirks() {
		if strings.EqualFold(q.Name, name) {
			return q, nil
		}
	}
	return Quirk{}, fmt.Errorf("personality: no quirk %q", name)
}
