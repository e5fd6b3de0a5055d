package structure

// Filename returns a part's name, decoded, from its disposition or its type (RFC 2183
// §2.3), "" if it has none.
func (p *Part) Filename() string {
	name, ok := paramValue(p.DispositionParams, "filename")
	if !ok {
		name, _ = paramValue(p.Params, "name")
	}
	return DecodeHeader(name)
}
