//go:build linux

package scripttest

import (
	"bytes"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
)

// The configuration makes Dovecot as much like the fakes as it can be. Any user name is
// an account, whose password is secret.
var (
	//go:embed dovecot.conf
	dovecotConfig string
	//go:embed dovecot-imap.conf
	dovecotIMAP string
	//go:embed dovecot-pop3.conf
	dovecotPOP3 string
	//go:embed dovecot-unprivileged.conf
	dovecotUnprivileged string
)

// writeDovecotConfig prepares the directory and returns the path of the configuration.
func writeDovecotConfig(t testing.TB, ports map[mailwire.Protocol]int, settings string) string {
	t.Helper()
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	me, mail, group := dovecotUsers(t)
	if err := os.Mkdir(home, 0o777); err != nil {
		t.Fatal(err)
	}
	text, protocols := dovecotConfig, ""
	for p, own := range map[mailwire.Protocol]string{mailwire.IMAP: dovecotIMAP, mailwire.POP3: dovecotPOP3} {
		if port, ok := ports[p]; ok {
			text += strings.ReplaceAll(own, "PORT", strconv.Itoa(port))
			protocols += " " + string(p)
		}
	}
	text += settings
	if os.Getuid() == 0 {
		// The users of the mail and login processes have to get at their files.
		allow(t, filepath.Dir(dir), 0o711)
		allow(t, dir, 0o711)
		allow(t, home, 0o777)
	} else {
		text += dovecotUnprivileged
	}
	writeDovecotKey(t, dir)
	text = strings.NewReplacer("DIR", dir, "PROTOCOLS", protocols, "UID", mail.Uid, "GID", mail.Gid, "USER", me.Username,
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
