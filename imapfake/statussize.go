package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// statusSize is STATUS=SIZE (RFC 8438). What it tells is what quota counts (§3).
func statusSize() extension {
	return extension{cap: imap.CapStatusSize, statusItems: []statusItem{
		statusNumber("SIZE", func(st mailstore.Status) uint64 { return uint64(st.Messages.Octets()) }),
	}}
}
