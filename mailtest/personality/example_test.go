package personality_test

import (
	"fmt"

	"example.org/mailfakes/mailtest/personality"
)

// What is known of a server, and what of it shows.
func Example() {
	yahoo := personality.Yahoo()
	fmt.Println(yahoo.Summary)
	for _, quirk := range yahoo.Quirks {
		fmt.Println("on: ", quirk.Name)
	}
	for _, quirk := range yahoo.Rare {
		fmt.Println("off:", quirk.Name)
	}
	// Output:
	// Yahoo Mail
	// on:  inbox-case
	// on:  space-after-search
	// on:  short-commands
	// on:  clientbug-modseq
	// off: serverbug-search
	// off: unavailable-fetch
	// off: no-idle
}

// A bug report about one server's fault becomes one line: the fault alone, on a server that is otherwise
// exact. The result is for mailtest.WithPersonality.
func ExamplePersonality_With() {
	p := personality.Minimal().With(personality.EmptyDeleReply())
	for _, quirk := range p.Quirks {
		fmt.Println(quirk.Name, "-", quirk.Text, "-", quirk.Standard)
	}
	// Output:
	// empty-dele-reply - DELE is carried out and answered by an empty line - RFC 1939 §3: +OK or -ERR
}
