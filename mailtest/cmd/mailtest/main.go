// Command mailtest serves mail accounts in memory over IMAP and POP3, to any client.
//
//	mailtest serve -user alice@example.org:secret -load alice@example.org=mail.mbox
//
// See mailtest serve -h.
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

serve   serves mail accounts in memory over IMAP and POP3; "mailtest serve -h" lists its flags
`

// Exit codes.
const (
	exitOK    = 0
	exitUsage = 2 // nothing was started
)

// run is the command; it ends when ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			return serve(ctx, args[1:], stdout, stderr)
		case "help", "-h", "-help", "--help":
			fmt.Fprint(stdout, usage)
			return exitOK
		}
		fmt.Fprintf(stderr, "mailtest: unknown command %q\n", args[0])
	}
	fmt.Fprint(stderr, usage)
	return exitUsage
}
