package mailtest

import (
	"bytes"
	"runtime"
)

// inBubble tells whether it is called in a bubble of testing/synctest, which nothing but
// the head of a stack says: "goroutine 7 [running, synctest bubble 1]:".
func inBubble() bool {
	head := make([]byte, 128)
	head, _, _ = bytes.Cut(head[:runtime.Stack(head, false)], []byte("\n"))
	return bytes.Contains(head, []byte("synctest bubble"))
}
