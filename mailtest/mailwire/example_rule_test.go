package mailwire_test

import (
	"fmt"

	"example.org/mailfakes/mailtest/mailwire"
)

// A bug report has a rule as text; the test that repeats it, in Go.
func ExampleParseRule() {
	rule, err := mailwire.ParseRule(`response "* * FETCH" command "UID FETCH" nth 3 add {} 1`)
	if err != nil {
		fmt.Println(err)
		return
	}
	same := mailwire.OnResponse("* * FETCH").Command("UID FETCH").Nth(3).Add("{}", 1)
	fmt.Println(rule.String() == same.String())
	fmt.Printf("%#v\n", rule)

	_, err = mailwire.ParseRule(`on RETR cut-aftr 100`)
	fmt.Println(err)
	// Output:
	// true
	// mailwire.OnResponse("* * FETCH").Command("UID FETCH").Nth(3).Add("{}", 1)
	// mailwire: rule, column 9: unknown matcher or action "cut-aftr"; did you mean "cut-after"?
}
