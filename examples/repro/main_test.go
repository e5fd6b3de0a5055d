package main

import (
	"strings"
	"testing"
	"testing/synctest"
)

// play plays a bug with a client, in no time.
func play(t *testing.T, b bug, c client) (o outcome) {
	synctest.Test(t, func(*testing.T) { o = b.run(c) })
	return o
}

func TestTheNaiveClientFailsAsDescribedAndTheCarefulOneDoesNot(t *testing.T) {
	t.Parallel()
	for _, b := range catalogue() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			naive := play(t, b, b.naive)
			if len(naive.failures) == 0 || !strings.Contains(naive.String(), b.wrong) {
				t.Errorf("the naive client: %s\nwant %s\n%s", naive, b.wrong, naive.transcript)
			}
			careful := play(t, b, b.careful)
			if len(careful.failures) > 0 {
				t.Errorf("the careful client: %s\n%s", careful, careful.transcript)
			}
		})
	}
}

func TestAClientThatDoesNothingFails(t *testing.T) {
	t.Parallel()
	for _, b := range catalogue() {
		if o := play(t, b, func(*app) error { return nil }); len(o.failures) == 0 {
			t.Errorf("%s: it passes", b.name)
		}
	}
}

func TestEachBugHasANameOfItsOwnAndAReference(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, b := range catalogue() {
		if b.name == "" || seen[b.name] || b.story == "" || b.reference == "" || b.wrong == "" {
			t.Errorf("%q: %+v", b.name, b)
		}
		seen[b.name] = true
	}
}

func TestTheTableHasWhatBothClientsDid(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		if err := run(&out, ""); err != nil {
			t.Error(err)
		}
	})
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n")[1:] {
		if b := catalogue()[i]; !strings.HasPrefix(line, b.name+" ") || strings.Count(line, "ok: ") != 1 {
			t.Errorf("line of %s: %s", b.name, line)
		}
	}
}

func TestABugIsToldWithWhatWasSaidOnTheWire(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		if err := run(&out, "append-retried"); err != nil {
			t.Error(err)
		}
	})
	for _, want := range []string{
		"append-retried: The connection breaks", "The naive client: INBOX has [\"draft\" \"draft\"]", "The careful client: ok: leaves [\"draft\"]",
		"C: a3 UID SEARCH HEADER Message-ID", "-- fault: tagged command APPEND nth 1 drop close",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err := run(&out, "fell-asleep"); err == nil || !strings.Contains(err.Error(), `"fell-asleep"`) {
		t.Errorf("a bug that isn't there: %v", err)
	}
}
