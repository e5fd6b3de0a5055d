//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const aLog = `0.000000 pop3#1 -- open mem
0.000000 pop3#1 S: +OK
0.000000 pop3#1 C: STAT
0.000000 pop3#1 S: +OK 1 2
0.000000 pop3#1 C: UIDL
0.000000 pop3#1 S: -ERR bug
`

// minimized runs "mailtest minimize" on the log with a shell's command.
func minimized(t *testing.T, command string, flags ...string) (code int, said, shortest string) {
	t.Helper()
	return minimizedLog(t, aLog, command, flags...)
}

func minimizedLog(t *testing.T, log, command string, flags ...string) (code int, said, shortest string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bug.log")
	if err := os.WriteFile(file, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	code = run(t.Context(), append(append([]string{"minimize"}, flags...), file, "--", "sh", "-c", command, "{}"), &output, &output)
	text, _ := os.ReadFile(file + ".min")
	return code, output.String(), string(text)
}

func TestMinimizeShortensALogToWhatFailsInTheSameWay(t *testing.T) {
	t.Parallel()
	const want = "0.000000 pop3#1 -- open mem\n0.000000 pop3#1 S: +OK\n0.000000 pop3#1 C: UIDL\n0.000000 pop3#1 S: -ERR bug\n"
	for name, command := range map[string]string{
		"the path in the environment":           `if grep -q bug $MAILTEST_TRANSCRIPT; then exit 3; fi`,
		"the path as an argument":               `if grep -q bug $0; then exit 3; fi`,
		"another exit code is another failure":  `if grep -q bug $0; then exit 3; fi; exit 2`,
		"a deviation is no failure":             `if ! grep -q bug $0; then echo the client deviates from the log; fi; exit 3`,
		"a run that doesn't end is no failure":  `if ! grep -q bug $0; then sleep 100; fi; exit 3`,
		"of which something else may be a part": `if ! grep -q bug $0; then sleep 100 & wait; fi; exit 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, said, got := minimized(t, command, "-each", "1s")
			if code != exitOK || got != want {
				t.Errorf("exits with %d, says\n%s\nand leaves\n%s", code, said, got)
			}
			if !strings.Contains(said, "at first 6 lines\nwithout commands 4 lines, after ") {
				t.Errorf("says\n%s", said)
			}
		})
	}
}

func TestMinimizeMatchesTheOutput(t *testing.T) {
	t.Parallel()
	code, said, got := minimized(t, `cat $0; exit 1`, "-match", "STAT")
	if code != exitOK || strings.Contains(got, "UIDL") || !strings.Contains(got, "STAT") {
		t.Errorf("exits with %d, says\n%s\nand leaves\n%s", code, said, got)
	}
}

func TestMinimizeOfWhatDoesNotFailSaysSo(t *testing.T) {
	t.Parallel()
	code, said, got := minimized(t, "echo fine")
	if code != exitUsage || !strings.Contains(said, "doesn't fail as it should; it exits with 0 and says:\nfine\n") || got != "" {
		t.Errorf("exits with %d, says %s and leaves %s", code, said, got)
	}
}

func TestMinimizeTakesWhateverReplayTakes(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"what a failing test printed": "--- FAIL: TestBug (0.00s)\n    bug_test.go:7: it fails\n    server.go:35: mail transcript (C: client, S: server):\n" +
			"        " + strings.ReplaceAll(aLog, "\n", "\n        ") + "\nFAIL\n",
		"another program's log": "S: +OK\nC: STAT\nS: +OK 1 2\nC: UIDL\nS: -ERR bug\n",
	} {
		code, said, got := minimizedLog(t, log, `if grep -q bug $0; then exit 3; fi`)
		if code != exitOK || !strings.HasSuffix(got, "pop3#1 C: UIDL\n0.000000 pop3#1 S: -ERR bug\n") || strings.Contains(got, "STAT") {
			t.Errorf("%s: exits with %d, says\n%s\nand leaves\n%s", name, code, said, got)
		}
	}
	if code, said, _ := minimizedLog(t, "nothing of mail\n", "exit 1"); code != exitUsage || !strings.Contains(said, "format isn't recognized") {
		t.Errorf("of no log: exits with %d and says %s", code, said)
	}
}
