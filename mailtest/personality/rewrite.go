package personality

import (
	"fmt"
	"slices"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// overriding has run called in place of each of the commands.
func overriding(run func(*imapfake.Call) error, commands ...string) []imapfake.Option {
	var options []imapfake.Option
	for _, name := range commands {
		options = append(options, imapfake.OverrideCommand(name, run))
	}
	return options
}

// rewriting has f rewrite each response that commands are answered by.
func rewriting(f func(response string) string, commands ...string) []imapfake.Option {
	return overriding(func(c *imapfake.Call) error {
		c.Filter(func(r string) []string { return []string{f(r)} })
		return c.Next()
	}, commands...)
}

// rewritingUntagged is rewriting for untagged responses that begin with begin.
func rewritingUntagged(begin string, f func(response string) string, commands ...string) []imapfake.Option {
	return rewriting(func(r string) string {
		if strings.HasPrefix(r, "* "+begin) {
			return f(r)
		}
		return r
	}, commands...)
}

// rewritingTagged has f turn the tagged response, of which it gets what follows the tag, into
// the responses that are sent.
func rewritingTagged(f func(tag, response string) []string, commands ...string) []imapfake.Option {
	return overriding(func(c *imapfake.Call) error {
		c.Filter(func(r string) []string {
			if rest, ok := strings.CutPrefix(r, c.Tag()+" "); ok {
				return f(c.Tag(), rest)
			}
			return []string{r}
		})
		return c.Next()
	}, commands...)
}

// code returns the response code of a tagged response of the kind, "OK" or "NO", and what is
// before and after it.
func code(response, kind, name string) (before, value, after string, ok bool) {
	start := kind + " [" + name + " "
	if !strings.HasPrefix(response, start) {
		return "", "", "", false
	}
	value, after, ok = strings.Cut(response[len(start):], "] ")
	return kind + " ", value, after, ok
}

// rewritingPOP3 has f rewrite each response that commands are answered by, unless it is -ERR.
func rewritingPOP3(f func(c *pop3fake.Call, response string) string, commands ...string) []pop3fake.Option {
	var options []pop3fake.Option
	for _, name := range commands {
		options = append(options, pop3fake.OverrideCommand(name, func(c *pop3fake.Call) error {
			c.Filter(func(r string) string {
				if strings.HasPrefix(r, "-ERR") {
					return r
				}
				return f(c, r)
			})
			return c.Next()
		}))
	}
	return options
}

// rewritingCAPA has f change what CAPA lists.
func rewritingCAPA(f func(c *pop3fake.Call, list []string) []string) []pop3fake.Option {
	return rewritingPOP3(func(c *pop3fake.Call, r string) string {
		lines := strings.Split(strings.TrimSuffix(r, "\r\n.\r\n"), "\r\n")
		return strings.Join(slices.Concat(lines[:1], f(c, lines[1:]), []string{".\r\n"}), "\r\n")
	}, "CAPA")
}

// forgetting has CAPA not list capabilities after login.
func forgetting(capabilities ...pop3fake.Capability) []pop3fake.Option {
	return rewritingCAPA(func(c *pop3fake.Call, list []string) []string {
		return slices.DeleteFunc(list, func(line string) bool {
			name, _, _ := strings.Cut(line, " ")
			return c.Account() != nil && slices.Contains(capabilities, pop3fake.Capability(name))
		})
	})
}

// listingMore has CAPA list more than there is.
func listingMore(lines ...string) []pop3fake.Option {
	return rewritingCAPA(func(_ *pop3fake.Call, list []string) []string { return append(list, lines...) })
}

// rewritingListing has f rewrite what LIST or UIDL, with or without an argument, tells of
// each message n.
func rewritingListing(f func(c *pop3fake.Call, n uint32, value string) string, command string) []pop3fake.Option {
	return rewritingPOP3(func(c *pop3fake.Call, r string) string {
		lines := strings.SplitAfter(r, "\r\n")
		for i, line := range lines {
			before := ""
			if i == 0 {
				before = "+OK "
			}
			var n uint32
			var value string
			if _, err := fmt.Sscanf(strings.TrimPrefix(line, before), "%d %s\r\n", &n, &value); err != nil || i == 0 && c.Args() == "" {
				continue
			}
			lines[i] = before + f(c, n, value) + "\r\n"
		}
		return strings.Join(lines, "")
	}, command)
}
