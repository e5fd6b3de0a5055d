package mailhtml_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chromium returns the path of a browser, or skips the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed")
	return ""
}

// open opens a page from disk in a headless browser and returns what that made of it.
func open(t *testing.T, browser, text, fragment string) page {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := []string{
		"--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + t.TempDir(), "--dump-dom",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // there is none for root
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file), Fragment: fragment}
	cmd := exec.CommandContext(ctx, browser, append(args, address.String())...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &complaints)
	}
	return understand(t, string(out))
}

// visible returns the first words of the links with a class in the elements that aren't hidden.
func visible(p page, class, link string) []string {
	var words []string
	for _, div := range p.all("div", class) {
		if _, hidden := div.lookup("hidden"); hidden {
			continue
		}
		for _, text := range texts(div.all("a", link)) {
			words = append(words, strings.Fields(text)[0])
		}
	}
	return words
}

func TestABrowserFiltersBySessionAndText(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	_, text := write(t, `</title><script>document.title = "harm"</script>`, twoSessions)
	for filter, want := range map[string]struct{ rows, columns, count, unfolded string }{
		"":                  {"0.000000 0.000200 0.000500 0.000700 0.000900", "imap#1 pop3#2", "", ""},
		"q=HELLO":           {"0.000900", "imap#1 pop3#2", "1 of 5 exchanges", "Grüße"},
		"q=imap#1 login OK": {"0.000200", "imap#1", "1 of 5 exchanges", ""},
	} {
		p := open(t, browser, text, filter)
		got := want
		got.rows, got.columns = strings.Join(visible(p, "row", "t"), " "), strings.Join(visible(p, "col", "session"), " ")
		got.count, got.unfolded = texts(p.all("output", ""))[0], ""
		for _, details := range p.all("details", "") {
			if _, open := details.lookup("open"); open {
				got.unfolded += strings.Fields(details.text())[0]
			}
		}
		if got != want {
			t.Errorf("#%s shows %q, want %q", filter, got, want)
		}
		if _, hidden := p.all("form", "")[0].lookup("hidden"); hidden {
			t.Error("the script didn't run: there is no box")
		}
		if title := texts(p.all("title", ""))[0]; !strings.HasPrefix(title, "</title>") || len(p.all("script", "")) != 1 || len(p.all("img", "")) > 0 {
			t.Errorf("text became markup: title %q", title)
		}
	}
}
