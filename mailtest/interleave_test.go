package mailtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
)

// steps is a scenario of clients with as many steps, that notes in which order they go.
func steps(orders *[]string, counts ...int) func(testing.TB, *mailtest.Server, *mailtest.Clients) {
	return func(_ testing.TB, _ *mailtest.Server, clients *mailtest.Clients) {
		var order strings.Builder
		for i, n := range counts {
			name := string(rune('a' + i))
			clients.Add(name, func(step func()) {
				for k := range n {
					if k > 0 {
						step()
					}
					order.WriteString(name)
				}
			})
		}
		clients.Run()
		*orders = append(*orders, order.String())
	}
}

func TestInterleaveTriesEveryOrderOnce(t *testing.T) {
	t.Parallel()
	var orders []string
	mailtest.Interleave(t, steps(&orders, 2, 2))
	want := []string{"aabb", "bbaa", "abba", "abab", "baab", "baba"}
	if got := slices.Sorted(slices.Values(orders)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("orders %q, want %q", orders, want)
	}
	if orders[0] != "aabb" || orders[1] != "bbaa" {
		t.Errorf("the first orders are %q, want those in which no client is left", orders[:2])
	}
	orders = nil
	mailtest.Interleave(t, steps(&orders, 2, 2, 2))
	slices.Sort(orders)
	if n := len(slices.Compact(slices.Clone(orders))); n != 90 || len(orders) != 90 { // 6!/(2!2!2!)
		t.Errorf("%d orders, %d of them different, want 90", len(orders), n)
	}
}

// twoArchivers move the messages of INBOX to another mailbox, each in two steps as clients
// do that don't know MOVE.
func twoArchivers(careful bool) func(testing.TB, *mailtest.Server, *mailtest.Clients) {
	return func(t testing.TB, srv *mailtest.Server, clients *mailtest.Clients) {
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.Deliver(mailtest.Mail{Subject: "hello"})
		archive := alice.CreateMailbox("Archive")
		for _, name := range []string{"phone", "laptop"} {
			clients.Add(name, func(step func()) {
				c := alice.IMAPClient()
				if _, err := c.Select("INBOX", nil).Wait(); err != nil {
					t.Fatal(err)
				}
				step()
				if careful {
					if _, err := c.Move(imap.UIDSetNum(1), "Archive").Wait(); err != nil {
						t.Log(err) // another was quicker
					}
					return
				}
				if _, err := c.Copy(imap.UIDSetNum(1), "Archive").Wait(); err != nil {
					t.Log(err)
				}
				step()
				_ = c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
				_ = c.Expunge().Close()
			})
		}
		clients.Run()
		if n := len(archive.Messages()); n != 1 {
			t.Errorf("the archive has %d messages, want 1", n)
		}
	}
}

func TestInterleaveFindsARaceBetweenClients(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	tb.run(func() { mailtest.Interleave(tb, twoArchivers(false)) })
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "the archive has 2 messages, want 1") || !strings.Contains(tb.errors[0], "imap#2 C:") {
		t.Fatalf("errors:\n%s", strings.Join(tb.errors, "\n"))
	}
	_, order, _ := strings.Cut(tb.errors[0], `in the order "`)
	order, _, _ = strings.Cut(order, `"`)

	again := &author{TB: t}
	again.run(func() { mailtest.Interleave(again, twoArchivers(false), mailtest.OneOrder(order)) })
	if len(again.errors) != 1 || !strings.Contains(again.errors[0], fmt.Sprintf("0 orders passed; the scenario fails in the order %q", order)) {
		t.Errorf("the order %q alone: %q", order, again.errors)
	}
	mailtest.Interleave(t, twoArchivers(true))
}

