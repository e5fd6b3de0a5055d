package mailwire

import (
	"net"
	"syscall"
)

// acknowledge has the kernel acknowledge what has arrived, as Dovecot does amid an APPEND,
// where it would wait for an answer to go along with that, or for 40 ms. So long would a
// client wait that sends a literal's last octets, then a line end: Nagle's algorithm (RFC
// 9293 §3.7.4) holds the latter back until the former are acknowledged.
func acknowledge(nc net.Conn) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	// Another socket than one of TCP refuses this, and needs nothing like it.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
