"""Drives the served POP3 fake with poplib; any failed assertion fails the test."""
import pathlib
import poplib
import ssl
import sys

folder, pop3, pop3s = sys.argv[1], sys.argv[4], sys.argv[5]
# imaplib_client.py, which ran before, left the second letter in INBOX.
letter = sorted(pathlib.Path(folder).glob("*.eml"))[1].read_bytes()
trusting = ssl.create_default_context()
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE


def host_port(addr):
    host, port = addr.rsplit(":", 1)
    return host, int(port)


p = poplib.POP3_SSL(*host_port(pop3s), context=trusting)
p.apop("alice@example.org", "secret")
assert p.stat() == (1, len(letter)), p.stat()
p.quit()

p = poplib.POP3(*host_port(pop3))
p.stls(trusting)
p.user("alice")
p.pass_("secret")
assert {"UIDL", "TOP", "PIPELINING", "RESP-CODES"} <= set(p.capa())
_, lines, octets = p.retr(1)
assert b"\r\n".join(lines) + b"\r\n" == letter
assert octets == len(letter), (octets, len(letter))
unique_id = p.uidl(1).split()[2]
_, lines, _ = p.top(1, 0)
assert b"Message" not in lines and lines[-1] == b"", lines

other = poplib.POP3(*host_port(pop3))
other.user("alice")
try:
    other.pass_("secret")
    raise AssertionError("two sessions have the maildrop")
except poplib.error_proto as e:
    assert b"[IN-USE]" in e.args[0], e
other.quit()

p.dele(1)
p.rset()
p.quit()
p = poplib.POP3(*host_port(pop3))
p.user("alice")
p.pass_("secret")
assert p.uidl(1).split()[2] == unique_id
p.dele(1)
p.quit()
p = poplib.POP3(*host_port(pop3))
p.user("alice")
p.pass_("secret")
assert p.stat() == (0, 0)
p.quit()
