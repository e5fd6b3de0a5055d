package mailwire

import (
	"bufio"
	"errors"
	"io"
)

// inflater reads DEFLATE (RFC 1951) and never asks for input while it has output to
// give. compress/flate reads further ahead than the end of a block, and so waits for
// ever for what follows a partial flush of zlib, which is what mbsync sends.
type inflater struct {
	in         *bufio.Reader
	hold       uint64 // bits that were read, the next one lowest
	have, used uint   // how many they are, and how many of them the step in progress took

	history []byte // what came out: the window, and after read what is yet to be given
	read    int

	block           blockKind
	final           bool
	stored          int // octets that are left of a stored block
	literals, backs huffman
	err             error
}

type blockKind int

const (
	betweenBlocks blockKind = iota
	storedBlock
	codedBlock
)

const (
	windowSize = 32 << 10
	maxSymbols = 288
	maxBits    = 15
)

var (
	errPause   = errors.New("mailwire: more input is needed and there is output")
	errCorrupt = errors.New("mailwire: corrupt DEFLATE data")
)

// huffman is a code in canonical form: how many symbols there are of each length, and
// the symbols in order of their codes.
type huffman struct {
	count  [maxBits + 1]int
	symbol [maxSymbols]int
}

// What the symbols of lengths and distances stand for, with their extra bits (RFC 1951 §3.2.5).
var (
	lengthBase    = [...]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [...]uint{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [...]int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [...]uint{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	// codeOrder is the order in which the lengths of the code of code lengths come (§3.2.7).
	codeOrder = [...]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// Read gives what can be had without waiting, or waits if that is nothing.
func (z *inflater) Read(p []byte) (int, error) {
	for len(z.pending()) < len(p) && z.err == nil {
		err := z.step()
		z.used = 0
		if errors.Is(err, errPause) {
			break
		}
		z.err = err
	}
	n := copy(p, z.pending())
	z.read += n
	if n > 0 || len(p) == 0 {
		z.trim()
		return n, nil
	}
	return 0, z.err
}

func (z *inflater) pending() []byte { return z.history[z.read:] }

// trim forgets what is neither in the window nor to be given.
func (z *inflater) trim() {
	if drop := min(z.read, len(z.history)-windowSize); drop > 2*windowSize {
		z.history = append(z.history[:0], z.history[drop:]...)
		z.read -= drop
	}
}

// step decodes a block's header, or a symbol. After an error it has taken nothing
// unless it was at a header, before which everything is given away.
func (z *inflater) step() error {
	switch z.block {
	case storedBlock:
		return z.copyStored()
	case codedBlock:
		return z.decodeSymbol()
	}
	if len(z.pending()) > 0 {
		return errPause
	}
	if z.final {
		return io.EOF
	}
	return z.readHeader()
}

// bits takes n bits, at most 16.
func (z *inflater) bits(n uint) (int, error) {
	for z.have-z.used < n {
		if z.in.Buffered() == 0 && len(z.pending()) > 0 {
			return 0, errPause
		}
		octet, err := z.in.ReadByte()
		if err != nil {
			return 0, noEOF(err)
		}
		z.hold |= uint64(octet) << z.have
		z.have += 8
	}
	v := z.hold >> z.used & (1<<n - 1)
	z.used += n
	return int(v), nil
}

// keep makes final what was taken so far.
func (z *inflater) keep() {
	z.hold >>= z.used
	z.have -= z.used
	z.used = 0
}

// kept is bits and keep.
func (z *inflater) kept(n uint) (int, error) {
	v, err := z.bits(n)
	z.keep()
	return v, err
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readHeader reads the header of a block (RFC 1951 §3.2.3).
func (z *inflater) readHeader() error {
	v, err := z.kept(3)
	if err != nil {
		return err
	}
	z.final = v&1 == 1
	switch v >> 1 {
	case 0:
		return z.readStoredHeader()
	case 1:
		z.fixedCodes()
		z.block = codedBlock
		return nil
	case 2:
		return z.readCodes()
	}
	return errCorrupt
}

func (z *inflater) readStoredHeader() error {
	if _, err := z.kept(z.have % 8); err != nil {
		return err
	}
	length, err := z.kept(16)
	if err != nil {
		return err
	}
	check, err := z.kept(16)
	if err != nil {
		return err
	}
	if check != length^0xffff {
		return errCorrupt
	}
	z.stored, z.block = length, storedBlock
	return nil
}

func (z *inflater) copyStored() error {
	if z.stored == 0 {
		z.block = betweenBlocks
		return nil
	}
	octet, err := z.bits(8)
	if err != nil {
		return err
	}
	z.keep()
	z.stored--
	z.history = append(z.history, byte(octet))
	return nil
}

// fixedCodes sets the codes of RFC 1951 §3.2.6.
func (z *inflater) fixedCodes() {
	var lengths [maxSymbols]int
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	z.literals.build(lengths[:])
	var distances [30]int
	for i := range distances {
		distances[i] = 5
	}
	z.backs.build(distances[:])
}

// readCodes reads the codes of a block that has its own (RFC 1951 §3.2.7).
func (z *inflater) readCodes() error {
	var sizes [3]int
	for i, n := range [...]uint{5, 5, 4} {
		v, err := z.kept(n)
		if err != nil {
			return err
		}
		sizes[i] = v
	}
	literals, distances, codes := sizes[0]+257, sizes[1]+1, sizes[2]+4
	if literals > 286 || distances > 30 {
		return errCorrupt
	}
	var lengths [maxSymbols + 32]int
	for _, at := range codeOrder[:codes] {
		v, err := z.kept(3)
		if err != nil {
			return err
		}
		lengths[at] = v
	}
	var code huffman
	if !code.build(lengths[:len(codeOrder)]) {
		return errCorrupt
	}
	clear(lengths[:])
	if err := z.readLengths(&code, lengths[:literals+distances]); err != nil {
		return err
	}
	if lengths[256] == 0 || !z.literals.build(lengths[:literals]) || !z.backs.build(lengths[literals:literals+distances]) {
		return errCorrupt
	}
	z.block = codedBlock
	return nil
}

// readLengths reads the lengths of the codes, which are coded themselves.
func (z *inflater) readLengths(code *huffman, lengths []int) error {
	for i := 0; i < len(lengths); {
		symbol, err := z.decode(code)
		if err != nil {
			return err
		}
		z.keep()
		if symbol < 16 {
			lengths[i] = symbol
			i++
			continue
		}
		repeated, least, extra := 0, 3, uint(3)
		switch symbol {
		case 16:
			if i == 0 {
				return errCorrupt
			}
			repeated, extra = lengths[i-1], 2
		case 18:
			least, extra = 11, 7
		}
		more, err := z.kept(extra)
		if err != nil {
			return err
		}
		end := i + least + more
		if end > len(lengths) {
			return errCorrupt
		}
		for ; i < end; i++ {
			lengths[i] = repeated
		}
	}
	return nil
}

// build makes the code whose symbols have these lengths, and tells whether there is
// one: complete, or of a single symbol or none.
func (h *huffman) build(lengths []int) bool {
	*h = huffman{}
	for _, n := range lengths {
		h.count[n]++
	}
	left := 1
	for _, n := range h.count[1:] {
		if left = left<<1 - n; left < 0 {
			return false
		}
	}
	var offset [maxBits + 2]int
	for n := 1; n <= maxBits; n++ {
		offset[n+1] = offset[n] + h.count[n]
	}
	for symbol, n := range lengths {
		if n > 0 {
			h.symbol[offset[n]] = symbol
			offset[n]++
		}
	}
	coded := len(lengths) - h.count[0]
	return left == 0 || coded == 0 || coded == 1 && h.count[1] == 1
}

// decode takes a symbol, bit by bit (RFC 1951 §3.2.2).
func (z *inflater) decode(h *huffman) (int, error) {
	code, first, index := 0, 0, 0
	for _, count := range h.count[1:] {
		bit, err := z.bits(1)
		if err != nil {
			return 0, err
		}
		code |= bit
		if code-first < count {
			return h.symbol[index+code-first], nil
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, errCorrupt
}

// decodeSymbol decodes a literal, a copy of what came before, or a block's end.
func (z *inflater) decodeSymbol() error {
	symbol, err := z.decode(&z.literals)
	if err != nil {
		return err
	}
	switch {
	case symbol < 256:
		z.history = append(z.history, byte(symbol))
	case symbol == 256:
		z.block = betweenBlocks
	case symbol-257 >= len(lengthBase):
		return errCorrupt
	default:
		if err := z.copyBack(symbol - 257); err != nil {
			return err
		}
	}
	z.keep()
	return nil
}

func (z *inflater) copyBack(symbol int) error {
	more, err := z.bits(lengthExtra[symbol])
	if err != nil {
		return err
	}
	length := lengthBase[symbol] + more
	if symbol, err = z.decode(&z.backs); err != nil {
		return err
	}
	if symbol >= len(distanceBase) {
		return errCorrupt
	}
	if more, err = z.bits(distanceExtra[symbol]); err != nil {
		return err
	}
	from := len(z.history) - distanceBase[symbol] - more
	if from < 0 {
		return errCorrupt
	}
	for i := range length {
		z.history = append(z.history, z.history[from+i])
	}
	return nil
}
