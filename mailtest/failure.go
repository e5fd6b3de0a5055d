package mailtest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailhtml"
)

// How much of the transcript the log of a failed test has when it is short.
const (
	shortSessions = 4
	shortLines    = 40 // of each
)

// counted returns a number of things in words, such as "2 sessions".
func counted[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// end closes the servers of a test that has ended. If it failed, its log tells what was
// said, and a person may look at the servers before.
func (f *Fakes) end(tb testing.TB) {
	tb.Helper()
	if !tb.Failed() { // a test that was cut short leaves sessions behind
		for _, err := range f.leftovers() {
			tb.Error(err)
		}
	}
	held := tb.Failed() && *serveAt != ""
	if held {
		f.report(tb, *showTranscript)
		if err := f.hold(tb, *serveAt, os.Stderr); err != nil {
			tb.Logf("mailtest: -mailtest.serve=%s: %v", *serveAt, err)
		}
	}
	if err := f.close(); err != nil {
		tb.Errorf("mailtest: close: %v", err)
	}
	if tb.Failed() && !held {
		f.report(tb, *showTranscript)
	}
}

// report logs what clients and servers have said, for a test that failed, and saves it
// if go test was asked to keep what tests write.
func (f *Fakes) report(tb testing.TB, show shownTranscript) {
	tb.Helper()
	tail, whole := f.Transcript.Tail(shortSessions, shortLines)
	if tail == "" && f.IMAP.inMemory {
		tb.Logf("mailtest: no client has connected; to servers in memory they do by srv.IMAP.Dial, srv.POP3.Dial and their kin")
		return
	}
	if tail == "" {
		tb.Logf("mailtest: no client has connected to %s or %s", f.IMAP.Addr(), f.POP3.Addr())
		return
	}
	hint := ""
	switch {
	case artifactsAreKept():
		hint = f.save(tb)
	case show == showShort && !whole:
		hint = "# all of it: -mailtest.transcript=all, or -artifacts to have it in a file and as a page for a browser\n"
	}
	switch show {
	case showAll:
		tail = f.Transcript.String()
	case showNone:
		tail = ""
	}
	if hint+tail != "" {
		tb.Logf("mail transcript (C: client, S: server):\n%s%s", hint, tail)
	}
}

// artifactsAreKept tells whether the flag -artifacts was given. Without it, what is in
// a test's ArtifactDir is removed as soon as the test has ended.
func artifactsAreKept() bool {
	given := flag.Lookup("test.artifacts")
	return given != nil && given.Value.String() == "true"
}

// save writes the transcript, and the page of it, to the test's artifacts and returns the
// comment that says where they are.
func (f *Fakes) save(tb testing.TB) string {
	tb.Helper()
	dir := tb.ArtifactDir()
	for n := 1; ; n++ { // a test may have several servers
		path := filepath.Join(dir, "transcript")
		if n > 1 {
			path += "-" + strconv.Itoa(n)
		}
		err := f.saveAs(path, tb.Name())
		switch {
		case err == nil:
			return fmt.Sprintf("# all of it: %s.txt\n# for a browser: %[1]s.html\n", path)
		case !errors.Is(err, fs.ErrExist):
			tb.Errorf("mailtest: save the transcript: %v", err)
			return ""
		}
	}
}

// saveAs writes path.txt and path.html, which aren't there yet.
func (f *Fakes) saveAs(path, title string) error {
	text := f.Transcript.String()
	err := create(path+".txt", func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		return err
	}
	return create(path+".html", func(w io.Writer) error {
		return mailhtml.Write(w, title, strings.NewReader(text))
	})
}

// create writes a file that isn't there yet.
func create(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
