package maillog

import (
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// maskSecrets returns the steps with passwords and what SASL mechanisms exchange replaced
// by [Mask].
func maskSecrets(p mailwire.Protocol, steps []Step) (masked []Step) {
	authenticating, login := false, "" // login: the tag of a LOGIN with literals
	for _, st := range steps {
		text := string(trimEnd(st.Text))
		switch {
		case login != "":
			// Its literals, and the server's asking for them.
			if st.Dir == mailwire.Server && !strings.HasPrefix(text, "+") {
				login = ""
				break
			}
			if st.Dir != mailwire.Note {
				continue
			}
		case st.Dir == mailwire.Server && !strings.HasPrefix(text, "+ ") && text != "+" && !strings.HasPrefix(text, "* "):
			authenticating = false
		case st.Dir == mailwire.Client && authenticating:
			if text != "*" {
				st.Text, st.Gaps = []byte(Mask+"\r\n"), nil
			}
		case st.Dir == mailwire.Client && p == mailwire.POP3:
			name, _, _ := strings.Cut(strings.ToUpper(text), " ")
			authenticating = name == "AUTH" && text != "AUTH"
			st.Text = maskedPOP3(text, st.Text)
		case st.Dir == mailwire.Client:
			words := strings.SplitN(text, " ", 4)
			if len(words) < 3 {
				break
			}
			switch strings.ToUpper(words[1]) {
			case "AUTHENTICATE":
				authenticating = true
				if len(words) == 4 && words[3] != "=" {
					st.Text = []byte(strings.Join(words[:3], " ") + " " + Mask + "\r\n")
				}
			case "LOGIN":
				if strings.HasSuffix(text, "}") {
					login = words[0]
				}
				st.Text, st.Gaps = []byte(strings.Join(words[:2], " ")+" "+loginName(words[2:])+" "+Mask+"\r\n"), nil
			}
		}
		masked = append(masked, st)
	}
	return masked
}

// loginName returns the name that LOGIN's arguments begin with, if it can be told.
func loginName(args []string) string {
	name := args[0]
	if strings.ContainsAny(name, "{<\\") || strings.Count(name, `"`)%2 != 0 || isMasked(name) {
		return Mask
	}
	return name
}

// isMasked tells whether the program itself has put asterisks in place of a word.
func isMasked(word string) bool { return word != "" && strings.Trim(word, "*") == "" }

func maskedPOP3(text string, whole []byte) []byte {
	words := strings.SplitN(text, " ", 3)
	switch name := strings.ToUpper(words[0]); {
	case name == "PASS", name == "USER" && len(words) == 2 && isMasked(words[1]):
		return []byte(words[0] + " " + Mask + "\r\n")
	case name == "APOP" && len(words) == 3, name == "AUTH" && len(words) == 3 && words[2] != "=":
		return []byte(words[0] + " " + words[1] + " " + Mask + "\r\n")
	}
	return whole
}
