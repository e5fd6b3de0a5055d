package mailwire

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestACommandsArgumentsArePlain(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{
		"":                   nil,
		"INBOX":              {"INBOX"},
		`"my \"mail\" \\" x`: {`my "mail" \`, "x"},
		"1:* (FLAGS BODY.PEEK[HEADER.FIELDS (A B)])": {"1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (A B)])"},
		"1 BODY[HEADER.FIELDS (A B)]<0.7> x":         {"1", "BODY[HEADER.FIELDS (A B)]<0.7>", "x"},
		"{5}\r\na b c ~{2+}\r\n)( x":                 {"a b c", ")(", "x"},
		"({3}\r\n) ( \" \") y":                       {"({3}\r\n) ( \" \")", "y"},
		"INBOX {70000}":                              {"INBOX", "{70000}"},
		`"open`:                                      {`"open`},
		"{99}\r\nshort":                              {"{99}\r\nshort"},
		") (a":                                       {")", "(a"},
	} {
		c := Command{Tag: "a", Raw: raw}
		if diff := cmp.Diff(want, c.Args()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", raw, diff)
		}
	}
	pop := Command{Raw: `1 "two 3`}
	if diff := cmp.Diff([]string{"1", `"two`, "3"}, pop.Args()); diff != "" {
		t.Errorf("POP3 (-want +got):\n%s", diff)
	}
}

func TestArgumentsAreHiddenFromANumberOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tag, raw string
		from     int
		want     string
	}{
		{"a", `"al ice" secret`, 2, `"al ice" ***`},
		{"a", "{5}\r\nalice {6}\r\nsecret", 2, "{5}\r\nalice ***"},
		{"a", "alice", 2, "alice"},
		{"", "alice  0123", 2, "alice  ***"},
		{"", `a"lice 0123 4`, 2, `a"lice ***`},
		{"", "my secret", 1, "***"},
	} {
		c := Command{Tag: test.tag, Raw: test.raw}
		if c.HideArgs(test.from); c.Raw != test.want {
			t.Errorf("%q from %d: %q, want %q", test.raw, test.from, c.Raw, test.want)
		}
	}
}

