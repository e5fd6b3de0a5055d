package mailrecord

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Redactor replaces words by others, the same word by the same one wherever it stands, and
// different words by different ones. That makes addresses, names, Message-IDs and
// boundaries of MIME parts agree with each other as before: alice@example.org becomes the
// same other address everywhere, of the same length. A word is a run of letters and digits;
// a letter becomes a letter, of as many octets in UTF-8, and capitals stay capitals. Names of
// HTML's elements are words, too. Its methods are safe for concurrent use.
type Redactor struct {
	key []byte

	mu    sync.Mutex
	words map[string]string
	taken map[string]bool // the values of words
	names map[string]bool // by which users logged in, in lower case
}

// NewRedactor returns a redactor whose words follow from the key, and from the order in
// which it meets them. An empty key stands for a random one: then nobody can find out by
// trial which words there were.
func NewRedactor(key string) *Redactor {
	if key == "" {
		key = rand.Text()
	}
	return &Redactor{key: []byte(key), words: make(map[string]string), taken: make(map[string]bool), names: make(map[string]bool)}
}

// Text returns text with every word replaced. The length and all that is no word stay.
func (r *Redactor) Text(text []byte) []byte {
	return r.textBut(text, nil)
}

// textBut is Text that leaves the words be for which keep says so.
func (r *Redactor) textBut(text []byte, keep func(word []byte) bool) []byte {
	redacted := make([]byte, 0, len(text))
	for len(text) > 0 {
		if n := escapeLength(text); n > 0 {
			redacted, text = append(redacted, text[:n]...), text[n:]
			continue
		}
		n := wordLength(text)
		switch {
		case n == 0:
			_, n = utf8.DecodeRune(text)
			redacted = append(redacted, text[:n]...)
		case keep != nil && keep(text[:n]):
			redacted = append(redacted, text[:n]...)
		default:
			redacted = append(redacted, r.word(text[:n])...)
		}
		text = text[n:]
	}
	return redacted
}

// escapeLength returns the length of the sequence that text begins with and by which
// charsets such as ISO-2022-JP change what the octets mean.
func escapeLength(text []byte) int {
	if text[0] != 0x1b {
		return 0
	}
	n := 1
	for n < len(text) && 0x20 <= text[n] && text[n] < 0x30 {
		n++
	}
	return min(n+1, len(text))
}

func wordLength(text []byte) int {
	n := 0
	for n < len(text) {
		c, size := utf8.DecodeRune(text[n:])
		if c == utf8.RuneError || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		n += size
	}
	return n
}

// word returns what a word is replaced by.
func (r *Redactor) word(word []byte) []byte {
	folded := foldASCII(word)
	r.mu.Lock()
	substitute, ok := r.words[string(folded)]
	if !ok {
		substitute = r.find(folded)
		r.words[string(folded)] = substitute
		r.taken[substitute] = true
	}
	r.mu.Unlock()
	redacted := []byte(substitute)
	for i, octet := range word {
		if 'A' <= octet && octet <= 'Z' {
			redacted[i] -= 'a' - 'A'
		}
	}
	return redacted
}

func foldASCII(word []byte) []byte {
	folded := make([]byte, len(word))
	for i, octet := range word {
		if 'A' <= octet && octet <= 'Z' {
			octet += 'a' - 'A'
		}
		folded[i] = octet
	}
	return folded
}

// attempts bounds the search for a word that isn't taken.
const attempts = 50

// find returns a word that stands for no other one.
func (r *Redactor) find(word []byte) string {
	if utf8.RuneCount(word) < 3 {
		return r.shift(word) // there are too few of them to pick from
	}
	var found string
	for i := range uint64(attempts) {
		found = r.pick(word, i)
		if found != string(word) && !r.taken[found] {
			break
		}
	}
	if found == string(word) {
		return r.shift(word)
	}
	return found
}

// pick returns a word of the same kinds of letters.
func (r *Redactor) pick(word []byte, attempt uint64) string {
	stream := r.stream(word, attempt)
	var found []byte
	for _, c := range string(word) {
		letters := lettersLike(c)
		found = letters.append(found, c, int(stream()))
	}
	return string(found)
}

// shift moves each letter on, all by the same number of places.
func (r *Redactor) shift(word []byte) string {
	by := int(r.stream(nil, 0)() & 0xffff)
	var shifted []byte
	for _, c := range string(word) {
		letters := lettersLike(c)
		if letters.n < 2 {
			shifted = utf8.AppendRune(shifted, c)
			continue
		}
		shifted = letters.append(shifted, c, int(c)-int(letters.first)+letters.n+1+by%(letters.n-1))
	}
	return string(shifted)
}

// stream returns numbers that follow from the key and a word.
func (r *Redactor) stream(word []byte, attempt uint64) func() uint32 {
	var block []byte
	counter := attempt << 32
	return func() uint32 {
		if len(block) == 0 {
			h := hmac.New(sha256.New, r.key)
			h.Write(binary.BigEndian.AppendUint64(nil, counter))
			h.Write(word)
			block = h.Sum(nil)
			counter++
		}
		n := binary.BigEndian.Uint32(block)
		block = block[4:]
		return n >> 1
	}
}

// alphabet is n letters or digits of the same length in UTF-8, from first on.
type alphabet struct {
	first rune
	n     int
}

// lettersLike returns the letters that may stand for c.
func lettersLike(c rune) alphabet {
	switch {
	case 'a' <= c && c <= 'z':
		return alphabet{'a', 26}
	case '0' <= c && c <= '9':
		return alphabet{'0', 10}
	case utf8.RuneLen(c) == 2:
		return alphabet{'à', 'ö' - 'à' + 1}
	case utf8.RuneLen(c) == 3:
		return alphabet{'一', 20_000}
	}
	return alphabet{}
}

// append appends the letter at place i, counted round and round; a letter that no other
// stands for is appended as it is.
func (a alphabet) append(dst []byte, c rune, i int) []byte {
	if a.n == 0 {
		return utf8.AppendRune(dst, c)
	}
	return utf8.AppendRune(dst, a.first+rune((i%a.n+a.n)%a.n))
}
