package mailscript

import (
	"context"
	"fmt"
	"strings"
)

// Seed creates the script's mailboxes and appends its messages by IMAP, in the
// account [DefaultAccount]. A mailbox that exists is left as it is.
func (s *Script) Seed(ctx context.Context, server Server) error {
	var b strings.Builder
	b.WriteString("C: login LOGIN " + DefaultAccount + " ***\nS: \\...\nS: login OK \\...\n")
	for _, m := range s.Mailboxes {
		fmt.Fprintf(&b, "C: create CREATE %s\nS: \\...\nS: create \\...\n", m.Name)
	}
	for _, m := range s.Messages {
		if m.Mailbox == "" {
			continue
		}
		arguments := strings.TrimSpace(m.Flags + " " + m.Date)
		if arguments != "" {
			arguments += " "
		}
		fmt.Fprintf(&b, "C: append APPEND %s %s\\<%s>\nS: \\...\nS: append OK \\...\n", m.Mailbox, arguments, m.Name)
	}
	b.WriteString("C: logout LOGOUT\nS: \\...\nS: logout OK \\...\n-- closed\n")

	seeding, err := s.derive(b.String())
	if err != nil {
		return err
	}
	result, err := seeding.Run(ctx, server)
	if len(result.Differences) > 0 {
		return fmt.Errorf("mailscript: seed %s: %s", s.Name, result.Differences[0])
	}
	return err
}
