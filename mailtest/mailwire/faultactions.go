package mailwire

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

func actSend(f *firing, a []any) error {
	return f.in.say([]byte(a[0].(string)), f.unit.responding())
}

func actReplace(f *firing, a []any) error {
	f.unit.Text = []byte(a[0].(string))
	return nil
}

func actSubstitute(f *firing, a []any) error {
	f.unit.Text = a[0].(*regexp.Regexp).ReplaceAll(f.unit.Text, []byte(a[1].(string)))
	return nil
}

func actBefore(f *firing, a []any) error {
	f.unit.before = append(f.unit.before, a[0].(string)...)
	return nil
}

func actAfter(f *firing, a []any) error {
	f.unit.after = append(f.unit.after, a[0].(string)...)
	return nil
}

func actDrop(f *firing, _ []any) error {
	f.unit.dropped = true
	return nil
}

func actMove(where move) func(*firing, []any) error {
	return func(f *firing, _ []any) error {
		f.unit.moved = where
		return nil
	}
}

func actAnswer(f *firing, a []any) error {
	status := a[0].(string)
	f.unit.answered = true
	answer := []byte(statusLine(f.unit.command, status))
	if err := f.in.answerInTurn(answer); err != nil {
		return err
	}
	if isBye(status) {
		return actClose(f, nil)
	}
	return nil
}

func actLie(f *firing, a []any) error {
	f.unit.command.lie = a[0].(string)
	return nil
}

// statusLine returns a status as a whole line that answers the command.
func statusLine(c *pendingCommand, status string) string {
	switch {
	case isBye(status):
		status = "* " + status
	case c.tag != "":
		status = c.tag + " " + status
	}
	return status + "\r\n"
}

func isBye(status string) bool {
	first, _, _ := strings.Cut(status, " ")
	return strings.EqualFold(first, "BYE")
}

func actSet(f *firing, a []any) error {
	f.unit.Text = changeNumber(f.unit.Text, f.isIMAP(), a[0].(string), func(int) int { return a[1].(int) })
	return nil
}

func actAdd(f *firing, a []any) error {
	f.unit.Text = changeNumber(f.unit.Text, f.isIMAP(), a[0].(string), func(n int) int { return n + a[1].(int) })
	return nil
}

func actEdit(e edit) func(*firing, []any) error {
	return func(f *firing, _ []any) error {
		f.unit.Text = e(f.unit.Text, f.isIMAP())
		return nil
	}
}

func (f *firing) isIMAP() bool { return f.in.conn.protocol == IMAP }

func actCorrupt(f *firing, a []any) error {
	i := a[0].(int)
	if i < 0 {
		i += len(f.unit.Text)
	}
	if i >= 0 && i < len(f.unit.Text) {
		f.unit.Text = bytes.Clone(f.unit.Text)
		f.unit.Text[i] ^= 0x80
	}
	return nil
}

func actPass(f *firing, _ []any) error {
	if err := f.in.emit(f.unit); err != nil {
		return err
	}
	f.unit.passed = true
	return f.in.sendBatch()
}

func actSegments(f *firing, a []any) error {
	if f.unit.responding() {
		f.unit.segment = a[0].(int)
		return nil
	}
	return f.in.onOutput(func() { f.in.segment = a[0].(int) })
}

func actThrottle(f *firing, a []any) error {
	if f.unit.responding() {
		f.unit.rate = a[0].(int)
		return nil
	}
	return f.in.onOutput(func() { f.in.rate = a[0].(int) })
}

func actDelay(f *firing, a []any) error { return f.in.wait(a[0].(time.Duration)) }
func actStall(f *firing, _ []any) error { return f.in.wait(0) }
func actHold(f *firing, _ []any) error  { return f.rule.hold(f.in) }

func actCutAfter(f *firing, a []any) error {
	n := a[0].(int)
	if n == 0 && !f.unit.responding() {
		return f.in.end(cutOff)
	}
	set := func() { f.in.cut = &n }
	if f.unit.responding() {
		set()
		return nil
	}
	return f.in.onOutput(set)
}

func actCutInputAfter(f *firing, a []any) error {
	n := a[0].(int)
	switch u := f.unit; {
	case u.on&onInput != 0 && n <= len(u.Text):
		u.Text = u.Text[:n]
		return f.in.cutInputAt(0)
	case u.on&onInput != 0:
		return f.in.cutInputAt(n - len(u.Text))
	case n == 0:
		return f.in.end(cutOff)
	}
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	f.in.cutInput = &n
	return nil
}

func actClose(f *firing, _ []any) error { return f.in.end(inOrder) }
func actReset(f *firing, _ []any) error { return f.in.end(byReset) }

func actHalfClose(f *firing, _ []any) error {
	if f.unit.responding() {
		return f.in.halfClose()
	}
	if err := f.in.takeTurn(); err != nil {
		return err
	}
	defer f.in.giveTurn()
	return f.in.halfClose()
}

func actNeverRead(f *firing, _ []any) error {
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	f.in.neverRead = true
	return nil
}

func actDo(f *firing, a []any) error {
	if !f.in.faults.protect("a rule's Do", func() { a[0].(func(*Hit))(f.unit.Hit) }) {
		return f.in.end(cutOff)
	}
	if f.unit.on&onOctets != 0 && len(f.unit.Text) == 0 {
		f.unit.dropped = true
	}
	return nil
}
