package mailsasl

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestTokensLogInTheirAccount(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice@example.org", "secret", "b,o=b", "secret")
	account(t, store, "alice").AddToken("ya29.a/b+c~d_e-f==", time.Time{})
	account(t, store, "b,o=b").AddToken("bobs", time.Now().Add(time.Hour))
	for _, test := range []struct{ mechanism, script, account string }{
		{"OAUTHBEARER", "C: n,,^Aauth=Bearer ya29.a/b+c~d_e-f==^A^A", "alice"},
		{"OAUTHBEARER", "S:\nC: n,a=alice@example.org,^Ahost=x^Aport=143^Aauth=bEARER ya29.a/b+c~d_e-f==^A^A", "alice"},
		{"OAUTHBEARER", "C: y,a=ALICE,^Aauth=Bearer ya29.a/b+c~d_e-f==^Aunknown=\t\r x^A^A", "alice"},
		{"OAUTHBEARER", "C: n,a=b=2Co=3Db,^Aauth=Bearer bobs^A^A", "b,o=b"},
		{"XOAUTH2", "C: user=alice@example.org^Aauth=Bearer ya29.a/b+c~d_e-f==^A^A", "alice"},
		{"XOAUTH2", "S:\nC: user=b,o=b^Aauth=Bearer bobs^A^A", "b,o=b"},
	} {
		login, err := play(t, &Connection{Store: store}, named(t, test.mechanism), test.script)
		if err != nil || login.Account != account(t, store, test.account) || login.Token.Account() != login.Account {
			t.Errorf("%s: %v, %v", test.script, login, err)
		}
	}
}

// After its error the server takes whatever the client sends.
func TestTokensThatFailAreToldByAChallenge(t *testing.T) {
	t.Parallel()
	const (
		invalid = "\nS: {\"status\":\"invalid_token\"}\nC: ^A"
		request = "\nS: {\"status\":\"invalid_request\"}\nC: ^A"
		google  = "\nS: {\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"https://mail.google.com/\"}\nC:"
		bad     = "\nS: {\"status\":\"400\",\"schemes\":\"bearer\",\"scope\":\"https://mail.google.com/\"}\nC:"
	)
	wrong := mailstore.ErrAuthentication
	for _, test := range []struct {
		mechanism, script string
		err               error
	}{
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer nobodys^A^A" + invalid, wrong},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer ^A^A" + invalid, wrong},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer^A^A" + invalid, wrong},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Basic alices^A^A" + invalid, wrong},
		{"OAUTHBEARER", "C: n,a=bob,^Aauth=Bearer alices^A^A" + invalid, ErrAuthorization},
		{"OAUTHBEARER", "C: n,a=nobody,^Aauth=Bearer alices^A^A" + invalid, ErrAuthorization},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer old^A^A" + invalid, ErrExpired},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer old^A^A" + strings.TrimSuffix(invalid, " ^A"), ErrExpired},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer old^A^A" + strings.TrimSuffix(invalid, "^A") + "*", ErrCancelled},
		{"OAUTHBEARER", "C: n,a=alice,^Aauth=Bearer old^A^A" + strings.TrimSuffix(invalid, "^A") + "!?", ErrEncoding},
		{"OAUTHBEARER", "S:\nC: *", ErrCancelled},
		{"OAUTHBEARER", "C:" + request, ErrMalformed},
		{"OAUTHBEARER", "C: ^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,auth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Aauth=Bearer alices^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Aauth=Bearer alices" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Aauth=Bearer alices^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^A=x^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Ax^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Ak1=x^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,,^Ak=\x02^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,user=alice,^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,a=,^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,a=al=ice,^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: p=tls-exporter,,^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"OAUTHBEARER", "C: n,^Aauth=Bearer alices^A^A" + request, ErrMalformed},
		{"XOAUTH2", "C: user=alice^Aauth=Bearer nobodys^A^A" + google, wrong},
		{"XOAUTH2", "C: user=alice^Aauth=alices^A^A" + google, wrong},
		{"XOAUTH2", "C: user=bob^Aauth=Bearer alices^A^A" + google, ErrAuthorization},
		{"XOAUTH2", "C: user=alice^Aauth=Bearer old^A^A" + google, ErrExpired},
		{"XOAUTH2", "S:\nC: *", ErrCancelled},
		{"XOAUTH2", "S:\nC:" + bad, ErrMalformed},
		{"XOAUTH2", "C: user=^Aauth=Bearer alices^A^A" + bad, ErrMalformed},
		{"XOAUTH2", "C: auth=Bearer alices^A^A" + bad, ErrMalformed},
		{"XOAUTH2", "C: user=alice^A^A" + bad, ErrMalformed},
		{"XOAUTH2", "C: user=alice^Aauth=Bearer alices^A" + bad, ErrMalformed},
	} {
		store := newStore(t, "alice", "secret", "bob", "secret")
		account(t, store, "alice").AddToken("alices", time.Time{})
		account(t, store, "alice").AddToken("old", time.Now())
		if _, err := play(t, &Connection{Store: store}, named(t, test.mechanism), test.script); !errors.Is(err, test.err) {
			t.Errorf("%s, %q: %v, want %v", test.mechanism, test.script, err, test.err)
		}
	}
}

func TestATokenIsGoodUntilTheMomentItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newStore(t, "alice", "secret")
		account(t, store, "alice").AddToken("alices", time.Now().Add(time.Hour))
		const script = "C: user=alice^Aauth=Bearer alices^A^A"
		c, m := &Connection{Store: store}, named(t, "XOAUTH2")
		time.Sleep(time.Hour - time.Nanosecond)
		login, err := play(t, c, m, script)
		if err != nil || login.Token.Expired() {
			t.Errorf("before: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if _, err := play(t, c, m, script+"\nS: …\nC:"); !errors.Is(err, ErrExpired) || !login.Token.Expired() {
			t.Errorf("after: %v", err)
		}
	})
}

func FuzzParseOAuthBearer(f *testing.F) {
	f.Add("n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9d==\x01\x01")
	f.Add("y,,\x01auth=\x01\x01")
	f.Add("n,a=b=2Co=3Db,\x01auth=Bearer x\x01\x01")
	f.Fuzz(func(t *testing.T, response string) {
		b, err := parseOAuthBearer(response)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if b.token != "" && !strings.Contains(response, " "+b.token+"\x01") {
			t.Errorf("token %q", b.token)
		}
		name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(b.identity)
		if name != "" {
			name = "a=" + name
		}
		again, err := parseOAuthBearer("n," + name + ",\x01auth=Bearer " + b.token + "\x01\x01")
		if err != nil || again != b {
			t.Errorf("%q, written anew: %q, %v", b, again, err)
		}
	})
}

func FuzzParseXOAuth2(f *testing.F) {
	f.Add("user=alice@example.org\x01auth=Bearer ya29.x\x01\x01")
	f.Add("user=\x01\x01")
	f.Fuzz(func(t *testing.T, response string) {
		b, err := parseXOAuth2(response)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if again, err := parseXOAuth2("user=" + b.identity + "\x01auth=Bearer " + b.token + "\x01\x01"); err != nil || again != b {
			t.Errorf("%q, written anew: %q, %v", b, again, err)
		}
	})
}
