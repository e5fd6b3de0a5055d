package mailreplay

import (
	"encoding/base64"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// playLogin answers a command that authenticates. The client may take another way than the log's;
// a secret proves nothing here.
func (c *session) playLogin(g *group, got *command) error {
	mechanism, given := initialResponse(got)
	logged, loggedGiven := initialResponse(&g.command)
	items := g.items
	switch {
	case mechanism == "" || !strings.EqualFold(mechanism, logged):
		// The log's challenges aren't for this.
		items = statusOf(items)
		if mechanism != "" && !given {
			if err := c.challenge(mechanism); err != nil {
				return err
			}
		}
	case given && !loggedGiven:
		items = withoutFirstReply(items)
	case !given && loggedGiven:
		if err := c.prompt(""); err != nil {
			return err
		}
	}
	return c.playItems(g, items)
}

// initialResponse returns the SASL mechanism of a command, and whether the response to its first
// challenge is there already (RFC 4959, RFC 5034).
func initialResponse(c *command) (mechanism string, given bool) {
	if name := c.name(); name != "AUTHENTICATE" && name != "AUTH" {
		return "", false
	}
	args := c.args()
	return argument(args, 0), len(args) > 1
}

// statusOf returns the items without challenges and what the client answered.
func statusOf(items []item) (status []item) {
	for _, it := range items {
		if it.Dir == mailwire.Server && !it.isContinuation() {
			status = append(status, it)
		}
	}
	return status
}

// withoutFirstReply returns the items without the first challenge and its answer.
func withoutFirstReply(items []item) []item {
	for i, it := range items {
		if it.Dir == mailwire.Client {
			return append(statusOf(items[:i]), items[i+1:]...)
		}
	}
	return items
}

// challenge asks for what a mechanism sends.
func (c *session) challenge(mechanism string) error {
	prompts := []string{""}
	if strings.EqualFold(mechanism, "LOGIN") {
		prompts = []string{"Username:", "Password:"}
	}
	for _, prompt := range prompts {
		if err := c.prompt(prompt); err != nil {
			return err
		}
	}
	return nil
}

// prompt sends a challenge and reads the answer.
func (c *session) prompt(text string) error {
	if err := c.send("+ " + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n"); err != nil {
		return err
	}
	line, err := c.readLine()
	if err == nil {
		c.conn.Mask(string(line))
	}
	return err
}
