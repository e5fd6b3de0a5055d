//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// endWithChildren has the end of the command's time end what it has started, too: go test
// starts the test.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
}
