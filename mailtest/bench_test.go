package mailtest_test

import (
	"net/http/httptest"
	"runtime"
	"testing"

	"example.org/mailfakes/mailtest"
)

// The cost of a test's server, beside that of net/http/httptest.
func BenchmarkStartAndStop(b *testing.B) {
	start := func(options ...mailtest.Option) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				f, err := mailtest.Start(options...)
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		}
	}
	b.Run("httptest", func(b *testing.B) {
		for b.Loop() {
			httptest.NewServer(nil).Close()
		}
	})
	b.Run("loopback", start())
	b.Run("memory", start(mailtest.InMemory()))
}

func TestAnIdleServerTakesLittleMemory(t *testing.T) {
	// Not parallel: it looks at the whole heap.
	const servers = 100
	running := make([]*mailtest.Fakes, 0, servers)
	before := heap()
	for range servers {
		f, err := mailtest.Start()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Store.AddAccount("alice@example.org", "secret"); err != nil {
			t.Fatal(err)
		}
		running = append(running, f)
	}
	const limit = 64 << 10
	if each := (heap() - before) / servers; each > limit {
		t.Errorf("an idle server with one account takes %d octets, want at most %d", each, limit)
	} else {
		t.Logf("an idle server with one account takes %d octets", each)
	}
	runtime.KeepAlive(running)
}

// heap returns the octets that are in use, including stacks.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