func TestInterleaveAtRandomIsRepeatedByItsSeed(t *testing.T) {
	t.Parallel()
	var first, second, other []string
	mailtest.Interleave(t, steps(&first, 3, 3, 3), mailtest.RandomOrders(20, 7))
	mailtest.Interleave(t, steps(&second, 3, 3, 3), mailtest.RandomOrders(20, 7))
	mailtest.Interleave(t, steps(&other, 3, 3, 3), mailtest.RandomOrders(20, 8))
	if len(first) != 20 || !slices.Equal(first, second) || slices.Equal(first, other) {
		t.Errorf("seed 7: %q\nagain: %q\nseed 8: %q", first, second, other)
	}
}

func TestInterleaveStopsAtTheMost(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	var orders []string
	tb.run(func() { mailtest.Interleave(tb, steps(&orders, 5, 5, 5), mailtest.MaxOrders(10)) })
	if len(orders) != 10 || !strings.Contains(tb.log.String(), "10 orders tried, there are more") || tb.failed {
		t.Errorf("%d orders, log %q", len(orders), &tb.log)
	}
}

func TestInterleaveReportsWhatTheAuthorDidWrong(t *testing.T) {
	t.Parallel()
	for want, scenario := range map[string]func(testing.TB, *mailtest.Server, *mailtest.Clients){
		`the name of a client "a b" isn't a word of its own`: func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) { c.Add("a b", nil) },
		`the name of a client "a" isn't a word of its own`: func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) {
			c.Add("a", func(func()) {})
			c.Add("a", func(func()) {})
		},
		`the order "a a" has no step for any of 1 client after "a a"`: func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) {
			c.Add("a", func(step func()) { step(); step() })
			c.Run()
		},
		`client "a" has nothing to do`:  func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) { c.Add("a", nil) },
		"the scenario doesn't call Run": func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) { c.Add("a", func(func()) {}) },
		"there are no clients to run":   func(_ testing.TB, _ *mailtest.Server, c *mailtest.Clients) { c.Run() },
		"given up by the client": func(t testing.TB, _ *mailtest.Server, c *mailtest.Clients) {
			c.Add("a", func(func()) { t.Fatal("given up by the client") })
			c.Run()
		},
	} {
		tb := &author{TB: t}
		tb.run(func() { mailtest.Interleave(tb, scenario, mailtest.OneOrder("a a")) })
		if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], want) {
			t.Errorf("errors %q, want %s", tb.errors, want)
		}
	}
}

func TestInterleaveRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	var orders []string
	for want, interleave := range map[string]func(testing.TB){
		"there is no scenario": func(tb testing.TB) { mailtest.Interleave(tb, nil) },
		"option 1 is nil":      func(tb testing.TB) { mailtest.Interleave(tb, steps(&orders, 1), nil) },
		"-1 orders at most":    func(tb testing.TB) { mailtest.Interleave(tb, steps(&orders, 1), mailtest.MaxOrders(-1)) },
		"0 orders at most":     func(tb testing.TB) { mailtest.Interleave(tb, steps(&orders, 1), mailtest.RandomOrders(0, 1)) },
		"start: option 1":      func(tb testing.TB) { mailtest.Interleave(tb, steps(&orders, 1), mailtest.InterleaveServers(nil)) },
	} {
		tb := &author{TB: t}
		tb.run(func() { interleave(tb) })
		if got := tb.fatal + strings.Join(tb.errors, "\n"); !strings.Contains(got, want) || orders != nil {
			t.Errorf("failed with %q, want %s; orders %q", got, want, orders)
		}
	}
}

func TestInterleaveGivesItsServersTheirOptions(t *testing.T) {
	t.Parallel()
	mailtest.Interleave(t, func(t testing.TB, srv *mailtest.Server, clients *mailtest.Clients) {
		alice := srv.AddAccount("alice@example.org", "secret")
		clients.Add("phone", func(func()) {
			if alice.IMAPClient().Caps().Has(imap.CapMove) {
				t.Error("the server offers MOVE")
			}
		})
		clients.Run()
	}, mailtest.InterleaveServers(mailtest.WithIMAP(imapfake.WithoutCapabilities(imap.CapMove))))
}
