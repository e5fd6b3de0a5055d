package mailstore

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Limits of annotations; RFC 5464 §4.1 asks for at least 1024 octets and 10 entries.
const (
	// MaxMetadataOctets is how long the value of an annotation can be.
	MaxMetadataOctets = 16 << 10
	// MaxMetadataEntries is how many annotations a mailbox, an account or the store has at most.
	MaxMetadataEntries = 100
)

// metadata is a set of annotations by entry name in lower case. It never changes, so
// that it can be handed out and shared.
type metadata map[string]string

// Metadata returns the annotations (RFC 5464) of a mailbox or a \Noselect name by
// entry name, which is always in lower case; mailbox "" stands for the server. An account's
// entries below /private are its own; what is below /shared of the server is the same
// for all accounts of the store. It fails with [ErrNoMailbox].
func (a *Account) Metadata(mailbox string) (map[string]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name, err := a.findAnnotated("get metadata of", mailbox)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(a.metadata[name])
	if all == nil {
		all = make(metadata)
	}
	if name == "" {
		a.store.mu.RLock()
		defer a.store.mu.RUnlock()
		maps.Copy(all, a.store.metadata)
	}
	return all, nil
}

// SetMetadata changes annotations, all or none: nil removes an entry. Names are
// compared without case, and mailbox is as for [Account.Metadata]. It fails with
// [ErrNoMailbox], [ErrInvalidEntry], [ErrMetadataSize] or [ErrMetadataCount].
func (a *Account) SetMetadata(mailbox string, changes map[string]*string) error {
	const op = "set metadata of"
	if err := checkMetadata(op+" "+mailbox, changes); err != nil {
		return err
	}
	if mailbox == "" {
		return a.setServerMetadata(op, changes)
	}
	defer a.lock()()
	name, err := a.findAnnotated(op, mailbox)
	if err != nil {
		return err
	}
	changed := a.metadata[name].with(changes, func(string) bool { return true })
	if len(changed) > MaxMetadataEntries {
		return fail(op, name, ErrMetadataCount)
	}
	a.changeMetadata(name, changed)
	return nil
}

// changeMetadata makes changed a mailbox's annotations and tells who watches it.
func (a *Account) changeMetadata(name string, changed metadata) {
	differing := a.metadata[name].differing(changed)
	a.putMetadata(name, changed)
	if b := a.mailboxes[name]; b != nil && len(differing) > 0 {
		b.modSeq++ // RFC 7162 §3.2
	}
	a.noteMetadata(name, differing)
}

// checkMetadata refuses changes that no mailbox can take.
func checkMetadata(op string, changes map[string]*string) error {
	for _, entry := range slices.Sorted(maps.Keys(changes)) {
		if !isSettableEntry(entry) {
			return fail(op, entry, ErrInvalidEntry)
		}
		if value := changes[entry]; value != nil && len(*value) > MaxMetadataOctets {
			return fail(op, entry, ErrMetadataSize)
		}
	}
	return nil
}

func (a *Account) setServerMetadata(op string, changes map[string]*string) error {
	changed, err := a.putServerMetadata(op, changes)
	// One account's lock after the other's, never two at once.
	for _, other := range a.store.Accounts() {
		if other != a && len(changed) > 0 {
			other.mu.Lock()
			other.notify(Notice{Kind: MetadataChanged, Entries: changed})
			other.mu.Unlock()
		}
	}
	return err
}

// putServerMetadata changes the server's annotations and returns which of those that all
// accounts have are not what they were.
func (a *Account) putServerMetadata(op string, changes map[string]*string) (sharedChanged []string, err error) {
	defer a.lock()()
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	private := a.metadata[""].with(changes, isPrivate)
	shared := a.store.metadata.with(changes, func(entry string) bool { return !isPrivate(entry) })
	if max(len(private), len(shared)) > MaxMetadataEntries {
		return nil, fail(op, "", ErrMetadataCount)
	}
	sharedChanged = a.store.metadata.differing(shared)
	a.noteMetadata("", append(a.metadata[""].differing(private), sharedChanged...))
	a.putMetadata("", private)
	a.store.metadata = shared
	return sharedChanged, nil
}

func (a *Account) noteMetadata(mailbox string, entries []string) {
	a.feed(Event{Kind: MetadataChanged, Mailbox: mailbox})
	if len(entries) > 0 {
		a.notify(Notice{Kind: MetadataChanged, Mailbox: mailbox, Entries: entries})
	}
}

// differing returns the names, in order, of the annotations that are not the same in both.
func (md metadata) differing(other metadata) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(md)) {
		if value, ok := other[name]; !ok || value != md[name] {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(other)) {
		if _, ok := md[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// with returns the annotations after those changes whose lower-case name is wanted.
func (md metadata) with(changes map[string]*string, wanted func(entry string) bool) metadata {
	out := make(metadata, len(md)+len(changes))
	maps.Copy(out, md)
	// In order, in case a name is given twice in different case.
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		entry := strings.ToLower(name)
		switch value := changes[name]; {
		case !wanted(entry):
		case value == nil:
			delete(out, entry)
		default:
			out[entry] = *value
		}
	}
	return out
}

// putMetadata makes md a mailbox's annotations.
func (a *Account) putMetadata(mailbox string, md metadata) {
	if len(md) == 0 {
		delete(a.metadata, mailbox)
		return
	}
	if a.metadata == nil {
		a.metadata = make(map[string]metadata)
	}
	a.metadata[mailbox] = md
}

// findAnnotated returns the canonical name of what can have annotations.
func (a *Account) findAnnotated(op, mailbox string) (string, error) {
	if mailbox == "" {
		return "", nil
	}
	if _, err := a.find(op, mailbox); err != nil && !errors.Is(err, ErrNoSelect) {
		return "", err
	}
	return CanonicalName(mailbox), nil
}

// moveMetadata makes annotations follow what is renamed (RFC 5464 §4.1).
func (a *Account) moveMetadata(from, to string) {
	moved := make(map[string]metadata)
	for name, md := range a.metadata {
		if name == from || isInferior(name, from) {
			moved[to+name[len(from):]] = md
			delete(a.metadata, name)
		}
	}
	for name, md := range moved {
		a.metadata[name] = md
	}
	a.dropMetadataAbove(from)
}

// dropMetadataAbove removes the annotations of \Noselect names that ended with their
// last inferior (RFC 5464 §4.1).
func (a *Account) dropMetadataAbove(gone string) {
	for name := range superiorNames(gone) {
		if a.metadata[name] != nil && a.mailboxes[name] == nil && !a.hasChildren(name) {
			delete(a.metadata, name)
		}
	}
}

// ValidEntry tells whether the name of an annotation, or of a level above some, is well
// formed and within /private or /shared (RFC 5464 §3.2).
func ValidEntry(name string) bool {
	for _, c := range []byte(name) {
		if c < ' ' || c >= 0x7f || c == '*' || c == '%' {
			return false
		}
	}
	name = strings.ToLower(name)
	return (name == "/shared" || name == "/private" || isPrivate(name) || strings.HasPrefix(name, "/shared/")) &&
		!strings.Contains(name, "//") && !strings.HasSuffix(name, "/")
}

// isSettableEntry tells whether an annotation can have the name: below a vendor's name
// there is at least one more level (RFC 5464 §3.2).
func isSettableEntry(name string) bool {
	levels := strings.Split(strings.ToLower(name), "/")[1:]
	return ValidEntry(name) && len(levels) >= 2 && (levels[1] != "vendor" || len(levels) >= 4)
}

func isPrivate(entry string) bool { return strings.HasPrefix(entry, "/private/") }
