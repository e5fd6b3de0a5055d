//go:build linux

package mailrecord_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailwire"
)

const user = "alice@example.org"

// letters are what is in INBOX: a short one, and one whose body is elided.
var letters = []string{
	"From: bob@example.net\r\nTo: alice@example.org\r\nSubject: short\r\nMessage-ID: <1@example.net>\r\nDate: Thu, 29 Feb 2024 12:30:00 +0000\r\n\r\nhello\r\n.dot\r\n",
	"From: bob@example.net\r\nTo: alice@example.org\r\nSubject: long\r\nMessage-ID: <2@example.net>\r\nDate: Thu, 29 Feb 2024 12:31:00 +0000\r\n\r\n" + strings.Repeat("a line of a long letter\r\n", 1000),
}

// site is a recorder of a server that has the letters.
type site struct {
	t    *testing.T
	addr string // of the recorder, for clients that begin in the clear
	tls  string // for those that begin in TLS
	root string // a file of its certificate authority
	dir  string
	log  *log

	password string
}

// upstreams are the servers that are recorded.
func upstreams(t *testing.T) map[string]mailscript.Server {
	fakes := mailtest.New(t)
	fakes.AddAccount(user, password)
	dovecot := scripttest.StartDovecot(t, "", mailwire.IMAP, mailwire.POP3)
	return map[string]mailscript.Server{
		"fakes": {Password: password, TLS: fakes.TLSConfig(), Dial: func(ctx context.Context, p mailwire.Protocol) (net.Conn, error) {
			if p == mailwire.POP3 {
				return fakes.POP3.Dial()
			}
			return fakes.IMAP.Dial()
		}},
		"Dovecot": dovecot,
	}
}

