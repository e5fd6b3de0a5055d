package imapfake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// extension is a capability with all that it brings.
type extension struct {
	cap imap.Cap
	// shown tells whether CAPABILITY lists it in this session now; nil: always.
	shown func(*session) bool
	// value is what CAPABILITY lists after its name; nil: nothing.
	value  func(*session) string
	enable bool // a client turns it on by ENABLE (RFC 5161)
	// onRequest: it is offered only if asked for.
	onRequest bool
	// needs are capabilities without which it can't be.
	needs []imap.Cap
	// onEnable runs when a client has turned it on.
	onEnable func(*session)
	// onSelect writes what it adds to the answer to SELECT and EXAMINE.
	onSelect func(*session, mailstore.Status)
	// onLogin runs when a client has logged in.
	onLogin        func(*session)
	commands       []command
	appendForms    []appendForm
	fetchItems     []fetchItem
	fetchModifiers []fetchModifier
	storeModifiers []storeModifier
	storeItems     []storeItem
	selectParams   []selectParam
	createParams   []createParam
	listSelects    []listOption
	listReturns    []listOption
	searchKeys     []searchKey
	statusItems    []statusItem

	searchReturns, sortReturns []returnOption
	sortKeys                   []sortKey
	threadAlgorithms           []threadAlgorithm
}

// extensions lists everything that the server knows, in the order of CAPABILITY.
func extensions() []extension {
	return slices.Concat([]extension{
		imap4rev1(),
		literalPlus(),
		literalMinus(),
		saslIR(),
		startTLS(),
		loginDisabled(),
	}, authMechanisms(), []extension{
		enable(),
		id(),
		idle(),
		namespace(),
		children(),
		listExtended(),
		listStatus(),
		specialUse(),
		createSpecialUse(),
		condStore(),
		qresync(),
		uidPlus(),
		unselect(),
		move(),
		multiAppend(),
		binaryContent(),
		catenate(),
		urlPartial(),
		urlAuth(),
		urlAuthBinary(),
		replace(),
		utf8Accept(),
		uidOnly(),
		compress(),
		statusSize(),
		appendLimit(),
		objectID(),
		saveDate(),
		within(),
		preview(),
		metadata(),
		metadataServer(),
		notify(),
		inProgress(),
		unauthenticate(),
		language(),
		gmail(),
	}, searchExtensions(), quotaExtensions())
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
	only    []imap.Cap // nil: all that aren't on request
	more    []imap.Cap // beside those
	without []imap.Cap
}

// table holds what one server knows: the rows of its capabilities.
type table struct {
	extensions     []extension
	caps           map[imap.Cap]bool
	commands       map[string]command
	appendForms    map[string]appendForm
	fetchItems     map[string]fetchItem
	fetchModifiers map[string]fetchModifier
	storeModifiers map[string]storeModifier
	storeItems     map[string]storeItem
	selectParams   map[string]selectParam
	createParams   map[string]createParam
	listSelects    map[string]listOption
	listReturns    map[string]listOption
	searchKeys     map[string]searchKey
	statusItems    map[string]statusItem

	searchReturns, sortReturns map[string]returnOption
	sortKeys                   map[string]sortKey
	threadAlgorithms           map[string]threadAlgorithm
}

// fullTable is the table of everything. It never changes, so that servers share it.
var fullTable = sync.OnceValue(func() *table {
	t, _ := buildTable(capabilityChoice{}, ownRows{})
	return t
})

func newTable(choice capabilityChoice, own ownRows) (*table, error) {
	if choice.only == nil && choice.more == nil && choice.without == nil && own.empty() {
		return fullTable(), nil
	}
	return buildTable(choice, own)
}

