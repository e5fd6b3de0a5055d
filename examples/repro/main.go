// Command repro is a catalogue of bugs in mail clients. Each has a server that behaves as
// some do in the field, a naive client that fails there, and a careful one that doesn't.
//
//	go run ./examples/repro                  # what the two clients of each did
//	go run ./examples/repro append-retried   # the whole story of one, with what was said on the wire
//
// Nothing in what it prints is typed in: all clients run, against servers in memory. To
// reproduce a bug of one's own, take the entry that comes closest as a pattern: it begins
// with how the server is made to misbehave, and ends in an assertion.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"text/tabwriter"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./examples/repro [BUG]")
	}
	flag.Parse()
	if err := run(os.Stdout, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "repro:", err)
		os.Exit(1)
	}
}

// run tells of the bug with a name, or of all.
func run(w io.Writer, name string) error {
	if name == "" {
		return list(w)
	}
	for _, b := range catalogue() {
		if b.name == name {
			tell(w, b)
			return nil
		}
	}
	return fmt.Errorf("no bug %q", name)
}

// list prints a table of what the clients did, of all bugs at once.
func list(w io.Writer) error {
	bugs := catalogue()
	naive, careful := make([]outcome, len(bugs)), make([]outcome, len(bugs))
	var running sync.WaitGroup
	for i, b := range bugs {
		running.Go(func() { naive[i] = b.run(b.naive) })
		running.Go(func() { careful[i] = b.run(b.careful) })
	}
	running.Wait()
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "bug\tnaive client\tcareful client")
	for i, b := range bugs {
		fmt.Fprintf(table, "%s\t%s\t%s\n", b.name, naive[i].cell(72), careful[i].cell(48))
	}
	return table.Flush()
}

// tell prints all about one bug.
func tell(w io.Writer, b bug) {
	fmt.Fprintf(w, "%s: %s\nSeen: %s\n", b.name, b.story, b.reference)
	for _, c := range []struct {
		name string
		run  client
	}{{"naive", b.naive}, {"careful", b.careful}} {
		o := b.run(c.run)
		fmt.Fprintf(w, "\nThe %s client: %s\n\n%s", c.name, o, o.transcript)
	}
}
