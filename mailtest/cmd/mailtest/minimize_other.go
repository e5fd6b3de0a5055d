//go:build !unix

package main

import (
	"os/exec"
	"time"
)

// endWithChildren has the command's output not be waited for once its time is over.
func endWithChildren(cmd *exec.Cmd) { cmd.WaitDelay = time.Second }
