package mailscript

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"

	"github.com/xdg-go/scram"
)

// saslClient answers a challenge of the server, the first time perhaps an empty one.
type saslClient func(challenge string) string

// clientOf returns the client's side of an exchange.
func clientOf(mechanism, name, password string) saslClient {
	switch mechanism {
	case "CRAM-MD5": // RFC 2195 §2
		return func(challenge string) string {
			digest := hmac.New(md5.New, []byte(password))
			digest.Write([]byte(challenge))
			return name + " " + hex.EncodeToString(digest.Sum(nil))
		}
	case "SCRAM-SHA-1":
		return scramClient(scram.SHA1, name, password)
	case "SCRAM-SHA-256":
		return scramClient(scram.SHA256, name, password)
	case "XOAUTH2":
		return always("user=" + name + "\x01auth=Bearer " + password + "\x01\x01")
	case "OAUTHBEARER": // RFC 7628 §3.1
		return always("n,a=" + name + ",\x01auth=Bearer " + password + "\x01\x01")
	case "LOGIN":
		return loginClient(name, password)
	}
	return always("\x00" + name + "\x00" + password) // PLAIN, RFC 4616 §2
}

func always(response string) saslClient { return func(string) string { return response } }

// loginClient is LOGIN's, which is asked for the name first.
func loginClient(name, password string) saslClient {
	asked := 0
	return func(string) string {
		if asked++; asked == 1 {
			return name
		}
		return password
	}
}

// scramClient is that of RFC 5802, without channel binding. What the server says last is
// checked; if it is wrong the response is what no server takes.
func scramClient(hash scram.HashGeneratorFcn, name, password string) saslClient {
	client, err := hash.NewClient(name, password, "")
	if err != nil {
		return always("*")
	}
	conversation := client.NewConversation()
	return func(challenge string) string {
		response, err := conversation.Step(challenge)
		if err != nil {
			return err.Error()
		}
		return response
	}
}
