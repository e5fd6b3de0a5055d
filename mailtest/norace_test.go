//go:build !race

package mailtest_test

const underRace = false
