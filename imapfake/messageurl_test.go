package imapfake

import "testing"

func FuzzMessageURL(f *testing.F) {
	for _, s := range []string{
		";UID=1", "/INBOX;UIDVALIDITY=1/;UID=20/;SECTION=1.2/;PARTIAL=0.10", "/%41/;UID=1/;section=HEADER.FIELDS%20(a)", "/;UID=", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseMessageURL(text, true)
		if err == nil && (u.uid == 0 || u.section.partial != nil && u.section.partial.count == 0) {
			t.Errorf("%q is %+v", text, u)
		}
	})
}
