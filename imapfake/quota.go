package imapfake

import (
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// quotaRoot is the one quota root of the client's own account, which all its mailboxes are under.
const quotaRoot = ""

// quotaResource is a resource that has a limit (RFC 9208 §5).
type quotaResource struct {
	name imap.QuotaResourceType
	of   func(*mailstore.Quota) *int64
	unit int64 // how many of the store's make one of the protocol's
}

// quotaResources are all resources, in the order in which they are told.
func quotaResources() []quotaResource {
	return []quotaResource{
		{imap.QuotaResourceStorage, func(q *mailstore.Quota) *int64 { return &q.Octets }, 1024},
		{imap.QuotaResourceMessage, func(q *mailstore.Quota) *int64 { return &q.Messages }, 1},
		{imap.QuotaResourceMailbox, func(q *mailstore.Quota) *int64 { return &q.Mailboxes }, 1},
	}
}

func (r quotaResource) cap() imap.Cap { return imap.Cap("QUOTA=RES-" + string(r.name)) }

// quotaExtensions are QUOTA, QUOTASET and a capability for each resource (RFC 9208).
// A resource whose capability is off is neither told nor set, but its limit holds.
func quotaExtensions() []extension {
	extensions := []extension{
		{cap: imap.CapQuota, commands: []command{
			{name: "GETQUOTA", grammar: "RFC 9208 §7", states: authenticatedUp, parse: parseGetQuota},
			{name: "GETQUOTAROOT", grammar: "RFC 9208 §7", states: authenticatedUp, parse: parseGetQuotaRoot},
		}},
		{cap: imap.CapQuotaSet, needs: []imap.Cap{imap.CapQuota}, commands: []command{
			{name: "SETQUOTA", grammar: "RFC 9208 §7", states: authenticatedUp, parse: parseSetQuota},
		}},
	}
	for _, r := range quotaResources() {
		ext := extension{cap: r.cap(), needs: []imap.Cap{imap.CapQuota}}
		switch r.name {
		case imap.QuotaResourceStorage:
			ext.statusItems = []statusItem{statusNumber("DELETED-STORAGE", deletedOctets)}
		case imap.QuotaResourceMessage:
			ext.statusItems = []statusItem{statusDeleted()}
		}
		extensions = append(extensions, ext)
	}
	return extensions
}

// deletedOctets returns what EXPUNGE would free (RFC 9208 §4.1.4).
func deletedOctets(st mailstore.Status) (octets uint64) {
	for _, m := range st.Messages.WithDeleted() {
		octets += uint64(m.Size())
	}
	return octets
}

func parseGetQuota(p *parser, _ *session) action {
	p.space()
	root := p.astring()
	return func(s *session) error {
		account, err := s.quotaAccount(root)
		if err != nil {
			return err
		}
		s.writeQuota(root, account)
		return nil
	}
}

// parseGetQuotaRoot reads GETQUOTAROOT. A mailbox of the client's own need not exist
// (RFC 9208 §4.1.2), another must be one that it can read (§6).
func parseGetQuotaRoot(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	return func(s *session) error {
		p, err := s.locate(name)
		if err == nil && p.Account != s.account {
			_, err = s.mailboxAt(p, name, mailstore.RightRead)
		}
		if err != nil {
			return err
		}
		root := s.quotaRootOf(p.Account)
		s.out.text("* QUOTAROOT ").mailbox(name).byte(' ').string(root)
		s.out.crlf()
		s.writeQuota(root, p.Account)
		return nil
	}
}

func parseSetQuota(p *parser, _ *session) action {
	p.space()
	root := p.astring()
	p.space()
	limits := make(map[string]uint64)
	p.list(true, func() {
		name := p.keyword()
		p.space()
		if _, twice := limits[name]; twice {
			p.fail("resource %.30q given twice", name)
		}
		limits[name] = p.numberUpTo(math.MaxInt64)
	})
	return func(s *session) error {
		switch account, err := s.quotaAccount(root); {
		case err != nil:
			return err
		case account != s.account:
			return no(imap.ResponseCodeNoPerm, "the quota of others can't be changed")
		}
		return s.setQuota(limits)
	}
}

// setQuota replaces all limits: those that are not given end (RFC 9208 §4.1.3).
func (s *session) setQuota(limits map[string]uint64) error {
	var quota mailstore.Quota
	for _, r := range s.quotaResources() {
		limit, given := limits[string(r.name)]
		if !given {
			continue
		}
		delete(limits, string(r.name))
		*r.of(&quota) = int64(min(limit, uint64(math.MaxInt64/r.unit))) * r.unit
		if limit == 0 {
			*r.of(&quota) = -1 // see mailstore.Quota
		}
	}
	if len(limits) > 0 {
		return no(imap.ResponseCodeCannot, "a resource is given that has no limit here")
	}
	s.account.SetQuota(quota)
	s.writeQuota(quotaRoot, s.account)
	return nil
}

// quotaRootOf returns the quota root of an account, which for others is the name that its
// mailboxes are below.
func (s *session) quotaRootOf(a *mailstore.Account) string {
	n := &s.srv.names
	switch a {
	case s.account:
		return quotaRoot
	case s.srv.store.Shared():
		return strings.TrimSuffix(n.Shared, n.Separator)
	}
	return strings.TrimSuffix(s.wireAccount(a), n.Separator)
}

// quotaAccount returns whose quota root it is: the client's own, or that of an account with a
// mailbox that the client can read.
func (s *session) quotaAccount(root string) (*mailstore.Account, error) {
	if root == quotaRoot {
		return s.account, nil
	}
	p, err := s.locate(root)
	if err == nil && p.Account != nil && p.Account != s.account && p.Name == "" {
		for _, info := range p.Account.MailboxesFor(s.account) {
			if box, err := p.Account.Mailbox(info.Name); err == nil && box.RightsOf(s.account).Has(mailstore.RightRead) {
				return p.Account, nil
			}
		}
	}
	return nil, no(imap.ResponseCodeNonExistent, `there is no such quota root; your own is ""`)
}

// quotaResources returns the resources that the server offers.
func (s *session) quotaResources() []quotaResource {
	var offered []quotaResource
	for _, r := range quotaResources() {
		if s.has(r.cap()) {
			offered = append(offered, r)
		}
	}
	return offered
}

// writeQuota tells what is limited, and how much of it is used (RFC 9208 §4.2.1).
func (s *session) writeQuota(root string, account *mailstore.Account) {
	limits, used := account.Quota(), account.QuotaUsage()
	s.out.text("* QUOTA ").string(root)
	s.out.text(" (")
	first := true
	for _, r := range s.quotaResources() {
		limit := *r.of(&limits)
		if limit == 0 {
			continue
		}
		if !first {
			s.out.byte(' ')
		}
		first = false
		s.out.text(string(r.name)).byte(' ').number(r.units(*r.of(&used))).byte(' ').number(r.units(limit))
	}
	s.out.line(")")
}

// units returns an amount in the protocol's units, rounded up.
func (r quotaResource) units(amount int64) uint64 {
	n := uint64(max(amount, 0))
	return (n + uint64(r.unit) - 1) / uint64(r.unit)
}
