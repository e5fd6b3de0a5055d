package mailtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// hold keeps the servers up until the process is interrupted, also at addresses that begin
// with addr, and tells on out how to connect.
func (f *Fakes) hold(tb testing.TB, addr string, out io.Writer) error {
	if inBubble() { // where no signal gets in, and time stands still while a person connects
		return errors.New("not in a bubble of testing/synctest")
	}
	addrs, err := f.listenFrom(addr)
	if err != nil {
		return err
	}
	ca, err := writeRoot()
	if err != nil {
		return err
	}
	defer os.Remove(ca)
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Fprintf(out, "\n%s has failed. Its mail servers stay up until interrupted%s:\n\n%s\n", tb.Name(), deadline(tb), f.directions(addrs, ca))
	<-interrupted.Done()
	return nil
}

// heldNames says what each of a held server's ports is for.
var heldNames = [...]string{"IMAP, STARTTLS", "IMAP over TLS", "POP3, STLS", "POP3 over TLS"}

// listenFrom serves at four ports, the given one and the next, or free ones if it is 0,
// and returns their addresses. Close closes them.
func (f *Fakes) listenFrom(addr string) (addrs [4]string, err error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return addrs, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return addrs, fmt.Errorf("%q is no port", service)
	}
	if host == "" { // not all interfaces unless someone says so
		host = "127.0.0.1"
	}
	serve := [...]func(net.Listener) error{f.imap.Serve, f.imap.ServeTLS, f.pop3.Serve, f.pop3.ServeTLS}
	var listeners [4]net.Listener
	for i := range listeners {
		at := port
		if port != 0 {
			at += uint64(i)
		}
		if listeners[i], err = net.Listen("tcp", net.JoinHostPort(host, strconv.FormatUint(at, 10))); err != nil {
			for _, l := range listeners[:i] {
				l.Close()
			}
			return addrs, err
		}
		addrs[i] = listeners[i].Addr().String()
	}
	for i, l := range listeners {
		go serve[i](l)
	}
	return addrs, nil
}

// writeRoot writes the authority that has signed the servers' certificate to a file.
func writeRoot() (path string, err error) {
	pem, err := mailwire.RootPEM()
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "mailtest-ca-*.pem")
	if err != nil {
		return "", err
	}
	_, err = file.Write(pem)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return file.Name(), err
}

// deadline says how long go test lets the servers be up.
func deadline(tb testing.TB) string {
	at, ok := deadlineOf(tb)
	if !ok {
		return ""
	}
	return fmt.Sprintf(", or %s when go test gives up (-timeout 0: never)", at.Format(time.TimeOnly))
}

// directions tells a person how to connect.
func (f *Fakes) directions(addrs [4]string, ca string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for i, name := range heldNames {
		fmt.Fprintf(w, "  %s\t%s\n", name, addrs[i])
	}
	fmt.Fprintf(w, "  certificate authority\t%s (of localhost, 127.0.0.1 and ::1)\n", ca)
	accounts := f.Store.Accounts()
	for _, a := range accounts {
		fmt.Fprintf(w, "  account %s\tpassword %s\n", a.Name(), a.Password())
	}
	w.Flush()
	if len(accounts) > 0 {
		a := accounts[0]
		user := strings.ReplaceAll(a.Name()+":"+a.Password(), "'", `'\''`)
		fmt.Fprintf(&b, "\n  curl --cacert %s --user '%s' 'imaps://%s/INBOX?ALL'\n", ca, user, addrs[1])
	}
	return b.String()
}
