package structure

// intern returns text as a string, without allocating one for what is in nearly
// every message.
func intern(text []byte) string {
	if s, ok := wellKnown[string(text)]; ok {
		return s
	}
	return string(text)
}

var wellKnown = func(words ...string) map[string]string {
	m := make(map[string]string, len(words))
	for _, w := range words {
		m[w] = w
	}
	return m
}(
	"text", "plain", "html", "multipart", "mixed", "alternative", "related", "report", "message", "rfc822",
	"application", "octet-stream", "pdf", "image", "png", "jpeg",
	"charset", "us-ascii", "US-ASCII", "utf-8", "UTF-8", "iso-8859-1", "ISO-8859-1", "format", "flowed", "boundary",
	"7bit", "8bit", "base64", "quoted-printable", "attachment", "inline", "filename", "name",
	"Received", "Return-Path", "Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Message-ID",
	"Message-Id", "In-Reply-To", "References", "MIME-Version", "Mime-Version", "Content-Type",
	"Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "DKIM-Signature", "X-Mailer", "User-Agent",
)
