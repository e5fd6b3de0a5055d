package mailtest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// How much of the transcript the log of a failed test has when it is short.
const (
	shortSessions = 4
	shortLines    = 40 // of each
)

// end closes the servers of a test that has ended. If it failed, its log tells what was
// said, and a person may look at the servers before.
func (f *Fakes) end(tb testing.TB) {
	tb.Helper()
	held := tb.Failed() && *serveAt != ""
	if held {
		f.report(tb, *showTranscript)
		if err := f.hold(tb, *serveAt, os.Stderr); err != nil {
			tb.Logf("mailtest: -mailtest.serve=%s: %v", *serveAt, err)
		}
	}
	if err := f.Close(); err != nil {
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

// save writes the transcript to the test's artifacts and returns the comment that says where
// it is.
func (f *Fakes) save(tb testing.TB) string {
	tb.Helper()
	path, err := f.saveTo(tb.ArtifactDir())
	if err != nil {
		tb.Errorf("mailtest: save the transcript: %v", err)
		return ""
	}
	return fmt.Sprintf("# all of it: %s\n", path)
}

// saveTo writes the transcript to a file that isn't there yet: a test may have several servers.
func (f *Fakes) saveTo(dir string) (path string, err error) {
	for n := 1; ; n++ {
		path = filepath.Join(dir, "transcript.txt")
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("transcript-%d.txt", n))
		}
		err = create(path, f.Transcript.WriteTo)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
}

// create writes a file that isn't there yet.
func create(path string, write func(io.Writer) (int64, error)) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = write(file)
	return errors.Join(err, file.Close())
}
