package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

// fruit is a client of the hierarchy of RFC 5258 §5, without CHILDREN so that lines stay short.
func fruit(t *testing.T) *client {
	t.Helper()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapChildren))
	for _, name := range []string{"Fruit", "Fruit/Apple", "Fruit/Banana", "Fruit/Peach", "Tofu", "Vegetable", "Vegetable/Broccoli", "Vegetable/Corn"} {
		if _, err := f.alice.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"} {
		if err := f.alice.Subscribe(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.alice.DeleteMailbox("Fruit/Peach"); err != nil {
		t.Fatal(err)
	}
	return f.login()
}

func TestListCanSelectSubscribedMailboxes(t *testing.T) {
	t.Parallel()
	c := fruit(t)
	c.run(`LIST (SUBSCRIBED) "" "*"`,
		`* LIST (\Subscribed) "/" INBOX`,
		`* LIST (\Subscribed) "/" Fruit/Banana`,
		`* LIST (\NonExistent \Subscribed) "/" Fruit/Peach`,
		`* LIST (\Subscribed) "/" Vegetable`,
		`* LIST (\Subscribed) "/" Vegetable/Broccoli`,
		"T OK LIST completed")
	c.run(`LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"`,
		`* LIST (\Subscribed) "/" INBOX`,
		`* LIST () "/" Fruit ("CHILDINFO" ("SUBSCRIBED"))`,
		`* LIST (\Subscribed) "/" Vegetable ("CHILDINFO" ("SUBSCRIBED"))`,
		"T OK LIST completed")
	c.run(`LIST (SUBSCRIBED RECURSIVEMATCH) "" "V*"`,
		`* LIST (\Subscribed) "/" Vegetable`,
		`* LIST (\Subscribed) "/" Vegetable/Broccoli`,
		"T OK LIST completed")
}

func TestListReturnsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	c := fruit(t)
	c.run(`LIST "" "%" RETURN (CHILDREN SUBSCRIBED)`,
		`* LIST (\Subscribed \HasNoChildren) "/" INBOX`,
		`* LIST (\HasChildren) "/" Fruit`,
		`* LIST (\HasNoChildren) "/" Tofu`,
		`* LIST (\Subscribed \HasChildren) "/" Vegetable`,
		"T OK LIST completed")
	c.run(`LIST (REMOTE) "" "T%" RETURN ()`, `* LIST () "/" Tofu`, "T OK LIST completed")
}

func TestListTakesSeveralPatternsAndTellsEachMailboxOnce(t *testing.T) {
	t.Parallel()
	c := fruit(t)
	c.run(`LIST "" (INBOX "Fruit/%" "Fruit/A*" tofu)`,
		`* LIST () "/" INBOX`,
		`* LIST () "/" Fruit/Apple`,
		`* LIST () "/" Fruit/Banana`,
		"T OK LIST completed")
}

func TestListReturnsTheStatusOfEachMailbox(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n")
	if _, err := f.alice.CreateMailbox("Top/Leaf"); err != nil {
		t.Fatal(err)
	}
	f.login().run(`LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN) CHILDREN)`,
		`* LIST (\HasNoChildren) "/" INBOX`,
		`* STATUS INBOX (MESSAGES 1 UNSEEN 1)`,
		`* LIST (\NonExistent \HasChildren) "/" Top`,
		`* LIST (\HasNoChildren) "/" Top/Leaf`,
		`* STATUS Top/Leaf (MESSAGES 0 UNSEEN 0)`,
		"T OK LIST completed")
	without := newFixture(t, imapfake.WithoutCapabilities(imap.CapListStatus))
	without.login().run(`LIST "" "*" RETURN (STATUS (MESSAGES))`, "T BAD…")
}

func TestListRefusesOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	c := fruit(t)
	for _, args := range []string{
		`(RECURSIVEMATCH) "" "*"`, `(RECURSIVEMATCH REMOTE) "" "*"`, `(TASTY) "" "*"`, `"" "*" RETURN (TASTY)`,
		`"" ()`, `"" "*" RETURN`, `"" "*" (CHILDREN)`, `(SUBSCRIBED "" "*"`,
	} {
		c.run("LIST "+args, "T BAD…")
	}
}

func TestWithoutLISTEXTENDEDThereIsOnlyThePlainForm(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapListExtended))
	c := f.login()
	for _, args := range []string{`(SUBSCRIBED) "" "*"`, `"" ("*")`, `"" "*" RETURN (CHILDREN)`} {
		c.run("LIST "+args, "T BAD…")
	}
	c.run(`LIST "" "*"`, `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
}

func TestAMailboxIsCreatedWithItsSpecialUse(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.ok(`CREATE Sent (USE (\sent \Important))`)
	c.ok("CREATE Plain")
	c.run(`LIST "" "%"`,
		`* LIST (\HasNoChildren) "/" INBOX`,
		`* LIST (\HasNoChildren) "/" Plain`,
		`* LIST (\HasNoChildren \Sent \Important) "/" Sent`,
		"T OK LIST completed")
	c.run(`LIST (SPECIAL-USE) "" "*"`, `* LIST (\HasNoChildren \Sent \Important) "/" Sent`, "T OK LIST completed")
	c.run(`CREATE Toast (USE (\Toast))`, "T NO [USEATTR]…")
	c.run(`CREATE Toast (COLOR (\Sent))`, "T BAD…")
	c.run("STATUS Toast (MESSAGES)", "T NO [NONEXISTENT]…")
}
