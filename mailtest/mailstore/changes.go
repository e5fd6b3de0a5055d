package mailstore

import "iter"

// Changes yields each message that isn't the same in two states of a mailbox, in UID
// order: as it was and as it is. The one is nil for a message that is new, the other
// for one that is gone. It takes time in proportion to the change.
func Changes(was, is Messages) iter.Seq2[*Message, *Message] {
	return func(yield func(*Message, *Message) bool) {
		more := true
		difference(was, is, func(old, cur *Message) { more = more && yield(old, cur) })
	}
}
