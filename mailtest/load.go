package mailtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ReadPath reads the mail at a path, telling by what is there how it is kept: an
// .eml file, a directory of them (read in name order), an mbox file, or a Maildir,
// which has a directory cur or new. Errors name the path.
func ReadPath(path string) ([]Seed, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("mailtest: read mail: %w", err)
	}
	var seeds []Seed
	switch {
	case info.IsDir() && isMaildir(os.DirFS(path)):
		seeds, err = ReadMaildir(os.DirFS(path))
	case info.IsDir():
		seeds, err = ReadEML(os.DirFS(path), "*.eml")
	case strings.EqualFold(filepath.Ext(path), ".eml"):
		dir, name := filepath.Split(filepath.Clean(path))
		seeds, err = ReadEML(os.DirFS(dirOrDot(dir)), escapeGlob(name))
	default:
		seeds, err = readMboxFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("mailtest: read mail in %s: %w", path, err)
	}
	return seeds, nil
}

func isMaildir(dir fs.FS) bool {
	for _, name := range []string{"cur", "new"} {
		if info, err := fs.Stat(dir, name); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

func readMboxFile(path string) ([]Seed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadMbox(f)
}

// escapeGlob returns the pattern that matches just name.
func escapeGlob(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

func dirOrDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}
