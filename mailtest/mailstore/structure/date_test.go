package structure_test

import (
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

func TestDateReadsWhatMailSays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Mon, 2 Jan 2006 15:04:05 +0100":                       "2006-01-02T15:04:05+01:00",
		"Mon, 02 Jan 2006 15:04:05 -0330 (NST)":                "2006-01-02T15:04:05-03:30",
		"2 Jan 2006 15:04 +0000":                               "2006-01-02T15:04:00Z",
		"Mon 2 jan 2006 15:04:05 -0000":                        "2006-01-02T15:04:05Z",
		"Mon (a), (b) 2 (c) JAN\r\n 2006 15 : 04 : 05 (d) EST": "2006-01-02T15:04:05-05:00",
		"2 January 06 15:04:05 PDT":                            "2006-01-02T15:04:05-07:00",
		"2 Sept 49 1:2:3 gmt":                                  "2049-09-02T01:02:03Z",
		"2 Jan 50 15:04:05 UT":                                 "1950-01-02T15:04:05Z",
		"2 Jan 106 15:04:05 Z":                                 "2006-01-02T15:04:05Z",
		"2-Jan-2006 15:04:05 XYZ":                              "2006-01-02T15:04:05Z",
		"2 Jan 2006 15:04:05":                                  "2006-01-02T15:04:05Z",
		"29 Feb 2004 00:00:00 +0000":                           "2004-02-29T00:00:00Z",
		"31 Dec 2005 23:59:60 +0000":                           "2006-01-01T00:00:00Z",
		" 2 Jan 2006 15:04:05 +0000 and more":                  "2006-01-02T15:04:05Z",
	} {
		got, ok := structure.Date(value)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v; want %s", value, got, ok, want)
		}
	}
}

func TestDateRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", "now", "Mon,", "2 Jan", "2 Jan 2006", "2 Foo 2006 15:04:05 +0000", "2 J 2006 15:04:05 +0000", "0 Jan 2006 15:04:05 +0000",
		"32 Jan 2006 15:04:05 +0000", "29 Feb 2005 15:04:05 +0000", "2 Jan 20060 15:04:05 +0000", "2 Jan 2006 24:00:00 +0000",
		"2 Jan 2006 15:60:00 +0000", "2 Jan 2006 15:04:61 +0000", "2 Jan 2006 15 +0000", "2 Jan 2006 15:04: +0000",
		"2 Jan 2006 15:04:05 +1", "2 Jan 2006 15:04:05 +0060", "2006-01-02T15:04:05Z", "(2 Jan 2006 15:04:05 +0000",
		"2 Januaryy 2006 15:04:05 +0000", "99999999999999999999 Jan 2006 15:04:05 +0000",
	} {
		if got, ok := structure.Date(value); ok {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"Mon, 2 Jan 2006 15:04:05 +0100", "2 Jan 06 15:04 EST (c)", "(", "2-Feb-1 1:1:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, ok := structure.Date(value)
		if !ok {
			return
		}
		again, ok := structure.Date(got.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
		if !ok || !again.Equal(got) {
			t.Errorf("%v, written and read again: %v, %v", got, again, ok)
		}
	})
}
