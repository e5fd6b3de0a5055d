// Package interop drives "mailtest serve" with clients that are not ours.
package interop

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/mailfakes/mailtest"
)

// served is a running "mailtest serve".
type served struct {
	t     *testing.T
	addrs map[string]string // by listener
}

// serve builds the command and starts it with these arguments, on free ports.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "mailtest")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "example.org/mailfakes/mailtest/cmd/mailtest")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	args = append([]string{"serve", "-imap", "127.0.0.1:0", "-imaps", "127.0.0.1:0", "-pop3", "127.0.0.1:0", "-pop3s", "127.0.0.1:0"}, args...)
	cmd := exec.Command(bin, args...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("mailtest serve after SIGTERM: %v", err)
		}
	})
	s := &served{t: t, addrs: make(map[string]string)}
	for lines := bufio.NewScanner(stdout); len(s.addrs) < 4 && lines.Scan(); {
		name, addr, _ := strings.Cut(lines.Text(), " ")
		s.addrs[name] = addr
	}
	return s
}

// program skips the test without the program and returns a function that runs it.
func program(t *testing.T, name string, wants ...string) func(args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	if len(wants) > 0 {
		out, _ := exec.CommandContext(t.Context(), path, "--version").Output()
		for _, want := range wants {
			if !strings.Contains(string(out), want) {
				t.Skipf("%s was built without %s", name, want)
			}
		}
	}
	return func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, args...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
}

// letters writes two messages as .eml files and returns their directory and octets.
func letters(t *testing.T) (dir string, octets []string) {
	t.Helper()
	dir = t.TempDir()
	for i, m := range []mailtest.Mail{
		{Subject: "plain", Text: "Hello,\n.\n..two dots\nFrom here on\n", Date: someDay()},
		{Subject: "Grüße", Text: "Schöne Grüße\n", HTML: "<p>Schöne Grüße</p>", Date: someDay()},
	} {
		raw, err := m.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		octets = append(octets, string(raw))
		if err := os.WriteFile(filepath.Join(dir, string(rune('a'+i))+".eml"), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, octets
}

func someDay() time.Time { return time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC) }

func TestCurlReadsTheSameOctetsOverBothProtocols(t *testing.T) {
	t.Parallel()
	curl := program(t, "curl", "imap", "pop3")
	dir, octets := letters(t)
	s := serve(t, "-load", "alice="+dir)
	for _, get := range []struct{ name, scheme, first, extra string }{
		{"imap", "imap", "/INBOX/;MAILINDEX=1", "--no-progress-meter"},
		{"imaps", "imaps", "/INBOX/;UID=1", "--insecure"},
		{"imap", "imap", "/INBOX/;UID=1", "--ssl"},
		{"pop3", "pop3", "/1", "--no-progress-meter"},
		{"pop3s", "pop3s", "/1", "--insecure"},
		{"pop3", "pop3", "/1", "--ssl"},
	} {
		url := get.scheme + "://" + s.addrs[get.name] + get.first
		got := curl("--silent", "--show-error", "--insecure", get.extra, "--user", "alice@example.org:secret", url)
		if got != octets[0] {
			t.Errorf("curl %s %s:\n got %q\nwant %q", get.extra, url, got, octets[0])
		}
	}
	list := curl("--silent", "--show-error", "--user", "alice@example.org:secret", "pop3://"+s.addrs["pop3"]+"/")
	if !strings.HasPrefix(list, "1 ") || strings.Count(list, "\n") != 2 {
		t.Errorf("curl's list over POP3: %q", list)
	}
}

func TestCurlStoresAMessageAndFindsIt(t *testing.T) {
	t.Parallel()
	curl := program(t, "curl", "imap")
	dir, octets := letters(t)
	s := serve(t)
	url := "imap://" + s.addrs["imap"]
	login := []string{"--silent", "--show-error", "--user", "alice@example.org:secret"}
	curl(append(login, "--request", "CREATE Drafts", url)...)
	curl(append(login, "--upload-file", filepath.Join(dir, "a.eml"), url+"/Drafts")...)
	if got := curl(append(login, url+"/Drafts?SUBJECT%20plain")...); strings.TrimSpace(got) != "* SEARCH 1" {
		t.Errorf("curl's SEARCH: %q", got)
	}
	if got := curl(append(login, url+"/Drafts/;UID=1")...); got != octets[0] {
		t.Errorf("curl read back %q\nwant %q", got, octets[0])
	}
}

func TestPythonsImaplibAndPoplibWork(t *testing.T) {
	t.Parallel()
	python := program(t, "python3")
	dir, _ := letters(t)
	s := serve(t, "-load", "alice="+dir, "-load", "alice/Archive/2024="+filepath.Join(dir, "a.eml"))
	for _, script := range []string{"imaplib_client.py", "poplib_client.py"} {
		t.Log(python(filepath.Join("testdata", script), dir, s.addrs["imap"], s.addrs["imaps"], s.addrs["pop3"], s.addrs["pop3s"]))
	}
}
