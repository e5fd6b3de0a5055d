package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"example.org/mailfakes/mailtest/personality"
)

// listPersonalities writes a line for each personality and for each quirk.
func listPersonalities(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "personalities (-personality NAME):")
	for _, p := range personality.All() {
		fmt.Fprintf(table, "  %s\t%s\n", p.Name, p.Summary)
	}
	table.Flush()
	fmt.Fprintln(table, "quirks (-quirk NAME):")
	for _, q := range personality.Quirks() {
		fmt.Fprintf(table, "  %s\t%s: %s\n", q.Name, q.Protocol(), q.Text)
	}
	table.Flush()
}