// fill puts the letters in INBOX.
func fill(t *testing.T, server mailscript.Server) {
	t.Helper()
	nc, err := server.Dial(t.Context(), mailwire.IMAP)
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(nc, nil)
	defer c.Close()
	if err := c.Login(user, server.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		cmd := c.Append("INBOX", int64(len(letter)), nil)
		io.WriteString(cmd, letter)
		cmd.Close()
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func newSite(t *testing.T, server mailscript.Server, c mailrecord.Config) *site {
	t.Helper()
	s := &site{t: t, log: new(log), dir: t.TempDir(), password: server.Password}
	c.Transcript = mailwire.NewTranscript(-1)
	c.Transcript.SetLive(s.log)
	c.UpstreamTLS = server.TLS
	c.Dial = func(ctx context.Context) (net.Conn, error) { return server.Dial(ctx, c.Protocol) }
	r, err := mailrecord.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []struct {
		addr  *string
		serve func(net.Listener) error
	}{{&s.addr, r.Serve}, {&s.tls, r.ServeTLS}} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*l.addr = listener.Addr().String()
		go l.serve(listener)
	}
	root, err := mailwire.RootPEM()
	if err != nil {
		t.Fatal(err)
	}
	s.root = s.file("root.pem", string(root))
	t.Cleanup(func() {
		r.Close()
		if t.Failed() {
			text := s.log.String()
			t.Logf("recorded:\n%s", text[:min(len(text), 20_000)])
		}
	})
	return s
}

func (s *site) file(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// run runs a program and returns what it printed.
func (s *site) run(name string, args ...string) string {
	s.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		s.t.Skipf("no %s here (Debian: apt-get install %[1]s): %v", name, err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "FETCHMAILHOME="+s.dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s%s", name, err, out, &stderr)
	}
	return string(out)
}

// port returns an address's port.
func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// clients are programs that fetch all letters, and return them with LF.
var clients = []struct {
	name     string
	protocol mailwire.Protocol
	fetch    func(*site) []string
	says     []string // what the log has to have
}{
	{"go-imap", mailwire.IMAP, (*site).goIMAP, []string{"C: T2 LOGIN", "TLS 1.3 started"}},
	{"curl over IMAP", mailwire.IMAP, func(s *site) []string { return s.curl("imap", s.addr, "/INBOX/;UID=") }, []string{"AUTHENTICATE CRAM-MD5"}},
	{"curl over IMAP with STARTTLS", mailwire.IMAP, func(s *site) []string { return s.curl("imap", s.addr, "/INBOX/;UID=", "--ssl-reqd") }, []string{"TLS 1.3 started"}},
	{"curl over POP3", mailwire.POP3, func(s *site) []string { return s.curl("pop3", s.addr, "/") }, []string{"C: AUTH CRAM-MD5"}},
	{"curl over POP3 with STLS", mailwire.POP3, func(s *site) []string { return s.curl("pop3", s.addr, "/", "--ssl-reqd") }, []string{"C: STLS", "TLS 1.3 started"}},
	{"fetchmail over IMAP", mailwire.IMAP, func(s *site) []string { return s.fetchmail("imap") }, []string{"TLS 1.3 started"}},
	{"fetchmail over POP3", mailwire.POP3, func(s *site) []string { return s.fetchmail("pop3") }, []string{"TLS 1.3 started"}},
	{"mbsync", mailwire.IMAP, (*site).mbsync, []string{"TLS 1.3 started", "COMPRESS DEFLATE", "DEFLATE started"}},
}

func TestProgramsGetTheirMailThroughARecorderAndAgainFromItsLog(t *testing.T) {
	t.Parallel()
	for name, server := range upstreams(t) {
		fill(t, server)
		maildrop := new(sync.Mutex)
		for _, client := range clients {
			t.Run(client.name+" and "+name, func(t *testing.T) {
				t.Parallel()
				if client.protocol == mailwire.POP3 { // one session at a time has the maildrop
					maildrop.Lock()
					defer maildrop.Unlock()
				}
				s := newSite(t, server, mailrecord.Config{Protocol: client.protocol, Bodies: true})
				got := client.fetch(s)
				if len(got) != len(letters) {
					t.Fatalf("%d letters were fetched, want %d", len(got), len(letters))
				}
				for i, letter := range letters {
					_, body, _ := strings.Cut(strings.ReplaceAll(letter, "\r\n", "\n"), "\n\n")
					// Some programs add header fields.
					if !strings.HasSuffix(strings.ReplaceAll(got[i], "\r\n", "\n"), "\n\n"+body) {
						t.Errorf("letter %d came as %.500q", i+1, got[i])
					}
				}
				s.check(client.says...)
				if diff := cmp.Diff(asSent(got), asSent(client.fetch(s.replay(client.protocol)))); diff != "" {
					t.Errorf("replayed, the log gives other letters (-recorded +replayed):\n%s", diff)
				}
			})
		}
	}
}

func TestARedactedLogGivesTheSameClientLettersOfTheSameForm(t *testing.T) {
	t.Parallel()
	for name, server := range upstreams(t) {
		fill(t, server)
		maildrop := new(sync.Mutex)
		for _, client := range clients {
			if !strings.HasPrefix(client.name, "curl") && client.name != "go-imap" {
				continue // the others show less of what they were sent
			}
			t.Run(client.name+" and "+name, func(t *testing.T) {
				t.Parallel()
				if client.protocol == mailwire.POP3 { // one session at a time has the maildrop
					maildrop.Lock()
					defer maildrop.Unlock()
				}
				s := newSite(t, server, mailrecord.Config{Protocol: client.protocol, Bodies: true, Redactor: mailrecord.NewRedactor("key")})
				got := client.fetch(s)
				s.check()
				if word := regexp.MustCompile(`\b(?:alice|bob|hello|letter|example\.net)\b`).FindString(s.log.String()); word != "" {
					t.Errorf("%q is recorded", word)
				}
				again := client.fetch(s.replay(client.protocol))
				for i := range got {
					if i >= len(again) {
						t.Fatalf("%d of %d letters came again", len(again), len(got))
					}
					checkForm(t, got[i], again[i])
				}
			})
		}
	}
}

// added finds header fields that programs add, with the time or a random number in them.
var added = regexp.MustCompile(`(?m)^(?:X-TUID|Received):.*\n(?:[ \t].*\n)*`)

// asSent returns letters without what the program that fetched them has added.
func asSent(letters []string) (sent []string) {
	for _, letter := range letters {
		sent = append(sent, added.ReplaceAllString(letter, ""))
	}
	return sent
}

// replay serves what was recorded.
func (s *site) replay(p mailwire.Protocol) *site {
	s.t.Helper()
	replayed := mailtest.Replay(s.t, s.file("bug.log", s.log.String()))
	again := &site{t: s.t, dir: s.t.TempDir(), root: s.root, password: s.password}
	if again.addr = replayed.IMAP.Addr(); p == mailwire.POP3 {
		again.addr = replayed.POP3.Addr()
	}
	return again
}

// check looks through what was recorded.
func (s *site) check(says ...string) {
	s.t.Helper()
	text := s.log.String()
	for _, want := range says {
		if !strings.Contains(text, want) {
			s.t.Errorf("no %q is recorded", want)
		}
	}
	records, err := mailwire.ParseTranscript(strings.NewReader(text))
	if err != nil || len(records) == 0 {
		s.t.Errorf("the log has %d records, %v", len(records), err)
	}
	for _, form := range secretForms(s.password) {
		if strings.Contains(text, form) {
			s.t.Errorf("the password is recorded, as %q", form)
		}
	}
}

// secretForms are what the password can look like.
func secretForms(password string) (forms []string) {
	forms = []string{password}
	// In base64, its octets look in three ways, by what comes before.
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + password))
		forms = append(forms, encoded[4*((shift+2)/3):len(encoded)-4])
	}
	return forms
}

