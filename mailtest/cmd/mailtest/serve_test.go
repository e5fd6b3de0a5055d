package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// free makes every listener take a free port.
var free = []string{"-imap", "127.0.0.1:0", "-imaps", "127.0.0.1:0", "-pop3", "127.0.0.1:0", "-pop3s", "127.0.0.1:0"}

// start runs "mailtest serve" until the test ends, and returns the addresses that it
// announces, by listener.
func start(t *testing.T, args ...string) map[string]string {
	t.Helper()
	return startCommand(t, "serve", args...)
}

// startCommand is start for any command that serves.
func startCommand(t *testing.T, command string, args ...string) map[string]string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{command}, args...), w, &stderr)
		w.Close()
	}()
	addrs := make(map[string]string)
	buf := make([]byte, 1024)
	n, err := r.Read(buf)
	if err != nil {
		t.Fatalf("%s said nothing: %v; %s", command, err, &stderr)
	}
	go io.Copy(io.Discard, r)
	for line := range strings.Lines(string(buf[:n])) {
		name, addr, _ := strings.Cut(strings.TrimSpace(line), " ")
		addrs[name] = addr
	}
	t.Cleanup(func() {
		stop()
		if c := <-code; c != exitOK {
			t.Errorf("interrupted, %s exits with %d: %s", command, c, &stderr)
		}
	})
	return addrs
}

// loggedIn returns an IMAP client of the server.
func loggedIn(t *testing.T, addr, name, password string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(name, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestServeAnnouncesEveryListenerAndTheReadyFileHasTheSame(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready")
	addrs := start(t, append(free, "-ready", ready)...)
	content, err := os.ReadFile(ready)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"imap", "imaps", "pop3", "pop3s"} {
		if !strings.Contains(string(content), name+" "+addrs[name]+"\n") {
			t.Errorf("%s listens on %q, the ready file says:\n%s", name, addrs[name], content)
		}
		nc, err := net.Dial("tcp", addrs[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		nc.Close()
	}
	loggedIn(t, addrs["imap"], "alice", "secret")
}

func TestServeTurnsListenersOff(t *testing.T) {
	t.Parallel()
	addrs := start(t, "-imap", "127.0.0.1:0", "-imaps", "off", "-pop3", "off", "-pop3s", "off")
	if len(addrs) != 1 || addrs["imap"] == "" {
		t.Errorf("announced %v, want imap alone", addrs)
	}
}

func TestServeLoadsMailOfEveryKind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"letters/a.eml":            "Subject: a\n\nhi\n",
		"letters/b.eml":            "Subject: b\n\nhi\n",
		"letters/note.txt":         "no mail",
		"one [1].eml":              "Subject: one\n\nhi\n",
		"old.mbox":                 "From bob@example.org Thu Feb 29 12:30:00 2024\nSubject: old\nStatus: RO\n\nhi\n",
		"dir/cur/1709209800.a:2,F": "Subject: flagged\n\nhi\n",
		"dir/new/1709209801.b":     "Subject: new\n\nhi\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	addrs := start(t, append(free, "-user", "bob:pass:word",
		"-load", "bob="+dir+"/letters", "-load", "bob="+dir+"/one [1].eml",
		"-load", "bob/Old/2024="+dir+"/old.mbox", "-load", "bob/Dir="+dir+"/dir")...)
	c := loggedIn(t, addrs["imap"], "bob", "pass:word")
	for mailbox, want := range map[string][2]uint32{"INBOX": {3, 3}, "Old/2024": {1, 0}, "Dir": {2, 2}} {
		st, err := c.Status(mailbox, &imap.StatusOptions{NumMessages: true, NumUnseen: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]uint32{*st.NumMessages, *st.NumUnseen}; got != want {
			t.Errorf("%s has %v messages and unseen, want %v", mailbox, got, want)
		}
	}
}

func TestServeVoidsWhatClientsRememberOfTheLastRun(t *testing.T) {
	t.Parallel()
	lastRun := uint32(time.Now().Unix())
	c := loggedIn(t, start(t, free...)["imap"], "alice", "secret")
	st, err := c.Status("INBOX", &imap.StatusOptions{UIDValidity: true}).Wait()
	if err != nil || st.UIDValidity <= lastRun {
		t.Errorf("UIDVALIDITY %v, %v, want more than the time before the start, %d", st, err, lastRun)
	}
}

func TestServeOffersTheCapabilitiesThatWereAskedFor(t *testing.T) {
	t.Parallel()
	without := loggedIn(t, start(t, append(free, "-no-caps", "idle,MOVE")...)["imap"], "alice", "secret").Caps()
	if without.Has(imap.CapIdle) || without.Has(imap.CapMove) || !without.Has(imap.CapUIDPlus) {
		t.Errorf("-no-caps idle,MOVE leaves %v", without)
	}
	only := loggedIn(t, start(t, append(free, "-caps", "IDLE")...)["imap"], "alice", "secret").Caps()
	if !only.Has(imap.CapIdle) || only.Has(imap.CapUIDPlus) {
		t.Errorf("-caps IDLE offers %v", only)
	}
}

func TestServeOffersNoPOP3CapabilitiesThatWereTurnedOff(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-personality", "yahoo", "-no-pop3-caps", "uidl,EXPIRE SASL=XOAUTH2,LANG")...)
	c, err := textproto.Dial("tcp", addrs["pop3"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.PrintfLine("CAPA"); err != nil {
		t.Fatal(err)
	}
	said, err := c.ReadDotLines() // from the greeting on
	if err != nil || len(said) < 2 {
		t.Fatalf("CAPA: %q, %v", said, err)
	}
	if want := []string{"TOP", "RESP-CODES", "PIPELINING", "USER", "SASL PLAIN"}; !slices.Equal(said[2:], want) {
		t.Errorf("CAPA: %q, want %q", said[2:], want)
	}
}

func TestServeRefusesWhatItCantDoInOneLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown flag":       {[]string{"-smtp", "off"}, "-smtp"},
		"argument":           {[]string{"now"}, `"now"`},
		"user without colon": {[]string{"-user", "alice"}, "NAME:PASSWORD"},
		"user twice":         {append(free, "-user", "a:1", "-user", "A:2"), "already exists"},
		"token of nobody":    {append(free, "-token", "nobody:ya29"), "nobody"},
		"token of no user":   {[]string{"-token", "ya29"}, "USER:TOKEN"},
		"load of nobody":     {append(free, "-load", "nobody="+missing), "nobody"},
		"missing path":       {append(free, "-load", "alice="+missing), missing},
		"load without path":  {append(free, "-load", "alice"), "USER[/MAILBOX]=PATH"},
		"bad mailbox":        {append(free, "-load", "alice/a//b="+t.TempDir()), "a//b"},
		"taken port":         {append(free, "-pop3s", taken.Addr().String()), "-pop3s"},
		"remote address":     {append(free, "-imap", "0.0.0.0:0"), "-allow-remote"},
		"any address":        {append(free, "-imap", ":0"), "-allow-remote"},
		"no port":            {append(free, "-imap", "127.0.0.1"), "127.0.0.1"},
		"capability":         {append(free, "-no-caps", "TELEPATHY"), "TELEPATHY"},
		"pop3 capability":    {append(free, "-no-pop3-caps", "SASL=TELEPATHY"), "SASL TELEPATHY"},
		"authority":          {append(free, "-ca", filepath.Join(missing, "ca.pem")), "-ca"},
		"page":               {append(free, "-html", filepath.Join(missing, "said.html")), "-html"},
		"ready file":         {append(free, "-ready", filepath.Join(missing, "ready")), "-ready"},
		"nothing to serve":   {[]string{"-imap", "off", "-imaps", "off", "-pop3", "off", "-pop3s", "off"}, "off"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), append([]string{"serve"}, test.args...), &stdout, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: exit %d, want 2, and one line with %q on stderr, which has:\n%s", name, code, test.want, &stderr)
		}
		if stdout.Len() > 0 {
			t.Errorf("%s: stdout has %q", name, &stdout)
		}
	}
}

