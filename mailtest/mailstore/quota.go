package mailstore

// Quota limits what an account holds. A field that is zero is no limit; a negative
// one is a limit of nothing at all.
type Quota struct {
	Octets    int64 // of all messages, each copy counted
	Messages  int64
	Mailboxes int64 // INBOX counted
}

// Quota returns the account's limits.
func (a *Account) Quota() Quota {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.quota
}

// SetQuota changes the account's limits. What is there already stays.
func (a *Account) SetQuota(q Quota) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quota = q
}

// Usage returns the sum of the sizes of all messages in octets, each copy
// counted, and their number. A message with several labels counts once.
func (a *Account) Usage() (octets int64, messages uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.octets, a.messages
}

// QuotaUsage returns how much of each limit is used.
func (a *Account) QuotaUsage() Quota {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.quotaUsage()
}

func (a *Account) quotaUsage() Quota {
	return Quota{Octets: a.octets, Messages: int64(a.messages), Mailboxes: int64(len(a.mailboxes))}
}

// checkQuota fails with [ErrOverQuota] if the account can't take that much more. What
// is over its limit already is no hindrance to the rest.
func (a *Account) checkQuota(op string, more Quota) error {
	used := a.quotaUsage()
	exceeds := func(limit, used, more int64) bool {
		return limit != 0 && more > 0 && used+more > max(limit, 0)
	}
	if exceeds(a.quota.Octets, used.Octets, more.Octets) || exceeds(a.quota.Messages, used.Messages, more.Messages) ||
		exceeds(a.quota.Mailboxes, used.Mailboxes, more.Mailboxes) {
		return fail(op, a.name, ErrOverQuota)
	}
	return nil
}
