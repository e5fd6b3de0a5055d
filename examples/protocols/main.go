// Command protocols compares IMAP with POP3 by doing to both what people do with
// their mail, and counting what comes of it.
//
//	go run ./examples/protocols
//
// Every cell of the table is observed in real sessions with servers on loopback
// ports; none is typed in.
package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"example.org/mailfakes/mailtest"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protocols:", err)
		os.Exit(1)
	}
}

// run makes every observation for every way to read mail and prints the table.
func run(w io.Writer) error {
	fakes, err := mailtest.Start()
	if err != nil {
		return err
	}
	defer fakes.Close()
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
			if err != nil {
				return fmt.Errorf("%s, %s: %w", o.statement, way.name, err)
			}
			fmt.Fprint(table, "\t", cell)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
