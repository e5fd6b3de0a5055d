package mailtest

import "flag"

// update is the flag by which tests write what they otherwise compare with. Flags are the one
// thing that a package has to set up before anyone calls it.
var update = flag.Bool("mailtest.update", false, "write golden files of mail accounts instead of comparing with them")
