//go:build linux

package imapfake_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailwire"
)

// TestScriptsHoldForDovecot has the same conversations with a real server. Where it
// answers differently, testdata/dovecot.txt gives the reason.
func TestScriptsHoldForDovecot(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/dovecot.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, err := mailscript.ParseDifferences("testdata/dovecot.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	dovecot := startDovecot(t)
	t.Run("all", func(t *testing.T) {
		for i, script := range scripts(t) {
			t.Run(script.Name, func(t *testing.T) {
				t.Parallel()
				server := dovecot
				server.Known = known
				// Each script has a user of its own, with a name as long as that in the scripts.
				server.Accounts = map[string]string{mailscript.DefaultAccount: fmt.Sprintf("u%04d@example.org", i)}
				if c := lacks(t, server, script); c != "" {
					t.Skipf("this Dovecot doesn't have %s", c)
				}
				seed(t, script, server)
				runScript(t, script, server)
			})
		}
	})
	if unused := known.Unused(); len(unused) > 0 && !t.Failed() && !filtered() {
		t.Errorf("these differences aren't there any more:\n%s", strings.Join(unused, "\n"))
	}
}

// lacks returns a capability that a script needs and the server doesn't have, if there
// is one.
func lacks(t *testing.T, server mailscript.Server, script *mailscript.Script) string {
	t.Helper()
	server.Known = nil
	for _, c := range script.Capabilities {
		var question []byte
		if !strings.HasPrefix(c, "AUTH=") { // these are listed before LOGIN only
			question = fmt.Appendf(question, "C: a LOGIN %s ***\nS: \\...\nS: a OK \\...\n", mailscript.DefaultAccount)
		}
		question = fmt.Appendf(question, "C: b CAPABILITY\nS: * CAPABILITY %s \\...\nS: b OK listed\n", c)
		ask, err := mailscript.Parse("capability", question)
		if err != nil {
			t.Fatal(err)
		}
		result, err := ask.Run(t.Context(), server)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Differences) > 0 {
			return c
		}
	}
	return ""
}

// dovecotConfig makes Dovecot as much like the fake as it can be: names separated by
// "/", no delay after a failed login, and no TLS needed to log in. Any user name
// is an account, whose password is secret.
const dovecotConfig = `
base_dir = DIR/run
state_dir = DIR/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
mail_location = sdbox:~/mail:NO-NOSELECT
mailbox_list_index = yes
mail_attribute_dict = file:%h/attributes
mail_plugins = quota
protocol imap {
  mail_plugins = $mail_plugins imap_quota imap_zlib
  imap_metadata = yes
  imap_capability = +QUOTA=RES-STORAGE QUOTA=RES-MESSAGE
  imap_urlauth_host = localhost
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=1024K:messages=100
  quota_vsizes = yes
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
  }
  mailbox Drafts {
    special_use = \Drafts
  }
  mailbox Trash {
    special_use = \Trash
  }
}
service imap-login {
  service_count = 0
  process_min_avail = 1
  process_limit = 10
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service imap {
  service_count = 100
  process_limit = 200
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

// dovecotUnprivileged is for a Dovecot that isn't started by root: everything runs as
// the present user.
const dovecotUnprivileged = `
default_login_user = USER
default_internal_user = USER
default_internal_group = GROUP
service anvil {
  chroot =
}
service imap-login {
  chroot =
}
service stats {
  chroot =
}
`

// startDovecot starts Dovecot on a free port, with its files in a temporary
// directory, and ends it with the test. Replacements are pairs: what is in the
// configuration, and what is to be there instead.
func startDovecot(t testing.TB, replacements ...string) mailscript.Server {
	t.Helper()
	const program = "/usr/sbin/dovecot"
	for _, path := range []string{program, "/usr/lib/dovecot/imap"} {
		if _, err := exec.LookPath(path); err != nil {
			t.Skipf("no Dovecot here (Debian: apt-get install dovecot-imapd): %v", err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	address := listener.Addr().(*net.TCPAddr)
	config := writeDovecotConfig(t, address.Port, replacements)

	// Dovecot takes the listening socket over as systemd's children do: no port can
	// be lost, and connections wait until it is ready.
	dovecot := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" -F -c "$1"`, program, config)
	dovecot.Env = append(os.Environ(), "LISTEN_FDS=1")
	dovecot.ExtraFiles = []*os.File{socket}
	runDovecot(t, dovecot)

	tls, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	tls.ServerName = "localhost"
	return mailscript.Server{
		Dial: func(ctx context.Context, _ mailwire.Protocol) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address.String())
		},
		TLS:      tls,
		Password: "secret",
		Timeout:  5 * time.Second,
	}
}

