// Package mailhtml shows a transcript of mail sessions as a page for a web browser: one
// file, opened straight from disk, that needs no network.
//
// Sessions are columns and time goes down. Literals, and the messages of POP3, are folded
// up behind a line with their subject; notes, faults and refusals are marked. A box filters by session
// and text, and the page's address with "#q=" and such a filter opens it filtered. Without
// JavaScript the page has everything but the box.
package mailhtml

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// maxLines is how many lines a page has: the last ones, as browsers become slow with more.
const maxLines = 20_000

// Write writes the page of a transcript in its text form (see package mailwire) to w. The comments
// at the transcript's beginning are shown at the top.
func Write(w io.Writer, title string, transcript io.Reader) error {
	text, err := io.ReadAll(transcript)
	if err != nil {
		return fmt.Errorf("mailhtml: read the transcript: %w", err)
	}
	records, err := mailwire.ParseTranscript(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("mailhtml: %w", err)
	}
	comments := comments(text)
	if dropped := len(records) - maxLines; dropped > 0 {
		comments = append(comments, fmt.Sprintf("%d earlier lines are left out here", dropped))
		records = records[dropped:]
	}
	p := newPage(title, mailwire.Lines(records))
	p.Comments, p.Style, p.Script = comments, template.CSS(style), template.JS(script)
	hash := sha256.Sum256([]byte(script))
	p.ScriptHash = base64.StdEncoding.EncodeToString(hash[:])
	tmpl, err := template.New("page").Parse(layout)
	if err == nil {
		err = tmpl.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("mailhtml: write the page: %w", err)
	}
	return nil
}

var (
	//go:embed page.html
	layout string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// comments returns the comments before the first record.
func comments(text []byte) []string {
	var comments []string
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		comment, ok := bytes.CutPrefix(line, []byte("#"))
		if !ok {
			break
		}
		comments = append(comments, strings.ToValidUTF8(string(bytes.TrimSpace(comment)), "\uFFFD"))
	}
	return comments
}
