package imapfake

import (
	"strings"
	"testing"
)

// FuzzNames holds names on the wire against those in the store, one for one.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"", "a/b", "v1.0/x", "~", "~2e", "~7e", "~7e2e", "~7e7e2e", "~~2e.", "x~2", "~7~2e"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n := wireNames{Namespaces: Namespaces{Separator: "."}}
		if err := n.complete(); err != nil {
			t.Fatal(err)
		}
		wire := n.encode(name)
		if back, err := n.decode(wire); err != nil || back != name {
			t.Errorf("%q in the store is %q on the wire and %q again, %v", name, wire, back, err)
		}
		if strings.Contains(name, "/") {
			return
		}
		stored, err := n.decode(name)
		if err != nil || n.encode(stored) != name {
			t.Errorf("%q on the wire is %q in the store and %q again, %v", name, stored, n.encode(stored), err)
		}
	})
}
