package imapfake_test

import (
	"compress/flate"
	"io"
	"net"
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// deflatedConn is a client's end of a connection with DEFLATE over it.
type deflatedConn struct {
	net.Conn
	r io.Reader
	w *flate.Writer
}

func (c deflatedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

func (c deflatedConn) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, c.w.Flush()
}

// deflate returns the client with compression on from now on.
func (c *client) deflate() *client {
	c.t.Helper()
	c.run("COMPRESS DEFLATE", "T OK COMPRESS completed")
	w, err := flate.NewWriter(c.conn, flate.DefaultCompression)
	if err != nil {
		c.t.Fatal(err)
	}
	return newClient(c.t, deflatedConn{c.conn, flate.NewReader(c.conn), w})
}

func TestCompressionGoesBothWays(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := newFixture(t, imapfake.WithTranscript(transcript))
	f.deliver("a: " + strings.Repeat("long ", 20_000))
	c := f.selected().deflate()
	c.run("NOOP", "T OK NOOP completed")
	c.run("FETCH 1 BODY.PEEK[]", "* 1 FETCH (BODY[] {100003}", "a: "+strings.Repeat("long ", 20_000)+")", "T OK FETCH completed")
	c.send("T IDLE")
	c.wants("+ idling")
	f.deliver("a: b")
	c.wants("* 2 EXISTS", "* 2 RECENT")
	c.send("DONE")
	c.wants("T OK IDLE completed")
	c.run("COMPRESS DEFLATE", "T NO [COMPRESSIONACTIVE] DEFLATE is active already")
	if caps := c.ok("CAPABILITY")[0]; strings.Contains(caps, "COMPRESS") {
		t.Error(caps)
	}
	c.run("LOGOUT", "* BYE logging out", "T OK LOGOUT completed")
	if text := transcript.String(); !strings.Contains(text, "DEFLATE started") || !strings.Contains(text, "T NOOP") {
		t.Errorf("transcript:\n%s", text)
	}
}

func TestCompressionWaitsForNothing(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.send("a COMPRESS DEFLATE", "b NOOP")
	c.wants("a BAD nothing may follow COMPRESS before its answer (RFC 4978 3)", "b OK NOOP completed")
	c.run("COMPRESS LZW", `T BAD COMPRESS: unknown algorithm "LZW", only DEFLATE is known (RFC 4978 5)`)
}

func TestWhatIsNotDeflatedEndsTheSession(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.run("COMPRESS DEFLATE", "T OK COMPRESS completed")
	c.send("\xff\xff\xff NOOP")
	if rest, _ := io.ReadAll(c.r); len(rest) > 0 {
		t.Errorf("answer %q", rest)
	}
}

func TestWithoutCompressionItIsUnknown(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities("COMPRESS=DEFLATE")).login()
	c.run("COMPRESS DEFLATE", "T BAD unknown command COMPRESS (RFC 3501 6)")
}
