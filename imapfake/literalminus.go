package imapfake

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// literalMinus is LITERAL- (RFC 7888 §5), which LITERAL+ covers.
func literalMinus() extension { return extension{cap: imap.CapLiteralMinus} }

// maxUnasked is the largest literal that LITERAL- lets a client send without waiting.
const maxUnasked = 4096

// checkUnasked refuses a non-synchronizing literal of that many octets (RFC 7888 §5:
// with TOOBIG in answer to APPEND).
func (s *session) checkUnasked(cmd *received, octets int64) error {
	if s.has(imap.CapLiteralPlus) || octets <= maxUnasked {
		return nil
	}
	refused := &imap.Error{Type: imap.StatusResponseTypeBad, Text: fmt.Sprintf("a literal over %d octets has to be asked for (RFC 7888 5)", maxUnasked)}
	if s.table.commands[cmd.name].stores {
		refused.Code = imap.ResponseCodeTooBig
	}
	return refused
}
