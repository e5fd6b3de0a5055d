package mailreplay

import (
	"net"
	"path/filepath"
	"testing"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// serve serves a log in memory until the test ends.
func serve(t *testing.T, l *maillog.Log, options ...Option) (*Server, func(mailwire.Protocol) (net.Conn, error)) {
	t.Helper()
	transcript := mailwire.NewTranscript(0)
	s, err := New(l, append([]Option{WithTranscript(transcript)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	listeners := map[mailwire.Protocol]*mailwire.Listener{
		mailwire.IMAP: mailwire.NewListener("imap"), mailwire.POP3: mailwire.NewListener("pop3"),
	}
	for p, l := range listeners {
		go s.Service(p).Serve(l)
	}
	t.Cleanup(func() {
		s.Close()
		if t.Failed() {
			t.Logf("mail transcript (C: client, S: server):\n%s", transcript)
		}
	})
	return s, func(p mailwire.Protocol) (net.Conn, error) { return listeners[p].DialContext(t.Context()) }
}

// Each program's log is served so that its own client, octet for octet, gets its own answers.
func TestEveryFormatReplaysToTheClientThatWroteIt(t *testing.T) {
	t.Parallel()
	logs, err := filepath.Glob("../maillog/testdata/*.*")
	if err != nil || len(logs) < 20 {
		t.Fatal(len(logs), err)
	}
	for _, path := range logs {
		for _, match := range []Match{Strict, ByCommand, Any} {
			t.Run(filepath.Base(path)+"/"+string(match), func(t *testing.T) {
				t.Parallel()
				l, err := maillog.ReadFile(path, maillog.Detect)
				if err != nil {
					t.Fatal(err)
				}
				s, dial := serve(t, l, WithMatch(match))
				if err := s.PlayClients(dial); err != nil {
					t.Error(err)
				}
				if d := s.Deviation(); d != nil {
					t.Error(d)
				}
				if err := s.Rest(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
