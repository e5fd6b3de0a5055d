package maillog_test

import (
	"fmt"
	"log"

	"example.org/mailfakes/mailtest/maillog"
)

// A paste from a bug report. What kind of log it is shows by what is in it, and the secret doesn't
// come through.
func Example() {
	bug, err := maillog.Read([]byte(`
> S: * OK ready
> C: 1 LOGIN alice secret
> S: 1 OK done
> C: 2 FETCH 1 BODY[TEXT]
> S: * 1 FETCH (BODY[TEXT] {4}
> S: hi
> S: )
> S: 2 OK done
`), maillog.Detect)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bug.Format, len(bug.Sessions))
	for _, step := range bug.Sessions[0].Steps {
		fmt.Printf("line %d %v %q\n", step.Line, step.Dir, step.Text)
	}
	// Output:
	// plain 1
	// line 2 S: "* OK ready\r\n"
	// line 3 C: "1 LOGIN alice ***\r\n"
	// line 4 S: "1 OK done\r\n"
	// line 5 C: "2 FETCH 1 BODY[TEXT]\r\n"
	// line 6 S: "* 1 FETCH (BODY[TEXT] {4}\r\nhi\r\n)\r\n"
	// line 9 S: "2 OK done\r\n"
}
