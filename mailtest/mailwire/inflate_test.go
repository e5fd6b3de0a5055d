package mailwire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
)

func inflate(compressed []byte) ([]byte, error) {
	return io.ReadAll(&inflater{in: bufio.NewReader(bytes.NewReader(compressed))})
}

func deflate(t testing.TB, level int, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	w.Close()
	return b.Bytes()
}

func TestInflatingUndoesDeflating(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("* 1 FETCH (FLAGS (\\Seen))\r\n", 20_000)
	for _, plain := range []string{"", "a", "a NOOP\r\n", long, long[:70_000] + strings.Repeat("x", 40_000) + long} {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			got, err := inflate(deflate(t, level, []byte(plain)))
			if err != nil || string(got) != plain {
				t.Errorf("%d octets at level %d: %d octets, %v", len(plain), level, len(got), err)
			}
		}
	}
}

// waiting is a connection whose other end says nothing more.
type waiting struct {
	*bytes.Reader
	t *testing.T
}

func (w waiting) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil {
		w.t.Fatal("more was asked for before everything was given")
	}
	return n, err
}

func TestNothingIsWaitedForWhileThereIsSomethingToGive(t *testing.T) {
	t.Parallel()
	// What zlib makes, with Z_PARTIAL_FLUSH, of a short command, of another that refers
	// to it, and of one that has a code of its own: it ends seven bits short.
	for plain, compressed := range partiallyFlushed {
		z := &inflater{in: bufio.NewReader(waiting{bytes.NewReader([]byte(compressed)), t})}
		got := make([]byte, len(plain))
		if _, err := io.ReadFull(z, got); err != nil || string(got) != plain {
			t.Errorf("%q, %v, want %q", got, err, plain)
		}
	}
}

func FuzzInflate(f *testing.F) {
	f.Add([]byte{}, []byte{0x4a, 0x54, 0xf0, 0xf3, 0xf7, 0x0f, 0xe0, 0xe5, 0x02, 0x08})
	f.Add([]byte("a NOOP\r\na NOOP\r\n"), []byte{3, 0})
	for _, compressed := range partiallyFlushed {
		f.Add([]byte(compressed), []byte(compressed))
	}
	f.Fuzz(func(t *testing.T, plain, compressed []byte) {
		if got, err := inflate(deflate(t, 1+len(plain)%9, plain)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%q inflates to %q, %v", plain, got, err)
		}
		if len(compressed) > 1000 {
			return
		}
		want, wantErr := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
		got, err := inflate(compressed)
		if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Errorf("%x: %q, %v; compress/flate has %q, %v", compressed, got, err, want, wantErr)
		}
	})
}

// partiallyFlushed pairs commands with what zlib makes of them.
var partiallyFlushed = map[string]string{
	"a NOOP\r\n":           "\x4a\x54\xf0\xf3\xf7\x0f\xe0\xe5\x02\x08",
	"a NOOP\r\nb NOOP\r\n": "\x4a\x54\xf0\xf3\xf7\x0f\xe0\xe5\x02\x08\xa0\x24\x28\x0d\x10",
	"7 UID FETCH 1 (BODY.PEEK[])\r\n8 UID FETCH 2 (BODY.PEEK[])\r\n9 UID FETCH 3 (BODY.PEEK[])\r\n10 UID FETCH 4 (BODY.PEEK[])\r\n11 UID FETCH 5 (BODY.PEEK[])\r\n12 UID FETCH 6 (BODY.PEEK[])\r\n13 UID FETCH 7 (BODY.PEEK[])\r\n14 UID FETCH 8 (BODY.PEEK[])\r\n15 UID FETCH 9 (BODY.PEEK[])\r\n16 UID FETCH 10 (BODY.PEEK[])\r\n17 UID FETCH 11 (BODY.PEEK[])\r\n18 UID FETCH 12 (BODY.PEEK[])\r\n19 UID FETCH 13 (BODY.PEEK[])\r\n20 UID FETCH 14 (BODY.PEEK[])\r\n21 UID FETCH 15 (BODY.PEEK[])\r\n22 UID FETCH 16 (BODY.PEEK[])\r\n23 UID FETCH 17 (BODY.PEEK[])\r\n24 UID FETCH 18 (BODY.PEEK[])\r\n25 UID FETCH 19 (BODY.PEEK[])\r\n26 UID FETCH 20 (BODY.PEEK[])\r\n": "\x64\xd0\x2b\x0e\xc2\x50\x00\x44\x51\x4f\xc2\x1e\x9e\x04\x43\x3a\xd3\xcf\x6b\x2d\xb4\x04\x82\x00\x01\x82\x10\xf6\xbf\x8d\xda\x9b\x8e\x3e\xee\xd4\xf2\xb9\xcf\xe5\xba\xbc\x2f\xb7\xa2\x72\x38\x3f\xe7\xef\xe9\xb5\x2c\x8f\xdf\xff\xb8\xdf\x8d\x40\x6f\x71\x02\xb6\x5b\x54\x03\xed\x42\x05\xed\x43\x0d\x1d\x42\x5b\x68\x0d\xed\xa0\x63\x68\x0f\x9d\x42\x07\x5e\x34\xc1\x95\x1c\x57\x62\x96\x62\x4b\xec\x52\x7c\x99\x5f\x8a\x30\x33\x4c\x31\x66\x8e\x29\xca\xcc\x32\xc5\x99\x79\xa6\x48\x33\xd3\x14\x6b\xe6\x9a\x63\x6d\x15",
}
