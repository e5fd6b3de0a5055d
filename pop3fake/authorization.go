package pop3fake

import (
	"errors"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// The response codes (RFC 2449 §8.1, RFC 3206, RFC 6856 §5).
const (
	codeInUse      = "IN-USE"
	codeLoginDelay = "LOGIN-DELAY"
	codeAuth       = "AUTH"
	codeTemporary  = "SYS/TEMP"
	codePermanent  = "SYS/PERM"
	codeUTF8       = "UTF8"
)

// wrongCredentials is the one answer to a name that doesn't exist and to a password
// that is wrong, so that nobody learns which names do.
func wrongCredentials() *refusal {
	return &refusal{code: codeAuth, text: "wrong name or password"}
}

func loginFailed(err error) error {
	refusal, ok := errors.AsType[mailstore.LoginRefusal](err)
	if !ok {
		return wrongCredentials()
	}
	return refusedLogin(refusal)
}

// refusedLogin is the answer to a login to an account that refuses it: [AUTH] is about
// the user's credentials, the others are about the server (RFC 3206).
func refusedLogin(why mailstore.LoginRefusal) *refusal {
	code := codeAuth
	switch why {
	case mailstore.LoginUnavailable, mailstore.LoginTooManySessions:
		code = codeTemporary
	case mailstore.LoginContactAdmin:
		code = codePermanent
	}
	return &refusal{code: code, text: why.Error()}
}

// userName is USER (RFC 1939 §7). Any name is accepted.
func (s *session) userName(args []string) error {
	if err := s.checkPlaintext(); err != nil {
		return err
	}
	name, err := prepare(args[0])
	if err != nil {
		return err
	}
	s.user = name
	s.ok("send PASS")
	return nil
}

// pass is PASS (RFC 1939 §7).
func (s *session) pass(args []string) error {
	if s.claimed == "" {
		return malformed("only valid right after a successful USER (RFC 1939 section 7)")
	}
	password, err := prepare(args[0])
	if err != nil {
		return err
	}
	login, err := s.sasl().Password(s.claimed, password)
	if err != nil {
		return loginFailed(err)
	}
	return s.logIn(login.Account)
}

// checkPlaintext refuses a password in plain text where it needs TLS.
func (s *session) checkPlaintext() error {
	if s.plaintextAllowed() {
		return nil
	}
	return refused("passwords in plain text are only accepted after STLS (RFC 2595 section 2.3)")
}

func (s *session) plaintextAllowed() bool { return !s.srv.needTLS || s.conn.TLS() != nil }

// logIn opens the account's maildrop and enters the TRANSACTION state.
func (s *session) logIn(account *mailstore.Account) error {
	if err := s.checkLoginDelay(account); err != nil {
		return err
	}
	drop, err := s.srv.openMaildrop(account, s.recent)
	switch {
	case errors.Is(err, mailstore.ErrInUse):
		return &refusal{code: codeInUse, text: "the maildrop is locked by another session (RFC 1939 section 4)"}
	case err != nil:
		return &refusal{code: codePermanent, text: "the maildrop can't be opened: " + excerpt(err.Error())}
	}
	s.drop, s.state = drop, transaction
	s.srv.logins.note(account)
	s.ok("maildrop locked and ready, " + messages(drop.count))
	return nil
}

// quit is QUIT (RFC 1939 §4 and §6). In the TRANSACTION state it deletes the messages
// that are marked, and answers when that is done and the lock is free.
func (s *session) quit([]string) error {
	s.ended, s.end = true, mailwire.EndedByClient
	if s.drop == nil {
		s.ok("bye")
		return nil
	}
	if s.srv.retention == 0 {
		s.drop.markRetrieved()
	}
	s.srv.fetched.add(s.drop)
	left, err := s.drop.count, s.drop.update(s.srv.deletion)
	s.release()
	if err != nil {
		return err
	}
	s.ok("bye, " + messages(left) + " left")
	return nil
}
