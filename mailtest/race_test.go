//go:build race

package mailtest_test

// underRace tells whether the race detector runs, which makes all ten times as slow.
const underRace = true
