package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRecordWritesSessionsOfSeveralServersAsTheyHappen(t *testing.T) {
	t.Parallel()
	servers := start(t, append(free, "-load", "alice="+letter(t))...)
	file := filepath.Join(t.TempDir(), "bug.log")
	root := filepath.Join(t.TempDir(), "root.pem")
	addrs := startCommand(t, "record", "-o", file, "-ca", root, "-redact", "-fault", `on DELE answer "-ERR no"`,
		"-upstream", servers["imap"], "-upstream", servers["pop3"], "-protocol", "pop3")
	c := loggedIn(t, addrs["imap"], "alice@example.org", "secret")
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	nc, err := net.Dial("tcp", addrs["pop3"])
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(nc, "USER alice@example.org\r\nPASS secret\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
	said, err := io.ReadAll(nc)
	if err != nil || !strings.Contains(string(said), "hello of bob@example.net\r\n.\r\n-ERR no\r\n") {
		t.Errorf("over POP3 came %q, %v", said, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"imap#1 C: T1 LOGIN ", "@", " ***\n", "S: T2 OK", "pop3#2 C: RETR 1\n", "-- fault: on DELE"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, private := range []string{"alice", "hello", "bob@", "secret"} {
		if strings.Contains(string(text), private) {
			t.Errorf("%q in\n%s", private, text)
		}
	}
	if pem, err := os.ReadFile(root); err != nil || !strings.HasPrefix(string(pem), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("the file of -ca has %q, %v", pem, err)
	}
}

// letter returns a file with a message.
func letter(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.eml")
	if err := os.WriteFile(path, []byte("Subject: hello\n\nhello of bob@example.net\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRecordTellsWhatIsWrongWithItsFlags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "no -upstream"},
		{[]string{"-listen", "127.0.0.1:0"}, "there is no -upstream before it"},
		{[]string{"-upstream", "mail.example.org"}, "missing port"},
		{[]string{"-upstream", "127.0.0.1:143", "-listen", "0.0.0.0:0"}, "not a loopback address"},
		{[]string{"-upstream", "127.0.0.1:143", "-upstream-tls", "always"}, `unknown security "always"`},
		{[]string{"-upstream", "127.0.0.1:143", "-protocol", "smtp"}, "want imap or pop3"},
		{[]string{"-upstream", "127.0.0.1:143", "-fault", "on X dop"}, `did you mean "drop"`},
		{[]string{"-upstream", "127.0.0.1:143", "-upstream-ca", "/dev/null"}, "no certificates"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"record"}, tt.args...), io.Discard, &stderr); code != exitUsage || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("record %q exits with %d and says %q, want %q", tt.args, code, &stderr, tt.want)
		}
	}
}

func TestHelpHasAnExampleOfEachCommand(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"record", "minimize"} {
		var stdout bytes.Buffer
		if code := run(t.Context(), []string{command, "-h"}, &stdout, io.Discard); code != exitOK || !strings.Contains(stdout.String(), "\n  mailtest "+command+" ") {
			t.Errorf("%s -h exits with %d and says\n%s", command, code, &stdout)
		}
	}
}
