package mailminimize_test

import (
	"bytes"
	"context"
	"fmt"

	"example.org/mailfakes/mailtest/mailminimize"
)

func ExampleMinimize() {
	const log = `0 pop3#1 -- open mem
0 pop3#1 S: +OK
0 pop3#1 C: STAT
0 pop3#1 S: +OK 1 2
0 pop3#1 C: UIDL
0 pop3#1 S: +OK
0 pop3#1 S: 1 first
0 pop3#1 S: 2 not unique
0 pop3#1 S: .
`
	shortest, err := mailminimize.Minimize(context.Background(), []byte(log), func(_ context.Context, candidate []byte) bool {
		// A program would be run with the candidate here.
		return bytes.Contains(candidate, []byte("not unique"))
	}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s", shortest)

	// Output:
	// 0.000000 pop3#1 -- open mem
	// 0.000000 pop3#1 S: +OK
	// 0.000000 pop3#1 C: UIDL
	// 0.000000 pop3#1 S: +OK
	// 0.000000 pop3#1 S: 2 not unique
	// 0.000000 pop3#1 S: .
}
