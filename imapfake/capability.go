package imapfake

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// extension is a capability with all that it brings.
type extension struct {
	cap imap.Cap // empty: what it brings is always there
	// shown tells whether CAPABILITY lists it in this session now; nil: always.
	shown func(*session) bool
	// value is what CAPABILITY lists after its name; nil: nothing.
	value  func(*session) string
	enable bool // a client turns it on by ENABLE (RFC 5161)
	// onRequest: it is offered only if asked for.
	onRequest bool
	// needs are capabilities without which it can't be.
	needs []imap.Cap
	// covers are lesser capabilities that it stands in for: they are not offered beside it.
	covers []imap.Cap
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
		imap4rev2(),
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
		accessControl(),
		listMyRights(),
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

// table holds what a session knows: the rows of its capabilities.
type table struct {
	offered    []extension // what CAPABILITY lists and ENABLE knows
	extensions []extension // of those, the ones in force
	// rev2 is the table from when the client has enabled IMAP4rev2; nil: it can't.
	rev2           *table
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
	if choice.usual == nil && choice.only == nil && choice.more == nil && choice.without == nil && own.empty() {
		return fullTable(), nil
	}
	return buildTable(choice, own)
}

// buildTable returns the table of new sessions. A session is of one revision of the
// protocol: what only the other has is unknown to it.
func buildTable(choice capabilityChoice, own ownRows) (*table, error) {
	all, ownErr := own.addTo(extensions())
	choice.own = own.caps
	offer, err := choice.settle(all)
	if err := errors.Join(err, ownErr); err != nil {
		return nil, err
	}
	t := offer.table(all, imap.CapIMAP4rev2)
	own.overrideRows(t)
	if offer.on[imap.CapIMAP4rev2] {
		rev2 := offer.table(all, imap.CapIMAP4rev1)
		own.overrideRows(rev2)
		t.rev2, rev2.rev2 = rev2, rev2
	}
	if !offer.on[imap.CapIMAP4rev1] {
		return t.rev2, nil
	}
	return t, nil
}

func emptyTable() *table {
	return &table{
		caps: make(map[imap.Cap]bool), commands: make(map[string]command), fetchItems: make(map[string]fetchItem),
		fetchModifiers: make(map[string]fetchModifier), storeModifiers: make(map[string]storeModifier), storeItems: make(map[string]storeItem),
		appendForms:  make(map[string]appendForm),
		selectParams: make(map[string]selectParam), createParams: make(map[string]createParam),
		listSelects: make(map[string]listOption), listReturns: make(map[string]listOption),
		searchKeys: make(map[string]searchKey), statusItems: make(map[string]statusItem),
		searchReturns: make(map[string]returnOption), sortReturns: make(map[string]returnOption),
		sortKeys: make(map[string]sortKey), threadAlgorithms: make(map[string]threadAlgorithm),
	}
}

// table returns the rows of what is offered, but for one revision of the protocol.
func (o *offer) table(all []extension, without imap.Cap) *table {
	t := emptyTable()
	for _, ext := range all {
		if !o.on[ext.cap] && ext.cap != "" {
			continue
		}
		if o.folded[ext.cap] && !o.on[imap.CapIMAP4rev1] {
			ext.shown = func(*session) bool { return false }
		}
		t.offered = append(t.offered, ext)
		if ext.cap != without {
			t.add(ext)
		}
	}
	return t
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

// has tells whether the session has a capability.
func (s *session) has(c imap.Cap) bool { return s.table.caps[c] }

// offering returns what brings a capability that the server offers, in any case of its
// name, if it does.
func (s *session) offering(name string) (extension, bool) {
	for _, ext := range s.table.offered {
		if strings.EqualFold(string(ext.cap), name) {
			return ext, true
		}
	}
	return extension{}, false
}

// capabilities returns what the server offers in the session's present state.
func (s *session) capabilities() string {
	var b strings.Builder
	b.WriteString("CAPABILITY")
	for _, ext := range s.table.offered {
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
