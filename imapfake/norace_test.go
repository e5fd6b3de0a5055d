//go:build !race

package imapfake_test

const underRace = false
