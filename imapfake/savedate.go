package imapfake

import (
	"time"

	"github.com/emersion/go-imap/v2"
)

// saveDate is SAVEDATE (RFC 8514); every mailbox has save dates.
func saveDate() extension {
	return extension{
		cap: imap.CapSaveDate,
		fetchItems: []fetchItem{{"SAVEDATE", func(*parser) fetchAttribute {
			return fetchAttribute{write: func(o *output, m *fetched) { o.text("SAVEDATE ").dateTime(m.SaveDate) }}
		}}},
		searchKeys: []searchKey{
			date("SAVEDBEFORE", savedDay, time.Time.Before),
			date("SAVEDON", savedDay, time.Time.Equal),
			date("SAVEDSINCE", savedDay, func(day, limit time.Time) bool { return !day.Before(limit) }),
			noArgument("SAVEDATESUPPORTED", func(*candidate) bool { return true }),
		},
	}
}

func savedDay(c *candidate) (time.Time, bool) { return c.SaveDate, true }
