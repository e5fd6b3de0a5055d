package mailtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Dump returns the account as text; see the function [Dump].
func (a *Account) Dump() string { return string(Dump(a.Account)) }

// Load makes the mailboxes of an archive in the account, which has nothing but an empty INBOX;
// see the function [Load].
func (a *Account) Load(archive string) {
	a.tb.Helper()
	must(a.tb, Load(a.Account, []byte(archive)))
}

// LoadFile is Load of a file.
func (a *Account) LoadFile(fsys fs.FS, name string) {
	a.tb.Helper()
	if fsys == nil {
		a.tb.Fatalf("mailtest: load %q: %v", name, errNoFS)
	}
	archive, err := fs.ReadFile(fsys, name)
	must(a.tb, err)
	must(a.tb, Load(a.Account, archive))
}

// WantFile fails the test unless the account is as the archive in a file has it. With the flag
// -mailtest.update of go test the file is written instead. Dates are compared, too: a test gives
// its messages fixed ones (Date and InternalDate of [Mail]), or runs in a bubble of
// testing/synctest.
func (a *Account) WantFile(path string) {
	a.tb.Helper()
	got := a.Dump()
	if *update {
		must(a.tb, os.MkdirAll(filepath.Dir(path), 0o777))
		must(a.tb, os.WriteFile(path, []byte(got), 0o666))
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		a.tb.Fatalf("mailtest: %v; write it by go test -mailtest.update", err)
	}
	must(a.tb, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		a.tb.Errorf("mailtest: the account of %s isn't as in %s (-want +got):\n%s", a.Name(), path, diff)
	}
}
