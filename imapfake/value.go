package imapfake

// Value is something that a response holds: an [Atom], [String], [Literal], [Number], [MailboxName]
// or [List]. nil stands for NIL.
type Value interface {
	write(*output)
}

type (
	// Atom is sent as it is, whatever that does to the response: it serves for flags and sets
	// of numbers too, and to send what breaks the grammar.
	Atom string
	// String is sent quoted, or as a literal if a quoted string can't hold it (RFC 3501 §4.3).
	String string
	// Literal is always sent as a literal.
	Literal string
	// Number is sent in decimal.
	Number uint64
	// MailboxName is a mailbox's name in UTF-8, which is sent as the session has names
	// (RFC 3501 §5.1.3, RFC 6855 §3).
	MailboxName string
	// List is sent in parentheses.
	List []Value
)

func (v Atom) write(o *output)        { o.text(string(v)) }
func (v String) write(o *output)      { o.string(string(v)) }
func (v Literal) write(o *output)     { o.literal([]byte(v)) }
func (v Number) write(o *output)      { o.number(uint64(v)) }
func (v MailboxName) write(o *output) { o.mailbox(string(v)) }

func (v List) write(o *output) {
	o.byte('(')
	for i, member := range v {
		if i > 0 {
			o.byte(' ')
		}
		o.value(member)
	}
	o.byte(')')
}

func (o *output) value(v Value) {
	if v == nil {
		o.text("NIL")
		return
	}
	v.write(o)
}
