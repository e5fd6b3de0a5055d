package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"example.org/mailfakes/mailtest/mailrecord"
)

// record is the command "mailtest record".
func record(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parseRecordFlags(args, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	if err == nil {
		err = c.run(ctx, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mailtest record: %v\n", err)
		return exitUsage
	}
	return exitOK
}

// recording is an upstream server with the address where clients find its recorder.
type recording struct {
	config    mailrecord.Config
	listen    string
	clientTLS bool
	recorder  *mailrecord.Recorder
	net.Listener
}

// run records until ctx is done.
func (c *recordConfig) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	defer func() {
		for _, r := range c.recordings {
			if r.recorder != nil {
				err = errors.Join(err, r.recorder.Close())
			}
			if r.Listener != nil {
				r.Listener.Close()
			}
		}
	}()
	ready := ""
	for _, r := range c.recordings {
		if err := c.prepare(ctx, r, stderr); err != nil {
			return err
		}
		ready += string(r.config.Protocol) + " " + r.Addr().String() + "\n"
	}
	file, err := c.open(stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.close()) }()
	c.transcript.SetLive(file)
	if err := c.announce(ready, stdout, stderr); err != nil {
		return err
	}
	for _, r := range c.recordings {
		serve := r.recorder.Serve
		if r.clientTLS {
			serve = r.recorder.ServeTLS
		}
		go serve(r.Listener)
	}
	<-ctx.Done()
	return nil
}

// prepare makes a recorder and listens for its clients.
func (c *recordConfig) prepare(ctx context.Context, r *recording, stderr io.Writer) (err error) {
	if err := checkLoopback(r.listen, c.allowRemote); err != nil {
		return fmt.Errorf("-listen %s: %w", r.listen, err)
	}
	if r.config.UpstreamTLS, err = c.upstreamTLS(r.config.Upstream); err != nil {
		return err
	}
	if r.config.Protocol == "" {
		if r.config.Protocol, err = mailrecord.Guess(ctx, r.config); err != nil {
			return fmt.Errorf("%w; -protocol says what it is", err)
		}
	}
	r.config.Transcript, r.config.Bodies, r.config.Faults = c.transcript, c.bodies, &c.faults
	r.config.Redactor = c.redactor
	r.config.Failed = func(err error) {
		c.failing.Lock()
		defer c.failing.Unlock()
		fmt.Fprintf(stderr, "mailtest record: %v\n", err)
	}
	if r.recorder, err = mailrecord.New(r.config); err != nil {
		return err
	}
	if r.Listener, err = net.Listen("tcp", r.listen); err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	return nil
}

// upstreamTLS returns the configuration for TLS with the server; nil: the usual one.
func (c *recordConfig) upstreamTLS(upstream string) (*tls.Config, error) {
	if c.upstreamCA == "" && !c.insecure {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(upstream)
	if err != nil {
		return nil, fmt.Errorf("-upstream: %w", err)
	}
	config := &tls.Config{ServerName: host, InsecureSkipVerify: c.insecure}
	if c.upstreamCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.upstreamCA)
	if err != nil {
		return nil, fmt.Errorf("-upstream-ca: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-upstream-ca: %s has no certificates in PEM form", c.upstreamCA)
	}
	return config, nil
}

// announce tells where clients connect: on stdout, unless that gets the transcript, and in
// the files of -ready and -ca.
func (c *recordConfig) announce(ready string, stdout, stderr io.Writer) error {
	if err := announce(c.ca, c.ready, ready); err != nil {
		return err
	}
	if c.output == "-" {
		stdout = stderr
	}
	fmt.Fprint(stdout, ready)
	return nil
}

// logFile gets the transcript, a line with each Write.
type logFile struct {
	io.Writer
	file *os.File // nil: it isn't ours to close

	mu  sync.Mutex
	err error // the first
}

func (c *recordConfig) open(stdout io.Writer) (*logFile, error) {
	if c.output == "-" {
		return &logFile{Writer: stdout}, nil
	}
	// It may have somebody's mail.
	file, err := os.OpenFile(c.output, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("-o: %w", err)
	}
	return &logFile{Writer: file, file: file}, nil
}

func (l *logFile) Write(p []byte) (int, error) {
	n, err := l.Writer.Write(p)
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err == nil {
			l.err = fmt.Errorf("the transcript isn't whole: %w", err)
		}
	}
	return n, err
}

func (l *logFile) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return l.err
	}
	return errors.Join(l.err, l.file.Close())
}
