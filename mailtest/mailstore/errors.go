package mailstore

import (
	"errors"
	"fmt"
)

// What an operation can fail with; match with [errors.Is].
var (
	ErrAuthentication = errors.New("wrong name or password")
	ErrNoAccount      = errors.New("no such account")
	ErrNoMailbox      = errors.New("no such mailbox")
	ErrNoMessage      = errors.New("no such message")
	ErrNoSelect       = errors.New("name of a hierarchy, not of a mailbox")
	ErrExists         = errors.New("already exists")
	ErrInvalidName    = errors.New("invalid name")
	ErrInvalidFlag    = errors.New("invalid flag")
	ErrInbox          = errors.New("not possible with INBOX")
	ErrHasChildren    = errors.New("has inferior names")
	ErrSystemMailbox  = errors.New("mailbox that labels need")
	ErrNoLabels       = errors.New("account has no labels")
	ErrInUse          = errors.New("maildrop in use by another session")
	ErrOverQuota      = errors.New("quota exceeded")
	ErrLimit          = errors.New("limit reached")
	ErrStale          = errors.New("mailbox was deleted, renumbered or restored")
	ErrOtherStore     = errors.New("snapshot of another store")
	ErrInvalidEntry   = errors.New("invalid name of an annotation")
	ErrMetadataSize   = errors.New("annotation too long")
	ErrInvalidRights  = errors.New("no such right")
	ErrMetadataCount  = errors.New("too many annotations")
)

// limit is [ErrLimit] for more than there may be of something.
func limit(most int, what string) error { return fmt.Errorf("%w: at most %d %s", ErrLimit, most, what) }

// fail wraps err with the operation and its input.
func fail(op, input string, err error) error {
	return fmt.Errorf("mailstore: %s %q: %w", op, input, err)
}
