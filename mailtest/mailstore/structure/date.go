package structure

import (
	"strings"
	"time"
)

// Date returns the time of a Date field's value (RFC 5322 §3.3), in its zone, with
// the obsolete syntax of §4.3: comments, two- and three-digit years and zones
// that have a name. Missing weekday, seconds or zone (which is then UTC), and
// hyphens in the date, are tolerated. It returns false if there is no such time.
func Date(value string) (time.Time, bool) {
	l := lexer{in: []byte(value)}
	l.skipCFWS()
	if len(l.run(inLetter)) > 0 { // the weekday
		l.skipCFWS()
		l.accept(',')
		l.skipCFWS()
	}
	day, _, ok1 := l.number()
	l.acceptHyphen()
	month, ok2 := parseMonth(l.run(inLetter))
	l.acceptHyphen()
	year, digits, ok3 := l.number()
	if !ok1 || !ok2 || !ok3 {
		return time.Time{}, false
	}
	// RFC 5322 §4.3.
	switch {
	case digits <= 2 && year < 50:
		year += 2000
	case digits <= 3:
		year += 1900
	}
	l.skipCFWS()
	clock, ok := l.clock()
	if !ok || day < 1 || day > time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return time.Time{}, false
	}
	zone, ok := l.zone()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, zone)
	return midnight.Add(clock), ok
}

// clock reads a time-of-day.
func (l *lexer) clock() (time.Duration, bool) {
	hour, _, ok1 := l.number()
	l.skipCFWS()
	colon := l.accept(':')
	l.skipCFWS()
	minute, _, ok2 := l.number()
	l.skipCFWS()
	second, ok3 := 0, true
	if l.accept(':') {
		l.skipCFWS()
		second, _, ok3 = l.number()
		l.skipCFWS()
	}
	// RFC 5322 §3.3: second 60 is a leap second.
	ok := ok1 && ok2 && ok3 && colon && hour < 24 && minute < 60 && second <= 60
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second, ok
}

// zone reads a time zone, which is UTC if there is none or it has an unknown name
// (RFC 5322 §4.3).
func (l *lexer) zone() (*time.Location, bool) {
	minus := l.peek() == '-'
	if !minus && l.peek() != '+' {
		hours := zoneHours[strings.ToUpper(string(l.run(inLetter)))]
		return location(time.Duration(hours) * time.Hour), true
	}
	l.pos++
	n, digits, ok := l.number()
	offset := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if minus {
		offset = -offset
	}
	return location(offset), ok && digits == 4 && n%100 < 60
}

func location(offset time.Duration) *time.Location {
	if offset == 0 {
		return time.UTC
	}
	return time.FixedZone("", int(offset/time.Second))
}

var zoneHours = map[string]int{
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// number reads a number of up to four digits and returns how many they are.
func (l *lexer) number() (n, digits int, ok bool) {
	text := l.run(inDigit)
	for _, c := range text {
		if n < 10000 {
			n = n*10 + int(c-'0')
		}
	}
	return n, len(text), 1 <= len(text) && len(text) <= 4
}

func (l *lexer) acceptHyphen() {
	l.skipCFWS()
	l.accept('-')
	l.skipCFWS()
}

// parseMonth reads the name of a month, which may be spelled out.
func parseMonth(name []byte) (time.Month, bool) {
	if len(name) < 3 {
		return 0, false
	}
	for m := time.January; m <= time.December; m++ {
		if full := m.String(); len(name) <= len(full) && foldEqual(name, full[:len(name)]) {
			return m, true
		}
	}
	return 0, false
}
