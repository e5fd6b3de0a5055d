package mailsasl

import "github.com/emersion/go-sasl"

// plain is PLAIN (RFC 4616).
func plain(x *exchange) error { return x.run(sasl.NewPlainServer(x.verify)) }
