package mailstore

// put returns the state with m in the place of its UID. Nodes made by the same
// owner, if not 0, are changed in place.
func (ms Messages) put(m *Message, owner uint64) Messages {
	if ms.root == nil {
		ms.shift = 0
		for !ms.covers(m.UID) {
			ms.shift += digitBits
		}
	}
	for !ms.covers(m.UID) {
		top := &node{owner: owner, sum: ms.root.sum, kids: new([fanout]*node)}
		top.kids[0] = ms.root
		ms.root, ms.shift = top, ms.shift+digitBits
	}
	ms.root = ms.root.put(m, ms.shift, owner)
	return ms
}

func (n *node) put(m *Message, shift uint, owner uint64) *node {
	n = n.mine(shift, owner)
	d := digit(m.UID, shift)
	if shift == 0 {
		if old := n.leaf[d]; old != nil {
			var s summary
			s.add(old)
			n.sum.subtract(s)
		}
		n.leaf[d] = m
		n.sum.add(m)
		return n
	}
	n.sum.subtract(n.kids[d].total())
	n.kids[d] = n.kids[d].put(m, shift-digitBits, owner)
	n.sum.join(n.kids[d].sum)
	return n
}

// without returns the state without the message m, which it must hold.
func (ms Messages) without(m *Message, owner uint64) Messages {
	if ms.root = ms.root.without(m, ms.shift, owner); ms.root == nil {
		return Messages{}
	}
	return ms
}

func (n *node) without(m *Message, shift uint, owner uint64) *node {
	if n.sum.count == 1 {
		return nil
	}
	n = n.mine(shift, owner)
	d := digit(m.UID, shift)
	if shift == 0 {
		var s summary
		s.add(m)
		n.sum.subtract(s)
		n.leaf[d] = nil
		return n
	}
	n.sum.subtract(n.kids[d].sum)
	n.kids[d] = n.kids[d].without(m, shift-digitBits, owner)
	n.sum.join(n.kids[d].total())
	return n
}

// mine returns n if owner may change it, else a copy that owner may.
func (n *node) mine(shift uint, owner uint64) *node {
	if n != nil && owner != 0 && n.owner == owner {
		return n
	}
	c := &node{owner: owner}
	if shift == 0 {
		c.leaf = new([fanout]*Message)
	} else {
		c.kids = new([fanout]*node)
	}
	if n != nil {
		c.sum = n.sum
		if shift == 0 {
			*c.leaf = *n.leaf
		} else {
			*c.kids = *n.kids
		}
	}
	return c
}

// difference calls f for every message whose state differs between two states of a mailbox,
// in UID order; a nil stands for a message that one of them lacks.
func difference(old, cur Messages, f func(old, cur *Message)) {
	for old.root != nil && cur.root != nil && old.shift < cur.shift {
		old = old.raised()
	}
	// UIDs ascend (RFC 3501 §2.3.1.1), but an earlier state can be restored.
	for old.root != nil && cur.root != nil && cur.shift < old.shift {
		cur = cur.raised()
	}
	shift := cur.shift
	if cur.root == nil {
		shift = old.shift
	}
	old.root.difference(cur.root, shift, f)
}

// raised returns the same state in a tree one level higher.
func (ms Messages) raised() Messages {
	top := &node{sum: ms.root.sum, kids: new([fanout]*node)}
	top.kids[0] = ms.root
	return Messages{top, ms.shift + digitBits}
}

func (n *node) difference(c *node, shift uint, f func(old, cur *Message)) {
	if n == c {
		return
	}
	if shift == 0 {
		a, b := n.messages(), c.messages()
		for i := range a {
			if a[i] != b[i] {
				f(a[i], b[i])
			}
		}
		return
	}
	a, b := n.nodes(), c.nodes()
	for i := range a {
		a[i].difference(b[i], shift-digitBits, f)
	}
}

func (n *node) messages() *[fanout]*Message {
	if n == nil {
		return new([fanout]*Message)
	}
	return n.leaf
}

func (n *node) nodes() *[fanout]*node {
	if n == nil {
		return new([fanout]*node)
	}
	return n.kids
}