func TestACommandIsOnePrintableLine(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Command{
		"a1 NOOP":                        {Tag: "a1", Name: "NOOP"},
		"RETR 1 -> ERR":                  {Name: "RETR", Raw: "1", Status: "ERR"},
		`a2 CREATE {3} b?r -> OK`:        {Tag: "a2", Name: "CREATE", Raw: "{3}\r\nb\x1br", Status: "OK"},
		strings.Repeat("x", 200) + "...": {Name: strings.Repeat("x", 300)},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSecretsAreHiddenWhereverTheArgumentsEnd(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`alice secret`:                `alice ***`,
		`"al ice" "sec ret"`:          `"al ice" ***`,
		"{6}\r\nal ice {6}\r\nsecret": "{6}\r\nal ice ***",
		`"alice secret`:               `***`,
		`ali"ce secret`:               `***`,
		`(alice secret`:               `***`,
		`alice`:                       `alice`,
	} {
		c := Command{Tag: "a", Raw: raw}
		if c.HideArgs(2); c.Raw != want {
			t.Errorf("%q becomes %q, want %q", raw, c.Raw, want)
		}
		c.Raw = raw
		if c.HideArgs(0); c.Raw != raw {
			t.Errorf("%q becomes %q though nothing is to be hidden", raw, c.Raw)
		}
	}
}

func FuzzCommandArgs(f *testing.F) {
	for _, raw := range []string{"", "a b", `"a\" b" c`, "{3}\r\na b c", "(a (b) c) d", "{", "~{1+}\r\n", `"\`, "[ ]"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c := Command{Tag: "a", Raw: raw}
		args := c.Args()
		octets := 0
		for _, arg := range args {
			octets += len(arg)
		}
		if octets > len(raw) {
			t.Errorf("%d octets of arguments in %d", octets, len(raw))
		}
		c.HideArgs(2)
		if len(args) > 1 && !strings.HasSuffix(c.Raw, "***") {
			t.Errorf("not hidden: %q", c.Raw)
		}
	})
}

// record opens a connection with a record.
func record(t *testing.T, l *SessionLog) (net.Conn, *Conn, *SessionRecorder) {
	client, conn, _ := connect(t)
	return client, conn, l.Open(conn, "new")
}

func TestASessionTellsOctetsTimesAndWhatWasNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log SessionLog
		client, conn, r := record(t, &log)
		mustWrite(t, client, "a1 LIST x\r\na2 NOOP\r\n")
		mustReadLine(t, conn, "a1 LIST x")
		began := time.Now()
		r.Begin(Command{Tag: "a1", Name: "LIST", Raw: "x"}, 0)
		time.Sleep(time.Minute)
		conn.WriteString("* LIST\r\n")
		r.Answer("OK", "CODE")
		r.Answer("NO", "LATE")
		conn.WriteString("a1 OK\r\n")
		r.Done(0)
		mustReadLine(t, conn, "a2 NOOP")
		r.Begin(Command{Tag: "a2", Name: "NOOP"}, 0)
		conn.Flush()
		io.ReadFull(client, make([]byte, 10))
		want := []Session{{
			Number: 1, Protocol: IMAP, Remote: "client", State: "new", Opened: began,
			Commands: []Command{
				{Tag: "a1", Name: "LIST", Raw: "x", Status: "OK", Code: "CODE", Received: 11, Sent: 15, Began: began, Duration: time.Minute},
				{Tag: "a2", Name: "NOOP", Began: began.Add(time.Minute)},
			},
			Received: 20, Sent: 15, Unread: 5,
		}}
		if diff := cmp.Diff(want, log.All()); diff != "" {
			t.Errorf("open (-want +got):\n%s", diff)
		}
		r.Close(EndedByClient, 3)
		r.Close(EndedByServer, 0)
		conn.Close()
		want[0].Closed, want[0].End, want[0].Sent = time.Now(), EndedByClient, 18
		if diff := cmp.Diff(want, log.All()); diff != "" {
			t.Errorf("closed (-want +got):\n%s", diff)
		}
		client.Close()
		if got := log.All()[0].Unread; got != 5 {
			t.Errorf("%d octets unread when the client is gone, want 5", got)
		}
	})
}

func TestWhoWaitsForAChangeIsWokenByEveryKind(t *testing.T) {
	t.Parallel()
	var log SessionLog
	client, conn, r := record(t, &log)
	mustWrite(t, client, "x\r\n")
	mustReadLine(t, conn, "x")
	for name, step := range map[string]func(){
		"open":   func() { record(t, &log) },
		"begin":  func() { r.Begin(Command{Name: "NOOP"}, 0); r.Answer("OK", "") },
		"update": func() { r.Update(func(s *Session) { s.State = "x" }) },
	} {
		changed := log.Changed()
		step()
		select {
		case <-changed:
		default:
			t.Errorf("%s woke nobody", name)
		}
	}
	changed := log.Changed()
	r.Close(EndedByClient, 0)
	<-changed
}

func TestALogForgetsTheOldestAndSaysSo(t *testing.T) {
	t.Parallel()
	var log SessionLog
	_, _, old := record(t, &log)
	_, _, open := record(t, &log)
	large := strings.Repeat("x", 64<<10)
	for range 200 {
		old.Begin(Command{Name: "OLD", Raw: large}, 0)
	}
	for range 200 {
		open.Begin(Command{Name: "NEW", Raw: large}, 0)
	}
	old.Answer("OK", "") // of a command that is forgotten
	all := log.All()
	if got := len(all[0].Commands) + all[0].Forgotten; got != 200 || all[0].Forgotten < 100 || log.size > sessionLogLimit {
		t.Errorf("%d commands, of which %d are forgotten; %d octets", got, all[0].Forgotten, log.size)
	}
	if all[1].Forgotten != 0 {
		t.Errorf("%d of the newest commands are forgotten", all[1].Forgotten)
	}
	old.Close(EndedByClient, 0)
	for range maxSessions {
		_, _, r := record(t, &log)
		r.Close(EndedByClient, 0)
	}
	all = log.All()
	if len(all) != maxSessions+1 || !all[0].IsOpen() {
		t.Errorf("%d sessions, the oldest of them open: %v", len(all), all[0].IsOpen())
	}
	size := 0
	for _, r := range log.sessions {
		for _, c := range r.commands {
			size += c.size
		}
	}
	if size != log.size {
		t.Errorf("the log counts %d octets, there are %d", log.size, size)
	}
}

func TestTheLogIsReadWhileSessionsGoOn(t *testing.T) {
	t.Parallel()
	var log SessionLog
	var running sync.WaitGroup
	for i := range 4 {
		client, conn, r := record(t, &log)
		running.Go(func() {
			for n := range 100 {
				line := fmt.Sprintf("a%d NOOP", n)
				mustWrite(t, client, line+"\r\n")
				mustReadLine(t, conn, line)
				r.Begin(Command{Name: "NOOP"}, 0)
				r.Update(func(s *Session) { s.User = fmt.Sprint(i) })
				r.Bodies(1, []uint32{uint32(n)})
				r.Answer("OK", "")
				r.Done(0)
			}
			r.Close(EndedByClient, 0)
		})
	}
	for {
		changed := log.Changed()
		if all := log.All(); !slices.ContainsFunc(all, func(s Session) bool { return s.IsOpen() }) {
			break
		}
		<-changed
	}
	running.Wait()
}
