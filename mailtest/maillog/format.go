package maillog

import (
	"maps"
	"slices"
)

// Format names the program that wrote a log.
type Format string

// The formats; the package's documentation describes them.
const (
	Detect      Format = ""
	Transcript  Format = "transcript"
	GoIMAP      Format = "goimap"
	Imaplib     Format = "imaplib"
	Poplib      Format = "poplib"
	Curl        Format = "curl"
	Mbsync      Format = "mbsync"
	Fetchmail   Format = "fetchmail"
	Thunderbird Format = "thunderbird"
	Mpop        Format = "mpop"
	Mutt        Format = "mutt"
	Rawlog      Format = "rawlog"
	JavaMail    Format = "javamail"
	MailKit     Format = "mailkit"
	OpenSSL     Format = "openssl"
	Plain       Format = "plain"
)

// format is how a format is told from the others, and read.
type format struct {
	is   func([]line) bool
	read func(*builder, []line) error
}

// formats are all there are.
var formats = map[Format]format{
	Transcript:  {isTranscript, readTranscript},
	GoIMAP:      {isGoIMAP, readGoIMAP},
	Imaplib:     {anyLine(imaplibLine), readImaplib},
	Poplib:      {anyLine(poplibLine), readPoplib},
	Curl:        {isCurl, readCurl},
	Mbsync:      {anyLine(mbsyncClient), readMbsync},
	Fetchmail:   {anyLine(fetchmailLine), readFetchmail},
	Thunderbird: {anyLine(thunderbirdIMAP, thunderbirdPOP3, consoleEntry), readThunderbird},
	Mpop:        {anyLine(mpopStatus), readMpop},
	Mutt:        {anyLine(muttLine), readMutt},
	Rawlog:      {isRawlog, readRawlog},
	JavaMail:    {anyLine(javaMailLine), readJavaMail},
	MailKit:     {anyLine(mailKitConnected), readMarked},
	OpenSSL:     {anyLine(opensslConnected), readOpenSSL},
	Plain:       {anyLine(markedLine), readMarked},
}

// detectOrder has those first whose signs are surest: a paste of a terminal may show more
// than one program.
var detectOrder = []Format{
	Transcript, Thunderbird, Mutt, Fetchmail, Imaplib, Poplib, Mpop, JavaMail, Mbsync, Rawlog, MailKit, Curl, OpenSSL, Plain, GoIMAP,
}

func detect(lines []line) Format {
	for _, f := range detectOrder {
		if formats[f].is(lines) {
			return f
		}
	}
	return Detect
}

// Formats returns the names of all formats, sorted.
func Formats() []Format { return slices.Sorted(maps.Keys(formats)) }

func formatNames() (names []string) {
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return names
}
