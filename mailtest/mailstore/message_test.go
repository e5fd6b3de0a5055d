package mailstore_test

import (
	"bytes"
	"sync"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

// RFC 5321 §2.3.8.
func TestNormalizedContentEndsEachLineWithCRLF(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"": "", "\n": "\r\n", "\r\n": "\r\n", "a\nb\r\nc": "a\r\nb\r\nc", "\n\n": "\r\n\r\n",
		"\r\r\n\r": "\r\r\n\r", "a\r\n\nb": "a\r\n\r\nb", "a\x00b": "a\x00b",
	} {
		in := []byte(raw)
		c := mailstore.NormalizedContent(in)
		for i := range in {
			in[i] = 'x' // the caller's octets are copied
		}
		if got := string(c.Raw()); got != want || c.Size() != int64(len(want)) {
			t.Errorf("%q became %q, want %q", raw, got, want)
		}
	}
}

func TestContentIsExactlyTheOctetsGiven(t *testing.T) {
	t.Parallel()
	raw := []byte("Subject: a\n\nb\r\n\x00\xff")
	if c := mailstore.NewContent(raw); !bytes.Equal(c.Raw(), raw) || c.Size() != int64(len(raw)) {
		t.Errorf("got %q", c.Raw())
	}
}

func TestStructureIsParsedOnce(t *testing.T) {
	t.Parallel()
	c := mailstore.NewContent([]byte("Subject: a\r\n\r\nb\r\n"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			first, second := c.Structure(), c.Structure()
			if first == nil || first != second {
				t.Error("there is no structure, or more than one")
			}
		})
	}
	wg.Wait()
}
