package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

const testLogs = "../../maillog/testdata"

// startReplay runs "mailtest replay" and returns the first listener's address, a function that
// interrupts it, and one that waits for its end and returns its output and exit code.
func startReplay(t *testing.T, args ...string) (addr string, stop func(), wait func() (string, int)) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(stop)
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"replay"}, args...), w, io.Discard)
		w.Close()
	}()
	buf := make([]byte, 1024)
	n, err := r.Read(buf)
	if err != nil {
		t.Fatalf("replay said nothing: %v", err)
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(r)
		rest <- string(text)
	}()
	first, _, _ := strings.Cut(string(buf[:n]), "\n")
	_, addr, _ = strings.Cut(first, " ")
	return addr, stop, func() (string, int) { return <-rest, <-code }
}

func TestReplayServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	addr, stop, wait := startReplay(t, filepath.Join(testLogs, "imaplib.log"))
	loggedIn(t, addr, "alice@example.org", "other")
	stop()
	if out, code := wait(); code != exitOK || out != "" {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestReplayEndsAtTheFirstDeviation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(testLogs, "imaplib.log")
	addr, _, wait := startReplay(t, "-match", "strict", path)
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Noop().Wait(); err == nil {
		t.Error("the log begins with CAPABILITY")
	}
	want := path + " line 4, imap session 1: the client deviates from the log: other octets (-log +client)\n- DPKL0 CAPABILITY\n+ T1 NOOP\n"
	if out, code := wait(); code != exitDeviation || out != want {
		t.Errorf("exit %d:\n%s\nwant %d:\n%s", code, out, exitDeviation, want)
	}
}

func TestReplayPrintsALogAsATranscript(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"replay", "-print", filepath.Join(testLogs, "imaplib.log")}, &stdout, &stderr)
	if code != exitOK || !strings.Contains(stdout.String(), "0.000000 imap#1 C: DPKL1 LOGIN alice@example.org ***\n") {
		t.Errorf("exit %d:\n%s", code, &stdout)
	}
	if !strings.Contains(stderr.String(), "line 25: the log lacks 156 octets") {
		t.Errorf("the notes are:\n%s", &stderr)
	}
}

func TestReplayAndGotestRefuseWhatTheyCantDoInOneLine(t *testing.T) {
	t.Parallel()
	log := filepath.Join(testLogs, "imaplib.log")
	for _, test := range []struct{ args, want string }{
		{"replay", "mailtest replay: give one log, not 0"},
		{"gotest", "mailtest gotest: give one log, not 0"},
		{"replay x y", "mailtest replay: give one log, not 2"},
		{"replay -match loosely " + log, `mailtest replay: mailreplay: unknown way to match "loosely"`},
		{"replay -format pine " + log, `mailtest replay: maillog: unknown format "pine"`},
		{"replay -imap 192.0.2.1:0 " + log, "mailtest replay: -imap 192.0.2.1:0: not a loopback address"},
		{"replay main.go", "mailtest replay: maillog: the log's format isn't recognized"},
		{"gotest -package func -dir " + t.TempDir() + " " + log, "mailtest gotest: package func: "},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; code != exitUsage || !strings.HasPrefix(last, test.want) {
			t.Errorf("%s: exit %d, %q, want %q", test.args, code, last, test.want)
		}
	}
}

func TestHelpOfReplayAndGotest(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"replay": {"format", "match", "imap", "imaps", "pop3", "pop3s", "fault", "print", "allow-remote", "v"},
		"gotest": {"format", "dir", "name", "package", "force"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{name, "-h"}, &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
			t.Errorf("%s -h: exit %d, stderr %q", name, code, &stderr)
		}
		for _, flag := range flags {
			if !strings.Contains(stdout.String(), "  -"+flag) {
				t.Errorf("%s -h lacks -%s:\n%s", name, flag, &stdout)
			}
		}
	}
}

// The test that gotest writes compiles and passes; it is built as if it were part of this module.
func TestGotestWritesATestThatPasses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	args := []string{"gotest", "-dir", dir, filepath.Join(testLogs, "go-test.log")}
	if code := run(t.Context(), args, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit %d: %s", code, &stderr)
	}
	source, transcript := filepath.Join(dir, "go_test.go"), filepath.Join(dir, "testdata", "go.transcript")
	if got, want := stdout.String(), source+"\n"+transcript+"\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage {
		t.Errorf("wrote over its files: exit %d", code)
	}

	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "written", "go_test.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	file, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "written.test")
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-vet=off", "-c", "-overlay", file, "-o", binary, "./written").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-test.v")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestReplayGo")) {
		t.Errorf("%v\n%s", err, out)
	}
}
