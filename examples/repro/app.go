package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
)

// minute is as long as a minute is for all clients and servers here, lest the table be
// long in coming.
const minute = 50 * time.Millisecond

// app is what a client has at hand. It outlives the client's runs.
type app struct {
	imap, pop3     func() (net.Conn, error)
	trust          *tls.Config
	user, password string

	disk     []string // messages that it has saved
	diskFull bool
	screen   []string // what it shows to its user

	seen map[string]bool // what it has fetched before, by whatever it knows messages by
	last int             // number it remembers

	open []net.Conn
}

func newApp(srv *mailtest.Server, a *mailtest.Account) *app {
	return &app{
		imap: srv.IMAP.Dial, pop3: srv.POP3.Dial, trust: srv.TLSConfig(),
		user: a.Name(), password: a.Password(), seen: make(map[string]bool),
	}
}

var errDiskFull = errors.New("no space left on device")

// save writes a message to the disk.
func (a *app) save(raw string) error {
	if a.diskFull {
		return errDiskFull
	}
	a.disk = append(a.disk, raw)
	return nil
}

// show shows a line to the user.
func (a *app) show(line ...any) { a.screen = append(a.screen, fmt.Sprint(line...)) }

// connect connects. No client waits for ever, not even a naive one.
func (a *app) connect(to func() (net.Conn, error)) (net.Conn, error) {
	nc, err := to()
	if err != nil {
		return nil, err
	}
	a.open = append(a.open, nc)
	return nc, nc.SetDeadline(time.Now().Add(200 * minute))
}

// dial connects, and reads the greeting.
func (a *app) dial(to func() (net.Conn, error)) (*session, error) {
	nc, err := a.connect(to)
	if err != nil {
		return nil, err
	}
	s := newSession(nc)
	s.greeting, err = s.ReadLine()
	return s, err
}

// openPOP3 connects and logs in.
func (a *app) openPOP3() (*session, error) {
	s, err := a.dial(a.pop3)
	if err != nil {
		return nil, err
	}
	if _, err := s.ask("USER %s", a.user); err != nil {
		return nil, err
	}
	_, err = s.ask("PASS %s", a.password)
	return s, err
}

// openIMAP connects and logs in.
func (a *app) openIMAP() (*session, error) {
	s, err := a.dial(a.imap)
	if err != nil {
		return nil, err
	}
	_, err = s.command("LOGIN %s %s", quote(a.user), quote(a.password))
	return s, err
}

// openInbox connects, logs in and selects INBOX, whose answer it returns.
func (a *app) openInbox() (*session, []string, error) {
	s, err := a.openIMAP()
	if err != nil {
		return nil, nil, err
	}
	told, err := s.command("SELECT INBOX")
	return s, told, err
}

// openLibrary connects with go-imap's client, and logs in.
func (a *app) openLibrary() (*imapclient.Client, error) {
	nc, err := a.connect(a.imap)
	if err != nil {
		return nil, err
	}
	c := imapclient.New(nc, nil)
	return c, c.Login(a.user, a.password).Wait()
}

// hangUp closes what a run has left open.
func (a *app) hangUp() {
	for _, nc := range a.open {
		nc.Close()
	}
	a.open = nil
}

func (a *app) String() string {
	var has []string
	if n := len(a.disk); n > 3 {
		has = append(has, fmt.Sprintf("saved %d messages", n))
	} else if n > 0 {
		has = append(has, fmt.Sprintf("saved %q", subjects(a.disk)))
	}
	if len(a.screen) > 0 {
		has = append(has, fmt.Sprintf("shows %q", a.screen))
	}
	return strings.Join(has, ", ")
}

func header(raw, field string) string {
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimRight(raw, "\r\n") + "\r\n\r\n"))
	if err != nil {
		return ""
	}
	return m.Header.Get(field)
}

func subjects(raw []string) []string {
	messages := make([]mailtest.Message, len(raw))
	for i, r := range raw {
		messages[i] = mailtest.ParseMessage([]byte(r))
	}
	return subjectsOf(messages)
}

func subjectsOf(messages []mailtest.Message) []string {
	found := make([]string, len(messages))
	for i, m := range messages {
		found[i] = m.Subject
	}
	return found
}
