// Package scripttest is what the tests of both fakes have in common: it runs the
// scripts of a package, which are the files testdata/scripts/*.txt in the form of
// package mailscript, with a fake and with a real Dovecot.
//
// To write a script, put what the client sends in testdata/scripts/NAME.txt, with
// a line "S: \?" for each answer, run
//
//	go test ./imapfake -run Fake/all/NAME -record
//
// (or ./pop3fake), and hold what the file then has as answers against the RFC.
package scripttest
