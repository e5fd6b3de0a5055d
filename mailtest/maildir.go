package mailtest

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// ReadMaildir reads the messages in new and cur of one maildir, in the order of their
// file names, that is of their delivery. tmp, and files whose names begin with a dot,
// are passed over. new or cur may be missing, because Git keeps no empty directory.
//
// As in Dovecot, the flags are those in the name after ":2," (D is \Draft, F \Flagged, R
// \Answered, S \Seen, T \Deleted; a to z are the keywords 0 to 25 of the file
// dovecot-keywords; others mean nothing), and the internal date is the file's modification
// time. Where there is none, as with embed, it is the time in the file's name. For
// systems that have no ':' in names, '!' and ';' are read like it.
//
// Errors name the path.
func ReadMaildir(fsys fs.FS) ([]Seed, error) {
	seeds, err := readMaildir(fsys)
	if err != nil {
		return nil, fmt.Errorf("mailtest: read maildir: %w", err)
	}
	return seeds, nil
}

// maildirName is what the name of a file in a maildir says.
type maildirName struct {
	delivered int64 // seconds since 1970, 0 if it doesn't say
	unique    string
	flags     string // the letters
}

func parseMaildirName(name string) maildirName {
	parsed := maildirName{unique: name}
	if i := strings.LastIndexAny(name, ":!;"); i >= 0 {
		if flags, ok := strings.CutPrefix(name[i+1:], "2,"); ok {
			parsed.unique = name[:i]
			parsed.flags, _, _ = strings.Cut(flags, ",") // what follows is some program's own
		}
	}
	seconds, _, _ := strings.Cut(parsed.unique, ".")
	if n, err := strconv.ParseUint(seconds, 10, 37); err == nil { // 37 bits: until the year 6325
		parsed.delivered = int64(n)
	}
	return parsed
}

type maildirFile struct {
	maildirName
	path string
}

func readMaildir(fsys fs.FS) ([]Seed, error) {
	if fsys == nil {
		return nil, errNoFS
	}
	files, err := maildirFiles(fsys)
	if err != nil {
		return nil, err
	}
	keywords, err := maildirKeywords(fsys, "dovecot-keywords")
	if err != nil {
		return nil, err
	}
	var seeds []Seed
	for _, file := range files {
		raw, modified, err := readFile(fsys, file.path)
		if err != nil {
			return nil, err
		}
		seed := Seed{Raw: raw, InternalDate: modified}
		if modified.IsZero() && file.delivered != 0 {
			seed.InternalDate = time.Unix(file.delivered, 0).UTC()
		}
		seed.addFlags(file.flags, "RFTSD", imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft)
		for _, letter := range []byte(file.flags) {
			if keyword, ok := keywords[letter]; ok {
				seed.addFlag(keyword)
			}
		}
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// maildirFiles returns the files of messages in the order of their names.
func maildirFiles(fsys fs.FS) ([]maildirFile, error) {
	var files []maildirFile
	missing := 0
	for _, sub := range []string{"new", "cur"} {
		entries, err := fs.ReadDir(fsys, sub)
		if errors.Is(err, fs.ErrNotExist) {
			missing++
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if !strings.HasPrefix(entry.Name(), ".") && !entry.IsDir() {
				files = append(files, maildirFile{parseMaildirName(entry.Name()), path.Join(sub, entry.Name())})
			}
		}
	}
	if missing == 2 {
		return nil, errors.New(".: neither new nor cur in it")
	}
	slices.SortFunc(files, func(a, b maildirFile) int {
		return cmp.Or(cmp.Compare(a.delivered, b.delivered), strings.Compare(a.unique, b.unique), strings.Compare(a.path, b.path))
	})
	return files, nil
}

// maildirKeywords reads a file with a line "0 $Forwarded" for each keyword, if it is
// there, and returns the keywords by their letters.
func maildirKeywords(fsys fs.FS, name string) (map[byte]imap.Flag, error) {
	data, _, err := readFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	keywords := make(map[byte]imap.Flag)
	for line := range strings.Lines(string(data)) {
		number, keyword, _ := strings.Cut(strings.TrimSpace(line), " ")
		index, err := strconv.ParseUint(number, 10, 8)
		if err != nil || keyword == "" {
			return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("%q is not a number and a keyword", line)}
		}
		if index < 26 { // Dovecot keeps the others in its index only
			keywords['a'+byte(index)] = imap.Flag(keyword)
		}
	}
	return keywords, nil
}
