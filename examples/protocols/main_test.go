package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheTableShowsWhatTheProtocolsDo(t *testing.T) {
	t.Parallel()
	const want = `
of 3 messages in INBOX                        IMAP         POP3 keeping   POP3 deleting
on the server after reading                   3            3              0
found by a second device                      3            3              0
read on one device, marked so on the server   1            0              0
read on one device, marked so on the other    1            0              0
arrivals told to a session that doesn't ask   1            0              0
back after the device is lost                 3            3              0
lost for good with the device                 0            0              3
octets left on the server                     807 of 807   807 of 807     0 of 807
readable without a connection                 0            3              3
deletions undone when the connection drops    0 of 1       1 of 1         1 of 1
reachable, with 1 more in each of 2 folders   5            3              3
`
	wantTable(t, "", want)
}

func TestGmailHidesOverPOP3WhatWasFetchedAndKeepsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	const want = `
of 3 messages in INBOX                        IMAP         POP3 keeping   POP3 deleting
on the server after reading                   3            3              3
found by a second device                      3            0              0
read on one device, marked so on the server   1            0              0
read on one device, marked so on the other    1            0              0
arrivals told to a session that doesn't ask   1            0              0
back after the device is lost                 3            0              0
lost for good with the device                 0            3              3
octets left on the server                     807 of 807   807 of 807     807 of 807
readable without a connection                 0            3              3
deletions undone when the connection drops    0 of 1       1 of 1         1 of 1
reachable, with 1 more in each of 2 folders   10           5              5
`
	wantTable(t, "gmail", want)
}

func TestAServerThatRefusesADeviceIsObservedToo(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	if err := run(&got, "163"); err != nil {
		t.Fatal(err)
	}
	if want := "IMAP fails: imap: NO SELECT Unsafe Login."; !strings.Contains(got.String(), want) {
		t.Errorf("no %q in\n%s", want, got.String())
	}
	if err := run(&got, "eudora"); err == nil {
		t.Error("a personality that doesn't exist is no error")
	}
}

func wantTable(t *testing.T, name, want string) {
	t.Helper()
	var got strings.Builder
	if err := run(&got, name); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cells(want), cells(got.String())); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, got.String())
	}
}

// cells splits a table whose columns are two spaces or more apart.
func cells(table string) [][]string {
	var rows [][]string
	for line := range strings.Lines(strings.TrimSpace(table)) {
		var row []string
		for cell := range strings.SplitSeq(strings.TrimSpace(line), "  ") {
			if cell = strings.TrimSpace(cell); cell != "" {
				row = append(row, cell)
			}
		}
		rows = append(rows, row)
	}
	return rows
}
