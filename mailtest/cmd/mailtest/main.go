// Command mailtest serves mail accounts in memory over IMAP and POP3, to any client, and
// records what clients and real servers say to each other.
//
//	mailtest serve -user alice@example.org:secret -load alice@example.org=mail.mbox -ca ca.pem
//	curl --cacert ca.pem --user alice@example.org:secret 'imaps://127.0.0.1:1993/INBOX?ALL'
//	mailtest record -upstream imap.example.org:993 -listen 127.0.0.1:1143 -o bug.log
//	mailtest minimize bug.log -- go test -run TestReplayOfTheBug ./mail
//
// It also serves what a log says that a server said, and makes a Go test of a log:
//
//	mailtest replay bug.log
//	mailtest gotest bug.log
//
// See -h of each.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `usage: mailtest serve [flags]
       mailtest record -upstream HOST:PORT [flags]
       mailtest replay [flags] FILE
       mailtest gotest [flags] FILE
       mailtest minimize [flags] FILE -- COMMAND

serve     serves mail accounts in memory over IMAP and POP3
record    passes sessions on to a server and writes down what is said
replay    serves a log as the server that is in it
gotest    writes a Go test that replays a log
minimize  shortens a log to what still makes a command fail

"mailtest COMMAND -h" lists the flags of a command.
`

// Exit codes.
const (
	exitOK        = 0
	exitDeviation = 1 // a client deviated from the log that is replayed
	exitUsage     = 2 // nothing was started
)

// run is the command; it ends when ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			return serve(ctx, args[1:], stdout, stderr)
		case "replay":
			return replay(ctx, args[1:], stdout, stderr)
		case "gotest":
			return gotest(args[1:], stdout, stderr)
		case "record":
			return record(ctx, args[1:], stdout, stderr)
		case "minimize":
			return minimize(ctx, args[1:], stdout, stderr)
		case "help", "-h", "-help", "--help":
			fmt.Fprint(stdout, usage)
			return exitOK
		}
		fmt.Fprintf(stderr, "mailtest: unknown command %q\n", args[0])
	}
	fmt.Fprint(stderr, usage)
	return exitUsage
}
