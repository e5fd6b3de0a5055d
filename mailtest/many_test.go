//go:build unix

package mailtest_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"example.org/mailfakes/mailtest"
)

// A suite is as large as its author wants: each of a thousand subtests has its own servers, ten
// messages and a client of each protocol. TestMain looks for goroutines that are left.
func TestAThousandSubtestsWithServersOfTheirOwn(t *testing.T) {
	// Not parallel: it measures the time of the whole process.
	for _, kind := range []struct {
		name    string
		options []mailtest.Option
		limit   time.Duration // on processors, of which two would need half of it
	}{
		{"memory", []mailtest.Option{mailtest.InMemory()}, 20 * time.Second},
		{"loopback", nil, 40 * time.Second},
	} {
		subtests := 1000
		if testing.Short() || underRace {
			subtests = 200
		}
		before, cpu, start := descriptors(t), cpuTime(t), time.Now()
		t.Run(kind.name, func(t *testing.T) {
			for i := range subtests {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					readBoth(t, kind.options...)
				})
			}
		})
		cpu = cpuTime(t) - cpu
		t.Logf("%d subtests, %s: %v, of that %v on a processor", subtests, kind.name, time.Since(start), cpu)
		if cpu > kind.limit {
			t.Errorf("%s: more than %v", kind.name, kind.limit)
		}
		if after := descriptors(t); after > before {
			t.Errorf("%s: %d file descriptors are open, %d before", kind.name, after, before)
		}
	}
}

func readBoth(t *testing.T, options ...mailtest.Option) {
	srv := mailtest.New(t, options...)
	alice := srv.AddAccount("alice@example.org", "secret")
	for i := range 10 {
		alice.Deliver(mailtest.Mail{Subject: fmt.Sprint("mail ", i), Text: "hello"})
	}
	phone := mailtest.NewIMAPDevice(t, alice)
	phone.Sync()
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	laptop.Sync()
	if n, m := len(phone.Messages()), len(laptop.Messages()); n != 10 || m != 10 {
		t.Errorf("the phone has %d messages, the laptop %d", n, m)
	}
	phone.Sync()
	if left := phone.Messages(); len(left) != 0 {
		t.Errorf("the phone still has %d messages", len(left))
	}
}

// descriptors returns how many files and sockets are open, 0 if the system doesn't tell.
func descriptors(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Log("can't count sockets here:", err)
		return 0
	}
	return len(entries)
}

// cpuTime returns how long the process has been on a processor.
func cpuTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
