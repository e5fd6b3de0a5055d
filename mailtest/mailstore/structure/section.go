package structure

// Spec says which octets of a part [Part.Section] is asked for: the part
// specifiers of RFC 3501 §6.4.5.
type Spec int

const (
	Whole  Spec = iota // BODY[], BODY[1]
	Header             // BODY[HEADER], BODY[1.HEADER]
	Text               // BODY[TEXT], BODY[1.TEXT]
	MIME               // BODY[1.MIME]
)

// Section returns the octets that a section of the message p means, where p is
// what [Parse] returned or a Part.Message. It returns false for a section that
// doesn't exist.
//
//	            path empty                 path of a part
//	Whole       the message                its Body
//	Header      the message's Header       the Header of its Message, if it has one
//	Text        the message's Body         the Body of its Message, if it has one
//	MIME        doesn't exist              its Header
//
// Part 1 of a message that isn't a multipart is the message itself, so that its
// MIME header is the message's.
func (p *Part) Section(path []int, spec Spec) (Span, bool) {
	part := p.Find(path)
	if part == nil {
		return Span{}, false
	}
	message := part.Message
	if len(path) == 0 {
		message = p
	}
	switch {
	case spec == Whole && len(path) == 0:
		return Span{p.Header.Start, p.Body.End}, true
	case spec == Whole:
		return part.Body, true
	case spec == MIME && len(path) > 0:
		return part.Header, true
	case spec == Header && message != nil:
		return message.Header, true
	case spec == Text && message != nil:
		return message.Body, true
	}
	return Span{}, false
}

// Find returns the part of the message p that has the part numbers of path, nil if
// there is none, and p for an empty path. Numbers are given as RFC 3501 §6.4.5
// says: those after that of a message/rfc822 count the parts of the message in it.
func (p *Part) Find(path []int) *Part {
	for i, n := range path {
		if i > 0 && !p.IsMultipart() {
			p = p.Message
		}
		if p = p.numbered(n); p == nil {
			return nil
		}
	}
	return p
}

// numbered returns part n of a multipart, or of a message, whose part 1 is the
// message itself if it isn't a multipart.
func (p *Part) numbered(n int) *Part {
	switch {
	case p == nil:
		return nil
	case p.IsMultipart() && 1 <= n && n <= len(p.Parts):
		return p.Parts[n-1]
	case !p.IsMultipart() && n == 1:
		return p
	}
	return nil
}

// Walk calls visit for each part of the message p, outer before inner and in order
// of appearance, until visit returns false. path is what [Part.Find] takes; a
// multipart that is a message's whole body has no number of its own and is
// visited with the path of the message. visit must not keep path.
func (p *Part) Walk(visit func(path []int, part *Part) bool) {
	p.walkMessage(nil, visit)
}

func (p *Part) walkMessage(path []int, visit func([]int, *Part) bool) bool {
	if !p.IsMultipart() {
		path = append(path, 1)
	}
	return p.walkPart(path, visit)
}

func (p *Part) walkPart(path []int, visit func([]int, *Part) bool) bool {
	if !visit(path, p) {
		return false
	}
	if p.Message != nil {
		return p.Message.walkMessage(path, visit)
	}
	for i, child := range p.Parts {
		if !child.walkPart(append(path, i+1), visit) {
			return false
		}
	}
	return true
}
