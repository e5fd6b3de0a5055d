package mailtest_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

var noon = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

func TestMaildirIsReadInOrderOfDeliveryWithFlagsAndDates(t *testing.T) {
	t.Parallel()
	maildir := fstest.MapFS{
		"cur/1700000001.M1P1.mx:2,RS":             {Data: []byte("b\n"), ModTime: noon},
		"cur/999999999.M2P2.mx,S=2,W=3!2,DFT":     {Data: []byte("a\n")},
		"cur/1700000003.M3P3.mx:2,abcPXz{,S":      {Data: []byte("d\n")},
		"cur/1700000005.M3P3.mx;2,F":              {Data: []byte("f\n")},
		"new/1700000002.M4P4.mx":                  {Data: []byte("c\n"), ModTime: noon},
		"new/1700000004.M5P5.mx:1,S":              {Data: []byte("e\n")},
		"new/without-a-time":                      {Data: []byte("0\n")},
		"cur/.hidden":                             {Data: []byte("x\n")},
		"cur/1700000000.directory/1700000000.M.P": {Data: []byte("x\n")},
		"tmp/1700000000.M6P6.mx":                  {Data: []byte("x\n")},
		"dovecot-keywords":                        {Data: []byte("0 $Forwarded\n2 work\n25 last\n26 beyond\n")},
	}
	want := []shownSeed{
		{Raw: "0\n"},
		{Raw: "a\n", Flags: []imap.Flag{imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}, InternalDate: time.Unix(999999999, 0)},
		{Raw: "b\n", Flags: []imap.Flag{imap.FlagAnswered, imap.FlagSeen}, InternalDate: noon},
		{Raw: "c\n", InternalDate: noon},
		{Raw: "d\n", Flags: []imap.Flag{"$Forwarded", "work", "last"}, InternalDate: time.Unix(1700000003, 0)},
		{Raw: "e\n", InternalDate: time.Unix(1700000004, 0)},
		{Raw: "f\n", Flags: []imap.Flag{imap.FlagFlagged}, InternalDate: time.Unix(1700000005, 0)},
	}
	seeds, err := mailtest.ReadMaildir(maildir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, shown(seeds)); diff != "" {
		t.Error(diff)
	}
}

func TestMaildirLettersAreFlags(t *testing.T) {
	t.Parallel()
	for letter, want := range map[string]imap.Flag{
		"D": imap.FlagDraft, "F": imap.FlagFlagged, "R": imap.FlagAnswered, "S": imap.FlagSeen, "T": imap.FlagDeleted,
	} {
		seeds, err := mailtest.ReadMaildir(fstest.MapFS{"cur/1:2," + letter: {}})
		if err != nil || len(seeds) != 1 {
			t.Fatal(seeds, err)
		}
		if diff := cmp.Diff([]imap.Flag{want}, seeds[0].Flags); diff != "" {
			t.Errorf("%s: %s", letter, diff)
		}
	}
}

func TestMaildirErrorNamesThePath(t *testing.T) {
	t.Parallel()
	for path, maildir := range map[string]fstest.MapFS{
		".: neither":           {"tmp/1": {}},
		"cur/1.pipe":           {"cur/1.pipe": {Mode: fs.ModeNamedPipe}},
		"dovecot-keywords":     {"new/1": {}, "dovecot-keywords": {Data: []byte("0 ok\nzero\n")}},
		"dovecot-keywords: \"": {"new/1": {}, "dovecot-keywords": {Data: []byte("0\n")}},
	} {
		if _, err := mailtest.ReadMaildir(maildir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("want an error that names %s, got %v", path, err)
		}
	}
}

func FuzzReadMaildirFileName(f *testing.F) {
	f.Add("1700000001.M1P1.mx,S=2:2,RS")
	f.Add("x!2,a,b:2,zDFRST;2,")
	f.Add("99999999999999999999:2,")
	f.Add("-1.+5")
	f.Fuzz(func(t *testing.T, name string) {
		if !fs.ValidPath(name) || strings.Contains(name, "/") || name == "." {
			return
		}
		seeds, err := mailtest.ReadMaildir(fstest.MapFS{
			"cur/" + name:      {Data: []byte("x")},
			"dovecot-keywords": {Data: []byte("0 first\n25 last\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if hidden := strings.HasPrefix(name, "."); hidden != (len(seeds) == 0) {
			t.Fatalf("%q: %d messages", name, len(seeds))
		}
		for _, seed := range seeds {
			if y := seed.InternalDate.Year(); y < 1 || y > 9999 {
				t.Errorf("%q: year %d", name, y)
			}
			if len(seed.Flags) > 0 && !strings.Contains(name, "2,") {
				t.Errorf("%q: flags %v", name, seed.Flags)
			}
		}
	})
}