func TestVerboseShowsTheSessionsWithoutPasswords(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, w := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, append([]string{"serve", "-v", "-user", "bob:hunter2"}, free...), w, io.Discard)
		w.Close()
	}()
	buf := make([]byte, 1024)
	n, err := r.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimPrefix(strings.SplitN(string(buf[:n]), "\n", 2)[0], "imap ")
	shown := make(chan string)
	go func() {
		all, _ := io.ReadAll(r)
		shown <- string(all)
	}()
	c := loggedIn(t, addr, "bob", "hunter2")
	if err := c.Logout().Wait(); err != nil {
		t.Error(err)
	}
	stop()
	<-done
	if all := <-shown; !strings.Contains(all, " C: ") || !strings.Contains(all, "LOGIN") || strings.Contains(all, "hunter2") {
		t.Errorf("-v shows:\n%s", all)
	}
}

func TestServeWritesWhatWasSaidAsAPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "said.html")
	t.Run("session", func(t *testing.T) {
		addrs := start(t, append(free, "-html", file)...)
		loggedIn(t, addrs["imap"], "alice", "secret")
	})
	page, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(page, []byte("LOGIN")) || bytes.Contains(page, []byte("secret")) {
		t.Errorf("the page: %v\n%s", err, page)
	}
}

func TestServeSaysSoIfItCantWriteThePage(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var stderr bytes.Buffer
	file := filepath.Join(t.TempDir(), "missing", "said.html")
	if code := run(ctx, append([]string{"serve", "-html", file}, free...), io.Discard, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "-html") {
		t.Errorf("exit %d: %s", code, &stderr)
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"serve", "-h"}, &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Errorf("serve -h: exit %d, stderr %q", code, &stderr)
	}
	for _, name := range []string{"imap", "imaps", "pop3", "pop3s", "user", "token", "load", "caps", "no-caps", "no-pop3-caps", "gmail", "ready", "html", "ca", "allow-remote", "v"} {
		if !strings.Contains(stdout.String(), "  -"+name) {
			t.Errorf("serve -h lacks -%s:\n%s", name, &stdout)
		}
	}
	if code := run(context.Background(), []string{"fly"}, &stdout, &stderr); code != exitUsage {
		t.Errorf("unknown command: exit %d, want 2", code)
	}
}

