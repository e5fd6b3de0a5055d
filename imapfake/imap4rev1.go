package imapfake

import (
	"slices"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// imap4rev1 is the base protocol of RFC 3501: what it shares with IMAP4rev2, and what
// that dropped (RFC 9051 appendix E).
func imap4rev1() extension {
	base := baseProtocol(imap.CapIMAP4rev1)
	base.commands = append(base.commands,
		command{name: "LSUB", states: authenticatedUp, parse: parseLsub},
		command{name: "CHECK", states: selected, parse: func(*parser, *session) action { return nothing }},
	)
	alias := func(name string, section bodySection) fetchItem {
		section.label = name
		return fetchItem{name, func(*parser) fetchAttribute { return section.attribute() }}
	}
	base.fetchItems = append(base.fetchItems,
		alias("RFC822", bodySection{spec: structure.Whole}),
		alias("RFC822.HEADER", bodySection{spec: structure.Header, peek: true}),
		alias("RFC822.TEXT", bodySection{spec: structure.Text}),
	)
	base.searchKeys = append(base.searchKeys,
		noArgument("NEW", func(c *candidate) bool { return c.recent && !c.HasFlag(imap.FlagSeen) }),
		noArgument("OLD", func(c *candidate) bool { return !c.recent }),
		noArgument("RECENT", func(c *candidate) bool { return c.recent }),
	)
	base.statusItems = append(base.statusItems,
		statusNumber("RECENT", func(st mailstore.Status) uint64 { return uint64(st.Recent) }))
	return base
}

// baseProtocol is what both revisions of the protocol have.
func baseProtocol(revision imap.Cap) extension {
	return extension{
		cap: revision,
		commands: slices.Concat(anyStateCommands(), loginCommands(), selectCommands(), mailboxCommands(),
			listCommands(), statusCommands(), appendCommands(), fetchCommands(), storeCommands(),
			searchCommands(), copyCommands(), expungeCommands()),
		fetchItems:  baseFetchItems(),
		searchKeys:  baseSearchKeys(),
		statusItems: baseStatusItems(),
	}
}
