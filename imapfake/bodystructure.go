package imapfake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// bodyStructure writes a part's BODY or, extended, BODYSTRUCTURE (RFC 3501 §7.4.2).
func (o *output) bodyStructure(raw []byte, part *structure.Part, extended bool) {
	o.byte('(')
	if part.IsMultipart() {
		o.multipart(raw, part, extended)
	} else {
		o.singlePart(raw, part, extended)
	}
	o.byte(')')
}

func (o *output) multipart(raw []byte, part *structure.Part, extended bool) {
	for _, child := range part.Parts {
		o.bodyStructure(raw, child, extended)
	}
	o.byte(' ')
	o.string(part.Subtype)
	if extended {
		o.byte(' ')
		o.params(part.Params)
		o.bodyExtension(part)
	}
}

func (o *output) singlePart(raw []byte, part *structure.Part, extended bool) {
	o.string(part.Type)
	o.byte(' ')
	o.string(part.Subtype)
	o.byte(' ')
	o.params(part.Params)
	o.byte(' ')
	o.nstring(part.ID)
	o.byte(' ')
	o.nstring(part.Description)
	o.byte(' ')
	if part.Encoding == "" {
		o.text(`"7bit"`)
	} else {
		o.string(part.Encoding)
	}
	o.byte(' ').number(uint64(part.Body.Len()))
	switch {
	case part.Message != nil:
		o.byte(' ')
		o.envelope(new(envelope), raw, part.Message.Header)
		o.byte(' ')
		o.bodyStructure(raw, part.Message, extended)
		o.byte(' ').number(uint64(part.Lines))
	case strings.EqualFold(part.Type, "text"):
		o.byte(' ').number(uint64(part.Lines))
	}
	if extended {
		o.byte(' ')
		o.nstring(part.MD5)
		o.bodyExtension(part)
	}
}

// bodyExtension writes the disposition, languages and location of a part.
func (o *output) bodyExtension(part *structure.Part) {
	o.byte(' ')
	if part.Disposition == "" {
		o.text("NIL")
	} else {
		o.byte('(')
		o.string(part.Disposition)
		o.byte(' ')
		o.params(part.DispositionParams)
		o.byte(')')
	}
	o.byte(' ')
	switch len(part.Languages) {
	case 0:
		o.text("NIL")
	default:
		o.byte('(')
		for i, l := range part.Languages {
			if i > 0 {
				o.byte(' ')
			}
			o.string(l)
		}
		o.byte(')')
	}
	o.byte(' ')
	o.nstring(part.Location)
}

// params writes parameters as a list of names and values, NIL if there are none.
func (o *output) params(params []structure.Param) {
	if o.decodedParams {
		params = structure.DecodeParams(params)
	} else {
		params = structure.JoinParams(params)
	}
	if len(params) == 0 {
		o.text("NIL")
		return
	}
	o.byte('(')
	for i, p := range params {
		if i > 0 {
			o.byte(' ')
		}
		o.string(p.Name)
		o.byte(' ')
		o.string(p.Value)
	}
	o.byte(')')
}