// runDovecot runs it until the test ends, and shows its log if the test failed.
func runDovecot(t testing.TB, dovecot *exec.Cmd) {
	t.Helper()
	adoptOrphans(t)
	log := new(syncBuffer)
	dovecot.Stderr = log
	// A process that the master starts as the signal comes can outlive it, and has the log open.
	dovecot.WaitDelay = 5 * time.Second
	// A group of its own, to be ended with all its processes; and it ends with the tests
	// even when they crash, as long as the thread that started it is there.
	dovecot.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		err := dovecot.Start()
		started <- err
		if err == nil {
			dovecot.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The master waits for the others, which is quick as they get the signal too.
		if err := syscall.Kill(-dovecot.Process.Pid, syscall.SIGTERM); err != nil {
			t.Errorf("end Dovecot: %v", err)
		}
		<-ended
		// Whatever is left of them is ours now.
		syscall.Kill(-dovecot.Process.Pid, syscall.SIGKILL)
		for err := error(nil); err != syscall.ECHILD; {
			_, err = syscall.Wait4(-dovecot.Process.Pid, nil, 0, nil)
		}
		if t.Failed() {
			t.Logf("Dovecot's log:\n%s", log)
		}
	})
}

// adoptOrphans makes this process the parent of its children's children when those end,
// so that it can wait for them.
func adoptOrphans(t testing.TB) {
	t.Helper()
	const setChildSubreaper = 36 // prctl(2), PR_SET_CHILD_SUBREAPER
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		t.Fatalf("adopt orphans: %v", errno)
	}
}

// writeDovecotConfig prepares the directory and returns the path of the configuration.
func writeDovecotConfig(t testing.TB, port int, replacements []string) string {
	t.Helper()
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	me, mail, group := dovecotUsers(t)
	if err := os.Mkdir(home, 0o777); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(replacements...).Replace(dovecotConfig)
	if os.Getuid() == 0 {
		// The users of the mail and login processes have to get at their files.
		allow(t, filepath.Dir(dir), 0o711)
		allow(t, dir, 0o711)
		allow(t, home, 0o777)
	} else {
		text += dovecotUnprivileged
	}
	writeDovecotKey(t, dir)
	text = strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(port), "UID", mail.Uid, "GID", mail.Gid, "USER", me.Username,
		"GROUP", group.Name).Replace(text)
	path := filepath.Join(dir, "dovecot.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dovecotUsers returns the present user and group, and the user whose processes have the
// mail, which Dovecot doesn't let be root.
func dovecotUsers(t testing.TB) (me, mail *user.User, group *user.Group) {
	t.Helper()
	me, err := user.Current()
	if err == nil {
		group, err = user.LookupGroupId(me.Gid)
	}
	if mail = me; err == nil && me.Uid == "0" {
		mail, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Skipf("Dovecot needs users and groups that have names: %v", err)
	}
	return me, mail, group
}

// writeDovecotKey writes the fakes' certificate and key, for STARTTLS.
func writeDovecotKey(t testing.TB, dir string) {
	t.Helper()
	config, err := mailwire.ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	var certificates bytes.Buffer
	for _, der := range config.Certificates[0].Certificate {
		pem.Encode(&certificates, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	key, err := x509.MarshalPKCS8PrivateKey(config.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"cert.pem": certificates.Bytes(),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func allow(t testing.TB, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// syncBuffer collects a process's output.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
