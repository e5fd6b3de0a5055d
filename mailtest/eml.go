package mailtest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// ReadEML reads files that hold one message each, octet by octet: those that match
// any of the patterns (as in [fs.Glob]), in the order of their names, each once. With
// no pattern it reads "*.eml".
//
// A message's internal date is that of its Date field or, if that can't be
// understood, the file's modification time. It has no flags.
//
// A pattern that matches no file is an error that names it; other errors name the file.
func ReadEML(fsys fs.FS, patterns ...string) ([]Seed, error) {
	if len(patterns) == 0 {
		patterns = []string{"*.eml"}
	}
	if fsys == nil {
		return nil, fmt.Errorf("mailtest: read messages %q: %w", patterns, errNoFS)
	}
	var names []string
	for _, pattern := range patterns {
		matches, err := globFiles(fsys, pattern)
		if err != nil {
			return nil, fmt.Errorf("mailtest: read messages %q: %w", pattern, err)
		}
		names = append(names, matches...)
	}
	slices.Sort(names)
	var seeds []Seed
	for _, name := range slices.Compact(names) {
		raw, modified, err := readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("mailtest: read message: %w", err)
		}
		date := dateField(raw)
		if date.IsZero() {
			date = modified
		}
		seeds = append(seeds, Seed{Raw: raw, InternalDate: date})
	}
	return seeds, nil
}

// globFiles returns what matches the pattern and isn't a directory.
func globFiles(fsys fs.FS, pattern string) ([]string, error) {
	matches, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, err
	}
	files := slices.DeleteFunc(matches, func(name string) bool {
		info, err := fs.Stat(fsys, name)
		return err == nil && info.IsDir()
	})
	if len(files) == 0 {
		return nil, errors.New("no file matches")
	}
	return files, nil
}
