package mailtest_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

func TestEMLFilesAreReadOnceEachInNameOrderOctetByOctet(t *testing.T) {
	t.Parallel()
	testdata := os.DirFS("testdata")
	info, err := fs.Stat(testdata, "undated.eml")
	if err != nil {
		t.Fatal(err)
	}
	var want []shownSeed
	for _, file := range []struct {
		name string
		date time.Time
	}{
		{"latin1.eml", time.Date(2023, 3, 6, 15, 0, 0, 0, time.UTC)},
		{"multipart.eml", time.Date(2023, 3, 7, 10, 12, 13, 0, time.UTC)},
		{"undated.eml", info.ModTime()},
	} {
		raw, err := os.ReadFile(path.Join("testdata", file.name))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, shownSeed{Raw: string(raw), InternalDate: file.date})
	}
	for _, patterns := range [][]string{nil, {"*.eml"}, {"undated.*", "[lmu]*.eml", "latin1.eml"}} {
		seeds, err := mailtest.ReadEML(testdata, patterns...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, shown(seeds)); diff != "" {
			t.Errorf("%q: %s", patterns, diff)
		}
	}
}

func TestEMLDateIsTheFirstDateFieldOfTheHeader(t *testing.T) {
	t.Parallel()
	modified := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for raw, want := range map[string]time.Time{
		"Subject: a\r\ndate:\r\n Thu, 1 Feb 2024\r\n 10:00:00 +0100 (CET)\r\n\r\n": time.Date(2024, 2, 1, 9, 0, 0, 0, time.UTC),
		"Date: Thu, 1 Feb 2024 10:00:00 GMT":                                       time.Date(2024, 2, 1, 10, 0, 0, 0, time.UTC),
		"Subject: a\n\nDate: Thu, 1 Feb 2024 10:00:00 GMT\n":                       modified,
		"X: a\n Date: Thu, 1 Feb 2024 10:00:00 GMT\n\n":                            modified,
		"": modified,
	} {
		seeds, err := mailtest.ReadEML(fstest.MapFS{"a/b": {Data: []byte(raw), ModTime: modified}}, "a/*")
		if err != nil || len(seeds) != 1 || !seeds[0].InternalDate.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", raw, seeds, err, want)
		}
	}
}

func TestEMLErrorNamesThePatternOrTheFile(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"a.eml": {}, "d.eml/x": {}, "pipe": {Mode: fs.ModeNamedPipe}}
	for pattern, names := range map[string]string{"*.mbox": `"*.mbox"`, "d.*": `"d.*"`, "[": `"["`, "pipe": "read pipe: not a regular file"} {
		_, err := mailtest.ReadEML(fsys, "a.eml", pattern)
		if err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: want an error with %s, got %v", pattern, names, err)
		}
	}
	if _, err := mailtest.ReadEML(fsys, "["); !errors.Is(err, path.ErrBadPattern) {
		t.Errorf("got %v", err)
	}
}
