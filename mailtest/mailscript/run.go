package mailscript

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// DefaultTimeout is how long an answer may take unless [Server.Timeout] says otherwise.
const DefaultTimeout = 10 * time.Second

// Server is a server to run scripts with.
type Server struct {
	// Dial connects to it.
	Dial func(context.Context, mailwire.Protocol) (net.Conn, error)
	// TLS is for the TLS handshakes of scripts.
	TLS *tls.Config
	// Accounts are the server's names for the accounts in scripts; those that it
	// leaves out are called the same.
	Accounts map[string]string
	// Password is every account's, sent where a script has "***".
	Password string
	// Timeout is how long an answer may take; 0: [DefaultTimeout].
	Timeout time.Duration
	// Known are differences that are no surprise; may be nil.
	Known *Differences
}

// Result is what became of a script.
type Result struct {
	Commands    int // how many the client sent
	Differences []Difference
}

// Difference is an answer that isn't as the script wants it.
type Difference struct {
	Script  string
	Line    int    // of the script, where what is wanted begins, from 1
	Command string // the client's last line before
	Want    string // lines in a script's form
	Got     string // as they came
	Problem string // why there was no more to get; empty: there was no reason
	Known   string // why this is no surprise; empty: it is one
}

func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s line %d, after %q: want\n%sgot\n%s", d.Script, d.Line, d.Command, d.Want, d.Got)
	if d.Problem != "" {
		fmt.Fprintf(&b, "(%s)\n", d.Problem)
	}
	return b.String()
}

// Run has the conversation with a server. The differences are in their order; an error,
// which names the line, means that the rest of the script could not be run.
func (s *Script) Run(ctx context.Context, server Server) (Result, error) {
	r := newRunner(ctx, s, server)
	defer r.close()
	err := r.run()
	return r.result, err
}

// Record has the conversation with a server and returns the script's text with the
// server's answer in place of each \?. What the server says is not what it should
// say: read the text before using it as a script.
func (s *Script) Record(ctx context.Context, server Server) ([]byte, error) {
	r := newRunner(ctx, s, server)
	defer r.close()
	err := r.run()
	lines := slices.Clone(s.lines)
	for i, answer := range r.recorded {
		lines[i] = strings.TrimSuffix(answer, "\n")
	}
	return []byte(strings.Join(lines, "\n")), err
}

// runner runs a script once.
type runner struct {
	ctx      context.Context
	script   *Script
	server   Server
	sessions map[sessionKey]*session
	bindings bindings
	identity identity
	result   Result
	recorded map[int]string // by the index of the line
}

func newRunner(ctx context.Context, s *Script, server Server) *runner {
	if server.Timeout == 0 {
		server.Timeout = DefaultTimeout
	}
	r := &runner{
		ctx: ctx, script: s, server: server,
		sessions: make(map[sessionKey]*session), bindings: make(bindings), recorded: make(map[int]string),
		identity: identity{server.Accounts, server.Password},
	}
	if account, ok := s.captures["account"]; ok {
		r.bindings[account] = symbols([]byte(r.identity.name(DefaultAccount)))
	}
	return r
}

func (r *runner) close() {
	for _, s := range r.sessions {
		s.close()
	}
}

func (r *runner) deadline() time.Time { return time.Now().Add(r.server.Timeout) }

func (r *runner) run() error {
	for _, st := range r.script.steps {
		if err := r.step(st); err != nil {
			return fmt.Errorf("mailscript: %s line %d: %w", r.script.Name, st.first+1, err)
		}
	}
	return nil
}

func (r *runner) step(st step) error {
	if st.dir == mailwire.Note {
		return r.note(st)
	}
	s, err := r.session(st.session)
	if err != nil {
		return err
	}
	if st.dir == mailwire.Server {
		return r.expect(s, st)
	}
	if !s.greeted {
		s.greeted = true
		if _, err := s.read([]response{{text: symbols([]byte("* OK\r\n"))}}, r.deadline()); err != nil {
			return fmt.Errorf("greeting: %w", err)
		}
	}
	return r.send(s, st)
}

