package imapfake_test

import (
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
