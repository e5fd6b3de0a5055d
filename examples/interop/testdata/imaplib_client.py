"""Drives the served IMAP fake with imaplib; any failed assertion fails the test."""
import imaplib
import pathlib
import ssl
import sys

folder, imap, imaps = sys.argv[1:4]
letters = [p.read_bytes() for p in sorted(pathlib.Path(folder).glob("*.eml"))]
trusting = ssl.create_default_context()
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE


def ok(answer):
    kind, data = answer
    assert kind == "OK", answer
    return data


def host_port(addr):
    host, port = addr.rsplit(":", 1)
    return host, int(port)


with imaplib.IMAP4_SSL(*host_port(imaps), ssl_context=trusting) as m:
    ok(m.login("alice", "secret"))
    assert ok(m.select("INBOX", readonly=True)) == [b"2"]

m = imaplib.IMAP4(*host_port(imap))
ok(m.starttls(trusting))
ok(m.authenticate("PLAIN", lambda _: b"\0alice@example.org\0secret"))
assert "IDLE" in m.capabilities and "STARTTLS" not in m.capabilities

names = sorted(line.decode().split(' "/" ')[1] for line in ok(m.list()))
assert names == ["Archive", "Archive/2024", "INBOX"], names
assert ok(m.select("INBOX")) == [b"2"]
for number, letter in enumerate(letters, 1):
    (head, body), flags = ok(m.fetch(str(number), "(UID RFC822.SIZE BODY.PEEK[])"))
    assert body == letter, (body, letter)
    assert b"RFC822.SIZE %d" % len(letter) in head, head
assert ok(m.search(None, "UNSEEN")) == [b"1 2"]
m.literal = "grüße".encode()
assert ok(m.uid("SEARCH", "CHARSET", "UTF-8", "TEXT")) == [b"2"]
ok(m.store("1", "+FLAGS", r"(\Seen \Deleted work)"))
assert ok(m.search(None, "KEYWORD", "work")) == [b"1"]
ok(m.create("Kept"))
ok(m.uid("COPY", "2", "Kept"))
assert ok(m.expunge()) == [b"1"]
assert ok(m.fetch("1", "(UID)")) == [b"1 (UID 2)"]
ok(m.append("Kept", r"(\Flagged)", imaplib.Time2Internaldate(1709209800), letters[0]))
assert ok(m.status("Kept", "(MESSAGES UNSEEN)")) == [b"Kept (MESSAGES 2 UNSEEN 2)"]
assert m.select("Nowhere")[0] == "NO"
ok(m.select("Kept"))
assert ok(m.search(None, "FLAGGED")) == [b"2"]
ok(m.close())
m.logout()
