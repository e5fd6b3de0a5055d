package mailtest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// DeliveryReport is what a delivery status notification says (RFC 3464): what became of a message
// at a recipient.
type DeliveryReport struct {
	// Returned is the message that the report is about.
	Returned *Mail
	// HeaderOnly returns no more than its header (RFC 6522 §4).
	HeaderOnly bool
	// Recipient is the address that it was for.
	Recipient string
	// Action is failed, delayed, delivered, relayed or expanded; empty, it is failed.
	Action string
	// Status is a code of RFC 3463, such as "5.1.1"; empty, it is "5.0.0", "4.0.0" or "2.0.0" as
	// Action has it.
	Status string
	// Diagnostic is what the recipient's SMTP server said, such as "550 5.1.1 no such user";
	// empty, it is left out.
	Diagnostic string
	// ReportingMTA is the name of the host that reports; empty, it is "mail.example.org".
	ReportingMTA string
}

// Bounce returns what comes back to the sender when the message can't be delivered to a
// recipient: a delivery status notification with the message. Its Report can be
// changed, for example to one of a delay.
func (m Mail) Bounce(recipient string) Mail {
	return Mail{
		From:    "Mail Delivery System <MAILER-DAEMON@example.org>",
		To:      m.from(),
		Subject: "Undelivered Mail Returned to Sender",
		Header:  []string{"Auto-Submitted: auto-replied"},
		Text:    "Your message to " + recipient + " couldn't be delivered.",
		Report:  &DeliveryReport{Returned: &m, Recipient: recipient, Diagnostic: "550 5.1.1 no such user", Status: "5.1.1"},
	}
}

// entity returns the report with explanation as what people read (RFC 6522 §3).
func (r *DeliveryReport) entity(explanation entity, now time.Time, nested int) (entity, error) {
	status, err := r.status()
	if err != nil {
		return entity{}, fmt.Errorf("Report.%w", err)
	}
	parts := []entity{explanation, status}
	if r.Returned != nil {
		returned, err := r.returned(now, nested)
		if err != nil {
			return entity{}, fmt.Errorf("Report.Returned: %w", err)
		}
		parts = append(parts, returned)
	}
	return entity{multipart: "report", params: map[string]string{"report-type": "delivery-status"}, parts: parts}, nil
}

// status returns the part for programs (RFC 3464 §2.1).
func (r *DeliveryReport) status() (entity, error) {
	action := strings.ToLower(r.Action)
	if action == "" {
		action = "failed"
	}
	class := map[string]string{"failed": "5", "delayed": "4", "delivered": "2", "relayed": "2", "expanded": "2"}[action]
	if class == "" {
		return entity{}, inField("Action", "%q: not one of RFC 3464 §2.3.3", r.Action)
	}
	code := r.Status
	if code == "" {
		code = class + ".0.0"
	}
	mta := r.ReportingMTA
	if mta == "" {
		mta = "mail.example.org"
	}
	for field, value := range map[string]string{"Recipient": r.Recipient, "Status": code, "ReportingMTA": mta, "Diagnostic": r.Diagnostic} {
		if !isASCII(value) {
			return entity{}, fmt.Errorf("%s %q: not ASCII", field, value)
		}
	}
	if r.Recipient == "" {
		return entity{}, inField("Recipient", "there is none")
	}
	var message, recipient headerBuilder
	message.add("ReportingMTA", "Reporting-MTA", "dns; "+mta)
	recipient.add("Recipient", "Final-Recipient", "rfc822; "+r.Recipient)
	recipient.add("Action", "Action", action)
	recipient.add("Status", "Status", code)
	if r.Diagnostic != "" {
		recipient.add("Diagnostic", "Diagnostic-Code", "smtp; "+r.Diagnostic)
	}
	body := strings.Join(message.lines, "") + "\r\n" + strings.Join(recipient.lines, "")
	return entity{fields: []string{"Content-Type: message/delivery-status\r\n"}, body: []byte(body)},
		errors.Join(message.err, recipient.err)
}

// returned returns the part with the message that the report is about.
func (r *DeliveryReport) returned(now time.Time, nested int) (entity, error) {
	raw, err := r.Returned.build(now, nested+1)
	if err != nil {
		return entity{}, err
	}
	mediaType := "message/rfc822"
	if r.HeaderOnly {
		mediaType, raw = "text/rfc822-headers", raw[:headerEnd(raw)]
	}
	encoding, body, err := identityEncoded(raw)
	return entity{fields: []string{
		"Content-Type: " + mediaType + "\r\n", "Content-Transfer-Encoding: " + encoding + "\r\n",
	}, body: body}, err
}