func buildTable(choice capabilityChoice, own ownRows) (*table, error) {
	t := &table{
		caps: make(map[imap.Cap]bool), commands: make(map[string]command), fetchItems: make(map[string]fetchItem),
		fetchModifiers: make(map[string]fetchModifier), storeModifiers: make(map[string]storeModifier), storeItems: make(map[string]storeItem),
		appendForms:  make(map[string]appendForm),
		selectParams: make(map[string]selectParam), createParams: make(map[string]createParam),
		listSelects: make(map[string]listOption), listReturns: make(map[string]listOption),
		searchKeys: make(map[string]searchKey), statusItems: make(map[string]statusItem),
		searchReturns: make(map[string]returnOption), sortReturns: make(map[string]returnOption),
		sortKeys: make(map[string]sortKey), threadAlgorithms: make(map[string]threadAlgorithm),
	}
	all, ownErr := own.addTo(extensions())
	choice.more = append(slices.Clip(choice.more), own.caps...)
	offered, err := choice.offered(all)
	for _, ext := range all {
		if offered[ext.cap] {
			t.add(ext)
		}
	}
	own.overrideRows(t)
	return t, errors.Join(err, ownErr)
}

// offered returns the capabilities that are on. One that was asked for brings those
// that it needs along; one whose need was turned off goes with it.
func (choice capabilityChoice) offered(all []extension) (map[imap.Cap]bool, error) {
	known, on := make(map[imap.Cap]bool), make(map[imap.Cap]bool)
	for _, ext := range all {
		known[ext.cap] = true
		on[ext.cap] = choice.only == nil && !ext.onRequest || ext.cap == imap.CapIMAP4rev1
	}
	asked := slices.Concat(choice.only, choice.more)
	for _, c := range slices.Concat(asked, choice.without) {
		if !known[canonicalCap(c)] {
			return nil, fmt.Errorf("imapfake: unknown capability %q", c)
		}
	}
	for _, c := range asked {
		on[canonicalCap(c)] = true
	}
	for _, c := range choice.without {
		if equalCap(c, imap.CapIMAP4rev1) {
			return nil, fmt.Errorf("imapfake: %s can't be turned off", imap.CapIMAP4rev1)
		}
		on[canonicalCap(c)] = false
	}
	return on, choice.settle(all, on)
}

// settle makes on agree with what the capabilities need of each other. It goes
// through them often enough for chains of needs.
func (choice capabilityChoice) settle(all []extension, on map[imap.Cap]bool) error {
	is := func(c imap.Cap) func(imap.Cap) bool { return func(other imap.Cap) bool { return equalCap(other, c) } }
	for range all {
		for _, ext := range all {
			for _, need := range ext.needs {
				switch {
				case !on[ext.cap] || on[need]:
				case choice.only == nil:
					on[ext.cap] = false
				case slices.ContainsFunc(choice.without, is(need)):
					return fmt.Errorf("imapfake: %s needs %s, which is turned off", ext.cap, need)
				default:
					on[need] = true
				}
			}
		}
	}
	return nil
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
	for _, f := range ext.appendForms {
		t.appendForms[f.name] = f
	}
	for _, i := range ext.fetchItems {
		t.fetchItems[i.name] = i
	}
	for _, m := range ext.fetchModifiers {
		t.fetchModifiers[m.name] = m
	}
	for _, m := range ext.storeModifiers {
		t.storeModifiers[m.name] = m
	}
	for _, i := range ext.storeItems {
		t.storeItems[i.name] = i
	}
	for _, p := range ext.selectParams {
		t.selectParams[p.name] = p
	}
	for _, p := range ext.createParams {
		t.createParams[p.name] = p
	}
	for _, o := range ext.listSelects {
		t.listSelects[o.name] = o
	}
	for _, o := range ext.listReturns {
		t.listReturns[o.name] = o
	}
	for _, k := range ext.searchKeys {
		t.searchKeys[k.name] = k
	}
	for _, i := range ext.statusItems {
		t.statusItems[i.name] = i
	}
	for _, r := range ext.searchReturns {
		t.searchReturns[r.name] = r
	}
	for _, r := range ext.sortReturns {
		t.sortReturns[r.name] = r
	}
	for _, k := range ext.sortKeys {
		t.sortKeys[k.name] = k
	}
	for _, a := range ext.threadAlgorithms {
		t.threadAlgorithms[a.name] = a
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
		if (ext.shown == nil || ext.shown(s)) && s.announces(ext.cap) {
			b.WriteByte(' ')
			b.WriteString(string(ext.cap))
			if ext.value != nil {
				b.WriteString(ext.value(s))
			}
		}
	}
	return b.String()
}
