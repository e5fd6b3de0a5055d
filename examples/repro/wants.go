package main

import (
	"slices"

	"example.org/mailfakes/mailtest"
)

// saved wants exactly the messages with these subjects on the disk.
func saved(want ...string) func(*scene) {
	return func(s *scene) {
		if got := subjects(s.app.disk); !slices.Equal(got, want) {
			s.Errorf("saved %q, want %q", got, want)
		}
	}
}

// savedWhole wants the octets of the messages in INBOX on the disk.
func savedWhole(s *scene) {
	messages := s.alice.Messages()
	if len(s.app.disk) != len(messages) {
		s.Errorf("saved %d messages, want %d", len(s.app.disk), len(messages))
		return
	}
	for i, m := range messages {
		if s.app.disk[i] != m.Raw {
			s.Errorf("message %d: saved %d octets, which aren't the %d that it has", i+1, len(s.app.disk[i]), len(m.Raw))
		}
	}
}

// shown wants exactly these lines on the screen.
func shown(want ...string) func(*scene) {
	return func(s *scene) {
		if !slices.Equal(s.app.screen, want) {
			s.Errorf("shows %q, want %q", s.app.screen, want)
		}
	}
}

// kept wants an IMAP client to find exactly the messages with these subjects in a mailbox.
func kept(mailbox string, want ...string) func(*scene) {
	return func(s *scene) {
		if got := subjectsOf(s.alice.OverIMAP()[mailbox]); !slices.Equal(got, want) {
			s.Errorf("%s has %q, want %q", mailbox, got, want)
		}
	}
}

// maildrop wants a POP3 client to find exactly the messages with these subjects.
func maildrop(want ...string) func(*scene) {
	return func(s *scene) {
		if got := subjectsOf(s.alice.OverPOP3()); !slices.Equal(got, want) {
			s.Errorf("the maildrop has %q, want %q", got, want)
		}
	}
}

// behaved wants the sessions of the client to pass checks.
func behaved(checks ...mailtest.Check) func(*scene) {
	return func(s *scene) { s.srv.WantClients(checks...) }
}

// all wants all of it.
func all(wants ...func(*scene)) func(*scene) {
	return func(s *scene) {
		for _, want := range wants {
			want(s)
		}
	}
}