// session returns the session of that name, connected.
func (r *runner) session(key sessionKey) (*session, error) {
	if s := r.sessions[key]; s != nil {
		return s, nil
	}
	conn, err := r.server.Dial(r.ctx, key.protocol)
	if err != nil {
		return nil, err
	}
	s := newSession(key.protocol, conn)
	r.sessions[key] = s
	return s, nil
}

// note does what a note says happened.
func (r *runner) note(st step) error {
	text := string(octets(st.text))
	s := r.sessions[st.session]
	switch {
	case strings.HasPrefix(text, "open"):
		if s != nil {
			return errors.New("the session is open")
		}
		_, err := r.session(st.session)
		return err
	case s == nil:
		return nil
	case text == "closed by the client":
		s.close()
	case text == "closed" && !s.closed:
		return s.awaitEnd(r.deadline())
	case strings.HasPrefix(text, "TLS") && strings.Contains(text, "started"):
		return s.startTLS(r.ctx, r.server.TLS)
	case text == "DEFLATE started":
		s.compress()
	}
	return nil
}

// send sends the client's lines.
func (r *runner) send(s *session, st step) error {
	rest, waits := r.bindings.expand(st.text), true
	for waits {
		var text []symbol
		text, rest = cutSymbol(rest, syncPoint)
		waits = rest != nil
		if !isPlain(text) {
			return errors.New("the client is to send what wasn't captured")
		}
		sent, commands := s.track(octets(text), r.identity)
		r.result.Commands += commands
		if err := s.write(sent, r.deadline()); err != nil {
			return err
		}
		if waits {
			taken, err := s.awaitContinuation(r.deadline())
			if err != nil || !taken {
				return err
			}
		}
	}
	return nil
}

// expect reads the server's answers and compares them.
func (r *runner) expect(s *session, st step) error {
	s.greeted = true
	pending := s.pending // until they are answered
	want, err := s.wanted(st.text, pending)
	if err != nil {
		return err
	}
	got, problem := s.read(want, r.deadline())
	if b, ok := s.match(want, got, r.bindings); ok {
		r.bindings = b
		return nil
	}
	if slices.ContainsFunc(want, func(w response) bool { return w.is(unknown) }) {
		r.recorded[st.first] = scriptText(st, got)
	}
	d := Difference{
		Script: r.script.Name, Line: st.first + 1, Command: s.last,
		Want: r.script.text(st), Got: scriptText(st, got),
	}
	if problem != nil {
		d.Problem = problem.Error()
	}
	d.Known = r.server.Known.explain(d.Script, d.Command, func(answer []symbol) bool {
		tag, _, _ := strings.Cut(d.Command, " ")
		want, err := s.wanted(answer, pending)
		_, ok := s.match(want, got, r.bindings.bind(tagCapture, symbols([]byte(tag))))
		return ok && err == nil
	})
	r.result.Differences = append(r.result.Differences, d)
	return nil
}

func (s *Script) text(st step) string {
	var b strings.Builder
	for _, i := range st.lines {
		b.WriteString(s.lines[i] + "\n")
	}
	return b.String()
}

// scriptText returns responses in the form of the step's lines.
func scriptText(st step, responses []response) string {
	var text []byte
	for _, r := range responses {
		text = append(text, octets(r.text)...)
	}
	if len(text) == 0 {
		return ""
	}
	var b strings.Builder
	record := mailwire.Record{Dir: mailwire.Server, Protocol: st.session.protocol, Session: st.session.number, Text: text}
	for line := range strings.Lines(string(record.Append(nil, time.Time{}))) {
		_, line, _ = strings.Cut(line, " S:")
		b.WriteString(st.prefix + "S:" + line)
	}
	return b.String()
}
