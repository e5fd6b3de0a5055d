package mailwire

import (
	"fmt"
	"io"
	"testing"
)

// A server may read on before it answers, as a relay to another one does.
func TestARulesAnswerInPOP3WaitsForItsTurn(t *testing.T) {
	t.Parallel()
	var faults Faults
	if _, err := faults.Inject(On("STAT").Answer("-ERR no")); err != nil {
		t.Fatal(err)
	}
	s := &Service{Protocol: POP3, Faults: &faults, Handle: func(c *Conn) {
		c.WriteString("+OK hello\r\n")
		c.Flush()
		var got []string
		for range 2 {
			line, err := c.ReadLine(100)
			if err != nil {
				t.Error(err)
			}
			got = append(got, string(line))
		}
		c.WriteString(fmt.Sprintf("+OK %s\r\na\r\n.\r\n+OK %s\r\n", got[0], got[1]))
		c.Flush()
	}}
	defer s.Close()
	client, server := Pipe()
	s.ServeConn(server)
	io.WriteString(client, "LIST\r\nSTAT\r\nNOOP\r\n")
	want := "+OK hello\r\n+OK LIST\r\na\r\n.\r\n-ERR no\r\n+OK NOOP\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(client, got); string(got) != want {
		t.Errorf("the client got %q, %v", got, err)
	}
	client.Close()
}