func TestServeWritesTheAuthorityThatClientsHaveToTrust(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	addrs := start(t, append(free, "-ca", ca)...)
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	for _, listener := range []string{"imaps", "pop3s"} {
		conn, err := tls.Dial("tcp", addrs[listener], &tls.Config{RootCAs: roots})
		if err != nil {
			t.Errorf("%s: %v", listener, err)
			continue
		}
		conn.Close()
	}
}

func TestServeTakesAccessTokens(t *testing.T) {
	t.Parallel()
	// Flags come in any order, and a token may have a colon.
	addrs := start(t, append(free, "-token", "alice:ya29.a0:x", "-user", "alice@example.org:secret")...)
	for token, right := range map[string]bool{"secret": false, "ya29.a0:x": true} {
		c, err := imapclient.DialInsecure(addrs["imap"], nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		bearer := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: "alice@example.org", Token: token})
		if err := c.Authenticate(bearer); (err == nil) != right {
			t.Errorf("%s: %v", token, err)
		}
	}
}

func TestServeCanMakeAccountsAtLogin(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-create-accounts", "-any-password")...)
	loggedIn(t, addrs["imap"], "new@example.org", "first")
	loggedIn(t, addrs["imap"], "new@example.org", "another")
	loggedIn(t, addrs["imap"], "alice", "whatever")
}

func TestServeCanBeLikeGmail(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-gmail")...)
	c := loggedIn(t, addrs["imap"], "alice", "secret")
	if !c.Caps().Has("X-GM-EXT-1") {
		t.Errorf("capabilities %v", c.Caps())
	}
	if _, err := c.Select("[Gmail]/All Mail", nil).Wait(); err != nil {
		t.Error(err)
	}
}

func TestServeIsTheServerOfThePersonality(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-personality", "gmail", "-quirk", "empty-dele-reply")...)
	for listener, want := range map[string]string{"imap": "* OK Gimap ready", "pop3": "+OK Gpop ready"} {
		conn, err := net.Dial("tcp", addrs[listener])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		greeting := make([]byte, len(want))
		if _, err := io.ReadFull(conn, greeting); err != nil || string(greeting) != want {
			t.Errorf("%s greets by %q, %v; want %q", listener, greeting, err, want)
		}
	}
	c := loggedIn(t, addrs["imap"], "alice@example.org", "secret")
	boxes, err := c.List("", "[Gmail]/%", nil).Collect()
	if err != nil || len(boxes) != 7 {
		t.Errorf("%d mailboxes below [Gmail], %v; want 7", len(boxes), err)
	}
}

func TestServeListsPersonalitiesAndQuirks(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"serve", "-personalities"}, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, want := range []string{"\n  comcast       Comcast's Maillennium POP3\n", "  empty-dele-reply        POP3: DELE is carried out and answered by an empty line\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no line %q in\n%s", want, &stdout)
		}
	}
}

func TestServeRefusesNamesThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"personality", "quirk"} {
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"serve", "-" + name, "eudora"}, io.Discard, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), "eudora") {
			t.Errorf("-%s eudora: exit code %d, %s", name, code, &stderr)
		}
	}
}

func TestServeMisbehavesAsItIsTold(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-fault", `greeting protocol pop3 replace "-ERR [SYS/TEMP] later\r\n" pass close`,
		"-fault", `on LOGIN answer "NO [UNAVAILABLE] later"`)...)
	nc, err := net.Dial("tcp", addrs["pop3"])
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if got, err := io.ReadAll(nc); string(got) != "-ERR [SYS/TEMP] later\r\n" || err != nil {
		t.Errorf("POP3 greets with %q, %v", got, err)
	}
	c, err := imapclient.DialInsecure(addrs["imap"], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("alice", "secret").Wait(); err == nil || !strings.Contains(err.Error(), "UNAVAILABLE") {
		t.Errorf("login: %v", err)
	}
}

func TestServeTellsWhatIsWrongWithAFault(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"serve", "-fault", "on RETR cut-aftr 5"}, io.Discard, &stderr); code != exitUsage {
		t.Errorf("serve exits with %d", code)
	}
	if want := `column 9: unknown matcher or action "cut-aftr"; did you mean "cut-after"?`; !strings.Contains(stderr.String(), want) {
		t.Errorf("serve says %s", &stderr)
	}
}

func TestServeTurnsCapabilitiesOfThePersonalityOff(t *testing.T) {
	t.Parallel()
	addrs := start(t, append(free, "-personality", "yahoo", "-no-caps", "IDLE")...)
	caps := loggedIn(t, addrs["imap"], "alice@example.org", "secret").Caps()
	if caps.Has(imap.CapIdle) || !caps.Has(imap.CapMove) {
		t.Errorf("capabilities %v", caps)
	}
}
