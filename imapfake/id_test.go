package imapfake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/imapfake"
)

func TestATestLearnsWhatClientsSayOfThemselves(t *testing.T) {
	t.Parallel()
	told := make(chan map[string]string, 1)
	c := newFixture(t, imapfake.OnClientID(func(fields map[string]string) { told <- fields })).dial()
	for command, want := range map[string]map[string]string{
		"ID NIL": nil,
		"ID ()":  {},
		`ID ("Name" "client" "version" NIL "os" "")`: {"name": "client", "version": "", "os": ""},
	} {
		c.ok("%s", command)
		if diff := cmp.Diff(want, <-told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", command, diff)
		}
	}
	c.run(`ID ("name")`, "T BAD…")
	if len(told) > 0 {
		t.Errorf("told of what is no ID: %v", <-told)
	}
}

func TestAPanicOfOnClientIDEndsTheSessionAndIsToldByClose(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OnClientID(func(map[string]string) { panic("boom") }))
	c := f.dial()
	c.send("T ID NIL")
	c.wantsEnd("* ID (\"name\" \"mailfakes\")\r\n* BYE imapfake: the function of OnClientID panicked: boom\r\n")
	if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Close() = %v, want the panic", err)
	}
}
