package imapfake

import (
	"strings"
	"testing"
)

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

func FuzzAuthURL(f *testing.F) {
	for _, s := range []string{
		"imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:91354a473744909de610943775f92038",
		"imap://j%40x;AUTH=*@[::1]:143/a;UIDVALIDITY=1/;UID=1;EXPIRE=2026-01-02T03:04:05Z;URLAUTH=anonymous",
		"imap://a@b/c/;UID=1;URLAUTH=anonymous:" + strings.Repeat("Ⱥ", 100) + ":91354a473744909de610943775f92038", // "ⱥ" has an octet more
		"IMAP://a@b/c/;UID=1/;PARTIAL=1.2;EXPIRE=;URLAUTH=user+", ";URLAUTH=:", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseAuthURL(text, true)
		if err != nil {
			return
		}
		if u.owner == "" || u.message.mailbox == "" || u.message.uid == 0 || (u.user != "") != strings.HasSuffix(u.access, "+") {
			t.Errorf("%q is %+v", text, u)
		}
		if verifier := strings.ToLower(text[len(u.rump):]); verifier != "" && verifier != strings.ToLower(":"+u.mechanism+":"+u.token) {
			t.Errorf("%q without its token is %q", text, u.rump)
		}
	})
}
