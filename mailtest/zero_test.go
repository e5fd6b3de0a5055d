package mailtest_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"example.org/mailfakes/mailtest"
)

// zeros returns zero values to call a function with, and a context that ends soon.
func zeros(ctx context.Context, f reflect.Type, variadic bool) (args []reflect.Value) {
	for i := range f.NumIn() {
		in := f.In(i)
		switch {
		case in == reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(ctx))
		case !f.IsVariadic() || i < f.NumIn()-1:
			args = append(args, reflect.Zero(in))
		case variadic:
			args = append(args, reflect.Zero(in.Elem()))
		}
	}
	return args
}

// Whatever is nil, empty or closed, a method may fail, but it doesn't panic.
func TestNoMethodPanicsOnZeroValues(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		for name, of := range map[string]func(*author, *mailtest.Server, *mailtest.Account) any{
			"Server":          func(_ *author, s *mailtest.Server, _ *mailtest.Account) any { return s },
			"Store":           func(_ *author, s *mailtest.Server, _ *mailtest.Account) any { return s.Store },
			"IMAP":            func(_ *author, s *mailtest.Server, _ *mailtest.Account) any { return s.IMAP },
			"POP3":            func(_ *author, s *mailtest.Server, _ *mailtest.Account) any { return s.POP3 },
			"Account":         func(_ *author, _ *mailtest.Server, a *mailtest.Account) any { return a },
			"mailstore's":     func(_ *author, _ *mailtest.Server, a *mailtest.Account) any { return a.Account },
			"Mailbox":         func(_ *author, _ *mailtest.Server, a *mailtest.Account) any { return a.Mailbox("INBOX") },
			"Mailbox's store": func(_ *author, _ *mailtest.Server, a *mailtest.Account) any { return a.Mailbox("INBOX").Mailbox },
			"IMAPDevice":      func(tb *author, _ *mailtest.Server, a *mailtest.Account) any { return mailtest.NewIMAPDevice(tb, a) },
			"POP3Device": func(tb *author, _ *mailtest.Server, a *mailtest.Account) any {
				return mailtest.NewPOP3Device(tb, a, mailtest.KeepOnServer)
			},
		} {
			tb := &author{TB: t}
			tb.run(func() {
				srv := mailtest.New(tb, mailtest.InMemory(), mailtest.WaitLimit(time.Millisecond))
				alice := srv.AddAccount("alice@example.org", "secret")
				alice.Deliver(mailtest.Mail{Subject: "hello"})
				v := reflect.ValueOf(of(tb, srv, alice))
				if closed {
					srv.Close()
				}
				for i := range v.NumMethod() {
					callWithZeros(t, fmt.Sprintf("%s.%s, closed %v", name, v.Type().Method(i).Name, closed), v.Method(i))
				}
			})
		}
	}
}

// callWithZeros calls a method, also with one zero value for its variadic argument.
func callWithZeros(t *testing.T, name string, method reflect.Value) {
	for _, variadic := range []bool{false, true} {
		func() {
			defer func() {
				r := recover()
				if _, failed := r.(*author); r != nil && !failed {
					_, stack, _ := strings.Cut(string(debug.Stack()), "panic(")
					t.Errorf("%s, variadic %v: panic: %v\n%s", name, variadic, r, stack)
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			method.Call(zeros(ctx, method.Type(), variadic))
		}()
	}
}
