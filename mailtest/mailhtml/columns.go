package mailhtml

const (
	// ownColumns is how many sessions have a column each. With more, a session takes the
	// column of one that has ended.
	ownColumns = 8
	// maxColumns is how many columns there are. With more sessions at a time they share.
	maxColumns = 24
)

// place is where a block stands: in grid columns, the first of which is the time's. It
// begins, or ends, in its session's column, and may be wider.
type place struct {
	Start, End int
	Right      bool // it ends in its session's column
	Span       int
}

// placeOf returns the place of a block in column k of n, from 0: it may grow towards the
// middle over half of the columns. The page's script has the same.
func placeOf(k, n int) place {
	span := (n + 1) / 2
	if k < span {
		return place{Start: k + 2, End: k + 2 + span, Span: span}
	}
	return place{Start: k + 3 - span, End: k + 3, Right: true, Span: span}
}

// arrange gives sessions their columns and blocks their places.
func (p *page) arrange() {
	var busyUntil []int // by column: the last block of its session
	for i, s := range p.Sessions {
		s.column = len(busyUntil)
		if len(p.Sessions) > ownColumns {
			s.column = freeColumn(busyUntil, s.first)
		}
		if s.column >= maxColumns {
			s.column = i % maxColumns
		}
		if s.column == len(busyUntil) {
			busyUntil = append(busyUntil, 0)
			p.Columns = append(p.Columns, nil)
		}
		busyUntil[s.column] = max(busyUntil[s.column], s.last)
		p.Columns[s.column] = append(p.Columns[s.column], s)
	}
	for _, s := range p.Sessions {
		s.Shares = len(p.Columns[s.column]) > 1
	}
	for _, b := range p.Blocks {
		b.Place = placeOf(b.Session.column, len(p.Columns))
	}
}

func freeColumn(busyUntil []int, from int) int {
	for i, last := range busyUntil {
		if last < from {
			return i
		}
	}
	return len(busyUntil)
}
