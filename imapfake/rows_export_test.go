package imapfake

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// Row is a row of one of the tables, for tests.
type Row struct{ Table, Name string }

// RowsGoneWithout returns the rows of a capability that a server without it lacks, in order.
func RowsGoneWithout(c imap.Cap) ([]Row, error) {
	t, err := buildTable(capabilityChoice{without: []imap.Cap{c}}, ownRows{})
	if err != nil {
		return nil, err
	}
	own := emptyTable()
	for _, ext := range extensions() {
		if ext.cap == c {
			own.add(ext)
		}
	}
	gone, left := own.rows(), t.rows()
	maps.DeleteFunc(gone, func(r Row, _ bool) bool { return left[r] })
	return slices.SortedFunc(maps.Keys(gone), func(a, b Row) int {
		return slices.Compare([]string{a.Table, a.Name}, []string{b.Table, b.Name})
	}), nil
}

func (t *table) rows() map[Row]bool {
	rows := make(map[Row]bool)
	addRows(rows, "command", t.commands)
	addRows(rows, "APPEND form", t.appendForms)
	addRows(rows, "FETCH item", t.fetchItems)
	addRows(rows, "FETCH modifier", t.fetchModifiers)
	addRows(rows, "STORE modifier", t.storeModifiers)
	addRows(rows, "STORE item", t.storeItems)
	addRows(rows, "SELECT parameter", t.selectParams)
	addRows(rows, "CREATE parameter", t.createParams)
	addRows(rows, "LIST selection option", t.listSelects)
	addRows(rows, "LIST return option", t.listReturns)
	addRows(rows, "SEARCH key", t.searchKeys)
	addRows(rows, "SEARCH return option", t.searchReturns)
	addRows(rows, "SORT return option", t.sortReturns)
	addRows(rows, "SORT key", t.sortKeys)
	addRows(rows, "THREAD algorithm", t.threadAlgorithms)
	addRows(rows, "STATUS item", t.statusItems)
	return rows
}

func addRows[V any](rows map[Row]bool, table string, from map[string]V) {
	for name := range from {
		rows[Row{table, name}] = true
	}
}
