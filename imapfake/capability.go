package imapfake

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// extension is a capability with all that it brings.
type extension struct {
	cap imap.Cap
	// shown tells whether CAPABILITY lists it in this session now; nil: always.
	shown       func(*session) bool
	enable      bool // a client turns it on by ENABLE (RFC 5161)
	commands    []command
	fetchItems  []fetchItem
	searchKeys  []searchKey
	statusItems []statusItem
}

// extensions lists everything that the server knows, in the order of CAPABILITY.
func extensions() []extension {
	return []extension{
		imap4rev1(),
		literalPlus(),
		saslIR(),
		startTLS(),
		loginDisabled(),
		authPlain(),
		authLogin(),
		enable(),
		id(),
		idle(),
		namespace(),
		children(),
		specialUse(),
		uidPlus(),
		unselect(),
		move(),
	}
}

func imap4rev1() extension {
	return extension{
		cap: imap.CapIMAP4rev1,
		commands: slices.Concat(anyStateCommands(), loginCommands(), selectCommands(), mailboxCommands(),
			listCommands(), statusCommands(), appendCommands(), fetchCommands(), storeCommands(),
			searchCommands(), copyCommands(), expungeCommands()),
		fetchItems:  baseFetchItems(),
		searchKeys:  baseSearchKeys(),
		statusItems: baseStatusItems(),
	}
}

// capabilityChoice is what the options say of capabilities.
type capabilityChoice struct {
	only    []imap.Cap // nil: all
	without []imap.Cap
}

// table holds what one server knows: the rows of its capabilities.
type table struct {
	extensions  []extension
	caps        map[imap.Cap]bool
	commands    map[string]command
	fetchItems  map[string]fetchItem
	searchKeys  map[string]searchKey
	statusItems map[string]statusItem
}

// fullTable is the table of everything. It never changes, so that servers share it.
var fullTable = sync.OnceValue(func() *table {
	t, _ := buildTable(capabilityChoice{})
	return t
})

func newTable(choice capabilityChoice) (*table, error) {
	if choice.only == nil && choice.without == nil {
		return fullTable(), nil
	}
	return buildTable(choice)
}

func buildTable(choice capabilityChoice) (*table, error) {
	t := &table{
		caps: make(map[imap.Cap]bool), commands: make(map[string]command), fetchItems: make(map[string]fetchItem),
		searchKeys: make(map[string]searchKey), statusItems: make(map[string]statusItem),
	}
	known := make(map[imap.Cap]bool)
	for _, ext := range extensions() {
		known[ext.cap] = true
		if choice.offers(ext.cap) {
			t.add(ext)
		}
	}
	for _, c := range slices.Concat(choice.only, choice.without) {
		if !known[canonicalCap(c)] {
			return t, fmt.Errorf("imapfake: unknown capability %q", c)
		}
	}
	if slices.ContainsFunc(choice.without, func(c imap.Cap) bool { return equalCap(c, imap.CapIMAP4rev1) }) {
		return t, fmt.Errorf("imapfake: %s can't be turned off", imap.CapIMAP4rev1)
	}
	return t, nil
}

func (choice capabilityChoice) offers(c imap.Cap) bool {
	is := func(other imap.Cap) bool { return equalCap(other, c) }
	if c == imap.CapIMAP4rev1 {
		return true
	}
	return (choice.only == nil || slices.ContainsFunc(choice.only, is)) && !slices.ContainsFunc(choice.without, is)
}

func equalCap(a, b imap.Cap) bool { return strings.EqualFold(string(a), string(b)) }

// canonicalCap returns a capability in the capitals of the standard.
func canonicalCap(c imap.Cap) imap.Cap {
	if equalCap(c, imap.CapIMAP4rev1) {
		return imap.CapIMAP4rev1
	}
	return imap.Cap(strings.ToUpper(string(c)))
}

func (t *table) add(ext extension) {
	t.extensions = append(t.extensions, ext)
	t.caps[ext.cap] = true
	for _, c := range ext.commands {
		t.commands[c.name] = c
	}
	for _, i := range ext.fetchItems {
		t.fetchItems[i.name] = i
	}
	for _, k := range ext.searchKeys {
		t.searchKeys[k.name] = k
	}
	for _, i := range ext.statusItems {
		t.statusItems[i.name] = i
	}
}

// Capabilities returns every capability that the server can offer, in the order in
// which they are listed.
func Capabilities() []imap.Cap {
	var caps []imap.Cap
	for _, ext := range extensions() {
		caps = append(caps, ext.cap)
	}
	return caps
}

// has tells whether the server has a capability.
func (s *session) has(c imap.Cap) bool { return s.srv.table.caps[c] }

// capabilities returns what the server offers in the session's present state.
func (s *session) capabilities() string {
	var b strings.Builder
	b.WriteString("CAPABILITY")
	for _, ext := range s.srv.table.extensions {
		if ext.shown == nil || ext.shown(s) {
			b.WriteByte(' ')
			b.WriteString(string(ext.cap))
		}
	}
	return b.String()
}
