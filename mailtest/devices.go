package mailtest

import (
	"slices"
	"testing"

	"example.org/mailfakes/mailtest/device"
)

// Policy says what a POP3 device does with mail on the server that it has downloaded.
type Policy = device.Policy

// What a POP3 device does with mail on the server that it has downloaded.
const (
	// KeepOnServer leaves it there and remembers its unique-ids.
	KeepOnServer = device.KeepOnServer
	// DeleteAfterDownload deletes it.
	DeleteAfterDownload = device.DeleteAfterDownload
)

// POP3Device simulates a person's device that uses POP3: it downloads mail and has
// its own copies, which can be read without a connection. Nothing that is done to
// them reaches the server. It is not safe for concurrent use.
type POP3Device struct {
	tb      testing.TB
	account *Account
	number  int // of the account's server, from 1
	pop     *device.POP3
}

// NewPOP3Device returns a device of an account's owner that has downloaded nothing yet. It is gone, with
// all that is on it, when its test ends, which may be a subtest of the servers'.
func NewPOP3Device(tb testing.TB, a *Account, policy Policy) *POP3Device {
	login := device.Login{Dial: a.srv.POP3.Dial, Name: a.Name(), Password: a.Password()}
	s := a.srv
	s.devices.mu.Lock()
	defer s.devices.mu.Unlock()
	number := 1
	if n := len(s.devices.pop3); n > 0 {
		number = s.devices.pop3[n-1].number + 1
	}
	d := &POP3Device{tb, a, number, device.NewPOP3(login, policy)}
	s.devices.pop3 = append(s.devices.pop3, d)
	tb.Cleanup(func() { s.forget(d) })
	return d
}

// forget has the server know nothing more of a device.
func (s *Server) forget(d *POP3Device) {
	s.devices.mu.Lock()
	defer s.devices.mu.Unlock()
	s.devices.pop3 = slices.DeleteFunc(s.devices.pop3, func(other *POP3Device) bool { return other == d })
}

// Sync downloads what is new and then, if that is the policy, deletes it from the server.
func (d *POP3Device) Sync() {
	d.tb.Helper()
	must(d.tb, d.pop.Sync())
}

// Messages returns the mail that is on the device, connected or not.
func (d *POP3Device) Messages() []Message { return shown(d.pop.Messages()) }

// GoOffline takes the connection away: Sync then fails the test.
func (d *POP3Device) GoOffline() { d.pop.GoOffline() }

// GoOnline gives the connection back.
func (d *POP3Device) GoOnline() { d.pop.GoOnline() }

// MarkRead marks the messages with a subject as read, on this device only.
func (d *POP3Device) MarkRead(subject string) {
	d.tb.Helper()
	must(d.tb, d.pop.MarkRead(subject))
}

// Delete removes the messages with a subject from this device, and from nowhere else.
func (d *POP3Device) Delete(subject string) {
	d.tb.Helper()
	must(d.tb, d.pop.Delete(subject))
}

// IMAPDevice simulates a person's device that uses IMAP: it shows the INBOX which is
// on the server, and what is done on it is done there. It is not safe for concurrent use.
type IMAPDevice struct {
	tb   testing.TB
	imap *device.IMAP
}

// NewIMAPDevice returns a device of an account's owner that has shown nothing yet.
func NewIMAPDevice(tb testing.TB, a *Account) *IMAPDevice {
	d := device.NewIMAP(device.Login{Dial: a.srv.IMAP.Dial, Name: a.Name(), Password: a.Password()})
	tb.Cleanup(d.Close)
	return &IMAPDevice{tb, d}
}

// Sync brings what the device shows up to date with the server.
func (d *IMAPDevice) Sync() {
	d.tb.Helper()
	must(d.tb, d.imap.Sync())
}

// Messages returns the INBOX as it was at the last Sync, and nothing when offline.
func (d *IMAPDevice) Messages() []Message { return shown(d.imap.Messages()) }

// GoOffline takes the connection away: there is nothing to read, and Sync fails the test.
func (d *IMAPDevice) GoOffline() { d.imap.GoOffline() }

// GoOnline gives the connection back; the next Sync uses it.
func (d *IMAPDevice) GoOnline() { d.imap.GoOnline() }

// MarkRead sets \Seen on the server for the messages with a subject.
func (d *IMAPDevice) MarkRead(subject string) {
	d.tb.Helper()
	must(d.tb, d.imap.MarkRead(subject))
}

// Delete deletes the messages with a subject from the server, for good.
func (d *IMAPDevice) Delete(subject string) {
	d.tb.Helper()
	must(d.tb, d.imap.Delete(subject))
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// shown returns what a device shows as plain values.
func shown(messages []device.Message) []Message {
	out := make([]Message, 0, len(messages))
	for _, m := range messages {
		s := ParseMessage(m.Raw)
		s.Flags = m.Flags
		out = append(out, s)
	}
	return out
}
