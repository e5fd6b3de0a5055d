package imapfake

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// metadata is METADATA (RFC 5464). Changes by others are announced to clients that
// ask for it by NOTIFY, otherwise not, which §4.1 leaves to the server.
func metadata() extension {
	return extension{cap: imap.CapMetadata, commands: metadataCommands()}
}

// metadataServer is METADATA-SERVER, the server's annotations alone (RFC 5464 §1).
// METADATA includes it, and then CAPABILITY lists METADATA only.
func metadataServer() extension {
	return extension{
		cap:      imap.CapMetadataServer,
		shown:    func(s *session) bool { return !s.has(imap.CapMetadata) },
		commands: metadataCommands(),
	}
}

func metadataCommands() []command {
	return []command{
		{name: "GETMETADATA", grammar: "RFC 5464 §5", states: authenticatedUp, parse: parseGetMetadata},
		{name: "SETMETADATA", grammar: "RFC 5464 §5", states: authenticatedUp, parse: parseSetMetadata},
	}
}

// WithoutPrivateMetadata refuses annotations below /private, whose support RFC 5464 §3.3
// leaves to the server, with [METADATA NOPRIVATE].
func WithoutPrivateMetadata() Option {
	return func(s *Server) { s.noPrivate = true }
}

// Entries that a client can't change.
const (
	adminEntry      = "/shared/admin"       // of the server (RFC 5464 §3.2.1.1)
	specialUseEntry = "/private/specialuse" // of a mailbox (RFC 6154 §4)
)

// getMetadataArguments are those of GETMETADATA (RFC 5464 §4.2).
type getMetadataArguments struct {
	mailbox string
	entries []string // in lower case
	maxSize int64
	depth   int // how many levels below each entry
}

func parseGetMetadata(p *parser, _ *session) action {
	args := getMetadataArguments{maxSize: math.MaxInt64}
	p.space()
	options := p.peek() == '('
	if options {
		p.metadataOptions(&args)
		p.space()
	}
	args.mailbox = p.mailbox() // "": the server
	p.space()
	// The grammar of §5 has the options before the mailbox, the examples of §4.2 after it.
	if !options && p.atMetadataOptions() {
		p.metadataOptions(&args)
		p.space()
	}
	add := func() { args.entries = append(args.entries, p.metadataEntry()) }
	if p.peek() == '(' {
		p.list(false, add)
	} else {
		add()
	}
	return func(s *session) error { return s.getMetadata(args) }
}

// atMetadataOptions tells whether the next list is of options: entries begin with a slash.
func (p *parser) atMetadataOptions() bool {
	rest := p.text[p.pos:]
	return len(rest) > 1 && rest[0] == '(' && strings.IndexByte(`/"{`, rest[1]) < 0
}

func (p *parser) metadataOptions(args *getMetadataArguments) {
	seen := make(map[string]bool)
	p.list(false, func() {
		name := p.keyword()
		if seen[name] {
			p.fail("option %.30q given twice", name)
		}
		seen[name] = true
		p.space()
		switch name {
		case "MAXSIZE":
			args.maxSize = int64(p.number())
		case "DEPTH":
			args.depth = p.metadataDepth()
		default:
			p.fail("unknown GETMETADATA option %.40q (RFC 5464 §4.2)", name)
		}
	})
}

func (p *parser) metadataDepth() int {
	switch depth := p.keyword(); depth {
	case "0", "1":
		return int(depth[0] - '0')
	case "INFINITY":
		return math.MaxInt
	default:
		p.fail("DEPTH is 0, 1 or infinity, not %.40q (RFC 5464 §4.2.2)", depth)
		return 0
	}
}

// metadataEntry reads the name of an annotation, and returns it in lower case.
func (p *parser) metadataEntry() string {
	name := p.astring()
	if p.err == nil && !mailstore.ValidEntry(name) {
		p.fail("%.60q is no name of an annotation below /private or /shared (RFC 5464 §3.2)", name)
	}
	return strings.ToLower(name)
}

func (s *session) getMetadata(args getMetadataArguments) error {
	all, err := s.metadata(args.mailbox)
	if err != nil {
		return err
	}
	found, longest := args.selectFrom(all)
	if len(found) > 0 {
		s.out.text("* METADATA ").mailbox(args.mailbox).text(" (")
		for i, entry := range found {
			s.out.text(strings.Repeat(" ", min(i, 1))).astring(entry).byte(' ')
			if value, exists := all[entry]; exists {
				s.out.metadataValue(value)
			} else {
				s.out.text("NIL")
			}
		}
		s.out.line(")")
	}
	if longest > 0 {
		s.code = fmt.Sprintf("METADATA LONGENTRIES %d", longest)
	}
	return nil
}

// selectFrom returns the entries that are asked for, each once, and how long the
// longest is that is left out for its size, 0 if none is. One that doesn't exist is among
// them, unless others are below it.
func (args *getMetadataArguments) selectFrom(all map[string]string) (found []string, longest int) {
	taken := make(map[string]bool)
	take := func(entry string) {
		if size := len(all[entry]); int64(size) > args.maxSize {
			longest = max(longest, size)
		} else if !taken[entry] {
			taken[entry] = true
			found = append(found, entry)
		}
	}
	names := slices.Sorted(maps.Keys(all))
	for _, asked := range args.entries {
		matched := false
		for _, name := range names {
			below, ok := strings.CutPrefix(name, asked)
			if !ok || below != "" && below[0] != '/' || strings.Count(below, "/") > args.depth {
				continue
			}
			matched = true
			take(name)
		}
		if !matched {
			take(asked)
		}
	}
	return found, longest
}