func (s *site) goIMAP() []string {
	s.t.Helper()
	config, err := mailwire.ClientTLS()
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := imapclient.DialStartTLS(s.addr, &imapclient.Options{TLSConfig: config})
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(user, s.password).Wait(); err != nil {
		s.t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		s.t.Fatal(err)
	}
	section := &imap.FetchItemBodySection{Peek: true}
	fetched, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{Envelope: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Logout().Wait(); err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, m := range fetched {
		got = append(got, string(m.FindBodySection(section)))
	}
	return got
}

func (s *site) curl(scheme, addr, path string, options ...string) (got []string) {
	s.t.Helper()
	for i := range letters {
		args := append(options, "--silent", "--show-error", "--cacert", s.root, "--user", user+":"+s.password, fmt.Sprintf("%s://%s%s%d", scheme, addr, path, i+1))
		got = append(got, s.run("curl", args...))
	}
	return got
}

func (s *site) fetchmail(protocol string) []string {
	s.t.Helper()
	box := filepath.Join(s.dir, "box")
	mda := s.file("mda", "#!/bin/sh\nn=$(ls "+box+" | wc -l)\ncat > "+box+"/$n\n")
	if err := os.Chmod(mda, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Mkdir(box, 0o700); err != nil {
		s.t.Fatal(err)
	}
	rc := s.file("rc", fmt.Sprintf("poll localhost service %s protocol %s timeout 20\n  user %q password %q is root here\n  fetchall keep norewrite sslproto 'tls1.2+' sslcertck sslcertfile %q\n  mda %q\n",
		port(s.addr), protocol, user, s.password, s.root, mda))
	s.run("fetchmail", "--fetchmailrc", rc, "--pidfile", filepath.Join(s.dir, "pid"), "--nosyslog", "--silent")
	return readAll(s.t, filepath.Join(box, "*"))
}

func (s *site) mbsync() []string {
	s.t.Helper()
	inbox := filepath.Join(s.dir, "mail")
	rc := s.file("mbsyncrc", fmt.Sprintf(`IMAPAccount here
Host localhost
Port %s
User %s
Pass %s
AuthMechs LOGIN
SSLType STARTTLS
CertificateFile %s
Timeout 20

IMAPStore there
Account here

MaildirStore local
Inbox %s

Channel inbox
Far :there:INBOX
Near :local:INBOX
Create Near
Sync Pull
SyncState *
`, port(s.addr), user, s.password, s.root, inbox))
	if err := os.Mkdir(inbox, 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.run("mbsync", "--config", rc, "inbox")
	return readAll(s.t, filepath.Join(inbox, "*", "*,U=*"))
}

// readAll returns the files' contents, shortest first.
func readAll(t *testing.T, pattern string) (contents []string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, string(content))
	}
	slices.SortFunc(contents, func(a, b string) int { return len(a) - len(b) })
	return contents
}
