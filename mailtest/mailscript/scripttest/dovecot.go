//go:build linux

package scripttest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailwire"
)

// TestDovecot has the conversations of all scripts with a real server. Where it
// answers differently, testdata/dovecot.txt gives the reason. The capabilities that a
// script needs are those of the protocol.
func TestDovecot(t *testing.T, dovecot mailscript.Server, protocol mailwire.Protocol) {
	t.Helper()
	text, err := os.ReadFile("testdata/dovecot.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, err := mailscript.ParseDifferences("testdata/dovecot.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("all", func(t *testing.T) {
		for i, script := range Read(t) {
			t.Run(script.Name, func(t *testing.T) {
				t.Parallel()
				server := dovecot
				server.Known = known
				// Each script has a user of its own, with a name as long as that in the scripts.
				server.Accounts = map[string]string{mailscript.DefaultAccount: fmt.Sprintf("u%04d@example.org", i)}
				if c := lacks(t, server, protocol, script); c != "" {
					t.Skipf("this Dovecot doesn't have %s", c)
				}
				Seed(t, script, server)
				Run(t, script, server)
			})
		}
	})
	if unused := known.Unused(); len(unused) > 0 && !t.Failed() && !filtered() {
		t.Errorf("these differences aren't there any more:\n%s", strings.Join(unused, "\n"))
	}
}

// lacks returns a capability that a script needs and the server doesn't have, if there
// is one.
func lacks(t *testing.T, server mailscript.Server, protocol mailwire.Protocol, script *mailscript.Script) string {
	t.Helper()
	server.Known = nil
	for _, c := range script.Capabilities {
		question := askIMAP(c)
		if protocol == mailwire.POP3 {
			question = askPOP3(c)
		}
		ask, err := mailscript.Parse("capability", []byte(question))
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

// askIMAP returns a script that finds a difference if a capability isn't there.
func askIMAP(capability string) (script string) {
	if !strings.HasPrefix(capability, "AUTH=") { // these are listed before LOGIN only
		script = fmt.Sprintf("C: a LOGIN %s ***\nS: \\...\nS: a OK \\...\n", mailscript.DefaultAccount)
	}
	return script + fmt.Sprintf("C: b CAPABILITY\nS: * CAPABILITY %s \\...\nS: b OK listed\n", capability)
}

// askPOP3 returns a script that finds a difference if a capability isn't there. One with
// an argument, such as SASL=PLAIN, is in the line of what stands before the equals sign.
func askPOP3(capability string) (script string) {
	name, argument, ok := strings.Cut(capability, "=")
	line := name
	if ok {
		line += `\... ` + argument
	}
	return "pop3#1 C: CAPA\nS: +OK\nS: \\...\nS: " + line + "\\...\nS: \\...\nS: .\n"
}

// StartDovecot starts Dovecot with these protocols on free ports, with its files in a
// temporary directory, and ends it with the test. Settings are added to its configuration
// and win over what is there. Without Dovecot the test is skipped.
func StartDovecot(t testing.TB, settings string, protocols ...mailwire.Protocol) mailscript.Server {
	t.Helper()
	const program = "/usr/sbin/dovecot"
	need(t, program, "dovecot-core")
	ports := make(map[mailwire.Protocol]int)
	dial := make(map[mailwire.Protocol]string)
	var sockets []*os.File
	for _, p := range protocols {
		need(t, "/usr/lib/dovecot/"+string(p), "dovecot-"+string(p)+"d")
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
		sockets = append(sockets, socket)
		ports[p], dial[p] = listener.Addr().(*net.TCPAddr).Port, listener.Addr().String()
	}

	// Dovecot takes the listening sockets over as systemd's children do: no port can
	// be lost, and connections wait until it is ready.
	dovecot := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" -F -c "$1"`, program, writeDovecotConfig(t, ports, settings))
	dovecot.Env = append(os.Environ(), fmt.Sprintf("LISTEN_FDS=%d", len(sockets)))
	dovecot.ExtraFiles = sockets
	runDovecot(t, dovecot)

	tls, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	tls.ServerName = "localhost"
	return mailscript.Server{
		Dial: func(ctx context.Context, p mailwire.Protocol) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", dial[p])
		},
		TLS:      tls,
		Password: "secret",
		Timeout:  20 * time.Second, // POP3 waits 10 s for the maildrop
	}
}

func need(t testing.TB, path, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(path); err != nil {
		t.Skipf("no Dovecot here (Debian: apt-get install %s): %v", debianPackage, err)
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

// adoptOrphans makes this process the parent of its children's children when those end,
// so that it can wait for them.
func adoptOrphans(t testing.TB) {
	t.Helper()
	const setChildSubreaper = 36 // prctl(2), PR_SET_CHILD_SUBREAPER
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		t.Fatalf("adopt orphans: %v", errno)
	}
}
