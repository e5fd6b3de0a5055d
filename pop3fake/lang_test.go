package pop3fake_test

import "testing"

func TestTheOnlyLanguageIsEnglish(t *testing.T) {
	t.Parallel()
	start(t, nil).connect().run(`
		C: LANG
		S: +OK language listing follows
		S: en English
		S: i-default English
		S: .
		C: LANG EN
		S: +OK en language selected
		C: LANG *
		S: +OK en language selected
		C: LANG i-default
		S: +OK i-default language selected
		C: LANG de
		S: -ERR LANG: no language here is in the range "de"
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages
		C: LANG en
		S: +OK en language selected`)
}
