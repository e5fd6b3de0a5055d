package imapfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// capabilityChoice is what the options say of capabilities.
type capabilityChoice struct {
	usual   []imap.Cap // by default; nil: all that aren't on request
	only    []imap.Cap // nil: the usual ones
	more    []imap.Cap // beside those
	without []imap.Cap
	own     []imap.Cap // that a test's author has added; they are on unless turned off
}

// announce adds a capability that another option brings, unless it is turned off.
func (choice *capabilityChoice) announce(c imap.Cap) {
	if !slices.ContainsFunc(choice.without, func(off imap.Cap) bool { return equalCap(off, c) }) {
		choice.more = append(choice.more, c)
	}
}

// offer is what becomes of a choice.
type offer struct {
	on map[imap.Cap]bool
	// folded are on only as parts of IMAP4rev2 (RFC 9051 appendix E): where that is all
	// there is, they go without saying.
	folded map[imap.Cap]bool

	all map[imap.Cap]extension
	off map[imap.Cap]bool // turned off by name
}

// settle returns what is offered. A capability that was asked for by name brings those
// that it needs along, or is an error if they were turned off; one that is on by
// default goes with what it needs.
func (choice capabilityChoice) settle(all []extension) (*offer, error) {
	o := &offer{on: make(map[imap.Cap]bool), all: make(map[imap.Cap]extension)}
	for _, ext := range all {
		if _, known := o.all[ext.cap]; !known && ext.cap != "" {
			o.all[ext.cap] = ext
		}
	}
	named, err := o.names(slices.Concat(choice.only, choice.more))
	if err != nil {
		return nil, err
	}
	if o.off, err = o.names(choice.without); err != nil {
		return nil, err
	}
	usual, err := o.names(choice.usual)
	if err != nil {
		return nil, err
	}
	if err := o.chooseRevision(named); err != nil {
		return nil, err
	}
	if err := o.contradiction(all, named); err != nil {
		return nil, err
	}
	for _, ext := range all {
		isUsual := usual[ext.cap] || choice.usual == nil && !ext.onRequest
		byDefault := choice.only == nil && isUsual || slices.Contains(choice.own, ext.cap)
		o.on[ext.cap] = named[ext.cap] || byDefault && !o.off[ext.cap]
	}
	o.chooseOne(all, named)
	for _, ext := range all {
		if named[ext.cap] && ext.cap != imap.CapIMAP4rev2 {
			if err := o.load(ext.cap); err != nil {
				return nil, err
			}
		}
	}
	before := maps.Clone(o.on)
	if named[imap.CapIMAP4rev2] {
		if err := o.load(imap.CapIMAP4rev2); err != nil {
			return nil, err
		}
	}
	o.folded = maps.Clone(o.on)
	maps.DeleteFunc(o.folded, func(c imap.Cap, on bool) bool { return before[c] || !on })
	o.dropWanting(all)
	return o, nil
}

// names returns capabilities as the standard writes them.
func (o *offer) names(caps []imap.Cap) (map[imap.Cap]bool, error) {
	names := make(map[imap.Cap]bool)
	for _, c := range caps {
		known := false
		for name := range o.all {
			if equalCap(name, c) {
				names[name], known = true, true
			}
		}
		if !known {
			return nil, fmt.Errorf("imapfake: unknown capability %q", c)
		}
	}
	return names, nil
}

func equalCap(a, b imap.Cap) bool { return strings.EqualFold(string(a), string(b)) }

// chooseRevision adds to the capabilities that were named the revision of the protocol
// that goes without saying.
func (o *offer) chooseRevision(named map[imap.Cap]bool) error {
	switch {
	case !o.off[imap.CapIMAP4rev1]:
		named[imap.CapIMAP4rev1] = true
	case o.off[imap.CapIMAP4rev2]:
		return fmt.Errorf("imapfake: %s and %s can't both be turned off", imap.CapIMAP4rev1, imap.CapIMAP4rev2)
	default:
		named[imap.CapIMAP4rev2] = true
	}
	return nil
}

// contradiction tells of capabilities that can't be asked for as they were.
func (o *offer) contradiction(all []extension, named map[imap.Cap]bool) error {
	for _, ext := range all {
		if !named[ext.cap] {
			continue
		}
		if o.off[ext.cap] {
			return fmt.Errorf("imapfake: %s is both asked for and turned off", ext.cap)
		}
		for _, lesser := range ext.covers {
			if named[lesser] {
				return fmt.Errorf("imapfake: %s and %s exclude each other", ext.cap, lesser)
			}
		}
	}
	return nil
}

// chooseOne turns off the lesser of two that can't be offered beside each other, or the
// one that nobody asked for.
func (o *offer) chooseOne(all []extension, named map[imap.Cap]bool) {
	for _, ext := range all {
		for _, lesser := range ext.covers {
			switch {
			case !o.on[ext.cap]:
			case named[lesser]:
				o.on[ext.cap] = false
			default:
				o.on[lesser] = false
			}
		}
	}
}

// satisfying returns the capability that meets a need, whether it is on yet or not.
func (o *offer) satisfying(need imap.Cap) imap.Cap {
	for _, ext := range o.all {
		if o.on[ext.cap] && slices.Contains(ext.covers, need) {
			return ext.cap
		}
	}
	return need
}

// load turns the last of a chain of capabilities on, each of which needs the next,
// with all that it needs.
func (o *offer) load(chain ...imap.Cap) error {
	c := chain[len(chain)-1]
	if o.off[c] {
		return fmt.Errorf("imapfake: %s, which is turned off", needing(chain))
	}
	o.on[c] = true
	for _, need := range o.all[c].needs {
		if err := o.load(append(slices.Clip(chain), o.satisfying(need))...); err != nil {
			return err
		}
	}
	return nil
}

// needing says how each capability of a chain needs the next.
func needing(chain []imap.Cap) string {
	var b strings.Builder
	for i, c := range chain {
		switch i {
		case 0:
		case 1:
			b.WriteString(" needs ")
		default:
			b.WriteString(", which needs ")
		}
		b.WriteString(string(c))
	}
	return b.String()
}

// dropWanting turns off what lacks something that it needs, and then what needs that.
func (o *offer) dropWanting(all []extension) {
	for again := true; again; {
		again = false
		for _, ext := range all {
			lacks := func(need imap.Cap) bool { return !o.on[o.satisfying(need)] }
			if o.on[ext.cap] && slices.ContainsFunc(ext.needs, lacks) {
				o.on[ext.cap], again = false, true
			}
		}
	}
}