// metadata returns the annotations of a mailbox that the server offers.
func (s *session) metadata(mailbox string) (map[string]string, error) {
	if err := s.checkMetadataMailbox(mailbox); err != nil {
		return nil, err
	}
	p, box, err := s.annotated(mailbox)
	if err != nil {
		return nil, err
	}
	var all map[string]string
	if box != nil {
		all = s.account.MetadataOf(box)
	} else if all, err = s.account.Metadata(p.Name); err != nil {
		return nil, err
	}
	if s.tiesSpecialUse(mailbox) {
		delete(all, specialUseEntry)
		if box != nil && box.Account() == s.account && len(box.SpecialUse()) > 0 {
			all[specialUseEntry] = specialUseValue(box.SpecialUse())
		}
	}
	if s.srv.noPrivate {
		maps.DeleteFunc(all, func(entry, _ string) bool { return isPrivateEntry(entry) })
	}
	return all, nil
}

// annotated returns the mailbox whose annotations are meant, if the client may see and change
// them (RFC 5464 §3.3), or else the place in the client's own account, which need not be a
// mailbox's; without a name it is the server.
func (s *session) annotated(mailbox string) (mailstore.Place, *mailstore.Mailbox, error) {
	if mailbox == "" {
		return mailstore.Place{Account: s.account}, nil, nil
	}
	p, err := s.locate(mailbox)
	if err != nil {
		return p, nil, err
	}
	box, err := s.mailboxAt(p, mailbox, mailstore.RightLookup)
	if box == nil && p.Account == s.account && p.Name != "" {
		return p, nil, nil
	}
	const oneOf = mailstore.RightRead | mailstore.RightSeen | mailstore.RightWrite | mailstore.RightInsert | mailstore.RightPost
	if err == nil && !s.rightsOn(box).HasAny(oneOf) {
		err = no(imap.ResponseCodeNoPerm, fmt.Sprintf("this takes one of the rights %q on the mailbox (RFC 5464 3.3)", oneOf))
	}
	return p, box, err
}

// tiesSpecialUse tells whether /private/specialuse is the mailbox's special use (RFC 6154 §4).
func (s *session) tiesSpecialUse(mailbox string) bool {
	return mailbox != "" && s.has(imap.CapSpecialUse)
}

func specialUseValue(attrs []imap.MailboxAttr) string {
	var words []string
	for _, a := range attrs {
		words = append(words, string(a))
	}
	return strings.Join(words, " ")
}

func isPrivateEntry(entry string) bool { return strings.HasPrefix(entry, "/private/") }

func (s *session) checkMetadataMailbox(mailbox string) error {
	if mailbox != "" && !s.has(imap.CapMetadata) {
		return no(imap.ResponseCodeCannot, "only the server has annotations, no mailbox (RFC 5464 1)")
	}
	return nil
}

func parseSetMetadata(p *parser, _ *session) action {
	p.space()
	mailbox := p.mailbox() // "": the server
	p.space()
	changes := make(map[string]*string)
	p.list(false, func() {
		entry := p.metadataEntry()
		p.space()
		changes[entry] = p.metadataValue()
	})
	return func(s *session) error { return s.setMetadata(mailbox, changes) }
}

// takesLiteral8 tells whether a command can hold a literal8, "~{size}" (RFC 4466 §3).
func (s *session) takesLiteral8() bool {
	return s.has(imap.CapMetadata) || s.has(imap.CapMetadataServer) || s.has(imap.CapBinary) || s.has(imap.CapUTF8Accept)
}

// metadataValue reads the value of an annotation, nil for NIL (RFC 5464 §5, value).
func (p *parser) metadataValue() *string {
	if p.accept('~') {
		value := string(p.literal())
		return &value
	}
	value, isNil := p.nstring()
	if isNil {
		return nil
	}
	return &value
}

func (s *session) setMetadata(mailbox string, changes map[string]*string) error {
	if err := s.checkMetadataMailbox(mailbox); err != nil {
		return err
	}
	for _, entry := range slices.Sorted(maps.Keys(changes)) {
		switch {
		case mailbox == "" && entry == adminEntry, s.tiesSpecialUse(mailbox) && entry == specialUseEntry:
			return no(imap.ResponseCodeCannot, entry+" is read-only here")
		case s.srv.noPrivate && isPrivateEntry(entry):
			return no("METADATA NOPRIVATE", "there are no private annotations here")
		}
	}
	p, box, err := s.annotated(mailbox)
	if err != nil {
		return err
	}
	if box != nil {
		err = s.account.SetMetadataOf(box, changes)
	} else {
		err = s.account.SetMetadata(p.Name, changes)
	}
	return metadataError(s.caused(err, mailstore.MetadataChanged, p))
}

// metadataError adds to an error the response code of RFC 5464 §4.3.
func metadataError(err error) error {
	switch {
	case errors.Is(err, mailstore.ErrMetadataSize):
		return no(imap.ResponseCode(fmt.Sprintf("METADATA MAXSIZE %d", mailstore.MaxMetadataOctets)), "the value is too long")
	case errors.Is(err, mailstore.ErrMetadataCount):
		return no("METADATA TOOMANY", fmt.Sprintf("at most %d annotations are kept", mailstore.MaxMetadataEntries))
	}
	return err
}

// metadataValue writes a value, as a literal8 if it holds NUL (RFC 5464 §5).
func (o *output) metadataValue(value string) {
	if strings.IndexByte(value, 0) >= 0 {
		o.byte('~').literal([]byte(value))
		return
	}
	o.string(value)
}
