// Command protocols compares IMAP with POP3 by doing to both what people do with
// their mail, and counting what comes of it.
//
//	go run ./examples/protocols
//	go run ./examples/protocols -personality gmail
//
// Every cell of the table is observed in real sessions with servers on loopback
// ports; none is typed in.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

func main() {
	name := flag.String("personality", "", "observe a server of this `name` (see go doc ./mailtest/personality)")
	flag.Parse()
	if err := run(os.Stdout, *name); err != nil {
		fmt.Fprintln(os.Stderr, "protocols:", err)
		os.Exit(1)
	}
}

// run makes every observation for every way to read mail, of a server of the personality
// unless its name is empty, and prints the table.
func run(w io.Writer, name string) error {
	fakes, err := startFakes(name)
	if err != nil {
		return err
	}
	defer fakes.Close()
	failures := make(map[string]error) // the last of each way, which is how the server is
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(table, "of 3 messages in INBOX")
	for _, way := range ways() {
		fmt.Fprint(table, "\t", way.name)
	}
	fmt.Fprintln(table)
	for row, o := range observations() {
		fmt.Fprint(table, o.statement)
		for column, way := range ways() {
			// An account of its own keeps each observation apart from the others.
			p, err := newPerson(fakes, fmt.Sprintf("user%d-%d@example.org", row, column), way)
			if err != nil {
				return err
			}
			cell, err := o.observe(p)
			if err != nil && name == "" {
				return fmt.Errorf("%s, %s: %w", o.statement, way.name, err)
			}
			if err != nil {
				cell = "fails"
				failures[way.name] = err
			}
			fmt.Fprint(table, "\t", cell)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, way := range ways() {
		if err := failures[way.name]; err != nil {
			fmt.Fprintf(w, "%s fails: %v\n", way.name, err)
		}
	}
	return nil
}

func startFakes(name string) (*mailtest.Fakes, error) {
	if name == "" {
		return mailtest.Start()
	}
	p, err := personality.ByName(name)
	if err != nil {
		return nil, err
	}
	return mailtest.Start(mailtest.WithPersonality(p))
}
