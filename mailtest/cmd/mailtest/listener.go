package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"example.org/mailfakes/mailtest/mailwire"
)

// listener is one address that is served.
type listener struct {
	name  string
	addr  string // "off": not at all
	serve func(net.Listener) error
	net.Listener
}

// start listens at the addresses, tells that it does, and serves; or it fails and listens at none.
func (c *config) start(listeners []*listener, stdout io.Writer) (err error) {
	defer func() {
		for _, l := range listeners {
			if err != nil && l.Listener != nil {
				l.Close()
			}
		}
	}()
	ready, err := c.listen(listeners)
	if err != nil {
		return err
	}
	if err := announce(c.ca, c.ready, ready); err != nil {
		return err
	}
	// Clients wait in the listeners meanwhile, so that -v comes after this.
	fmt.Fprint(stdout, ready)
	for _, l := range listeners {
		if l.Listener != nil {
			go l.serve(l.Listener)
		}
	}
	return nil
}

// listen opens every listener and returns the lines that announce them.
func (c *config) listen(listeners []*listener) (ready string, err error) {
	for _, l := range listeners {
		if l.addr == "off" {
			continue
		}
		if err := checkLoopback(l.addr, c.allowRemote); err != nil {
			return "", fmt.Errorf("-%s %s: %w", l.name, l.addr, err)
		}
		if l.Listener, err = net.Listen("tcp", l.addr); err != nil {
			return "", fmt.Errorf("-%s: %w", l.name, err)
		}
		ready += l.name + " " + l.Addr().String() + "\n"
	}
	if ready == "" {
		return "", errors.New("every listener is off")
	}
	return ready, nil
}

// checkLoopback refuses an address that other machines could reach.
func checkLoopback(addr string, allowRemote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if allowRemote || host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return errors.New("not a loopback address; give -allow-remote if other machines may connect")
	}
	return nil
}

// announce writes the files that clients look at before they connect, those of -ca and -ready, where
// they are asked for. The ready file is the last: who sees it finds the certificate authority, too.
func announce(ca, readyFile, ready string) error {
	if ca != "" {
		root, err := mailwire.RootPEM()
		if err == nil {
			err = writeWhole(ca, root)
		}
		if err != nil {
			return fmt.Errorf("-ca: %w", err)
		}
	}
	if readyFile != "" {
		if err := writeWhole(readyFile, []byte(ready)); err != nil {
			return fmt.Errorf("-ready: %w", err)
		}
	}
	return nil
}

// writeWhole writes a file so that whoever sees it sees all of it.
func writeWhole(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".mailtest-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}
