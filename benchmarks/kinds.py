"""The kinds of input that mail is attacked with, each alone: a function from a size to about so many octets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Kind = Callable[[int], bytes]

#: One field of each class of value, with what begins its body.
_FIELDS = {
    "To": b"",
    "Subject": b"",
    "Date": b"",
    "Message-ID": b"",
    "References": b"",
    "Content-Type": b"text/plain",
    "Content-Type, multipart": b"multipart/mixed; boundary=b;",
    "Content-Disposition": b"attachment",
    "Content-Transfer-Encoding": b"",
    "MIME-Version": b"",
    "List-Unsubscribe": b"",
    "List-Id": b"",
    "Received": b"from a.example by b.example ",
    "DKIM-Signature": b"v=1; ",
}
#: What a field body is filled with, again and again.
_UNITS = {
    "words": b"word ",
    "one word": b"a",
    "atoms and dots": b"a.",
    "digits": b"1",
    "numbers": b"1 ",
    "months": b"Jan ",
    "days": b"Mon, ",
    "clauses": b"from a by b; ",
    "spaces": b" ",
    "tabs": b"\t",
    "folds": b"\n ",
    "folded words": b"word\n\t",
    "CRs": b"\r",
    "NULs": b"\0",
    "8-bit octets": b"\xe9",
    "UTF-8": "é".encode(),
    "addresses": b"ana@example.org, ",
    "named addresses": b"Ana B <ana@example.org>, ",
    "quoted named addresses": b'"B, Ana" <ana@example.org>, ',
    "addresses without commas": b"a@b.c ",
    "angle addresses without commas": b"<a@b.c> ",
    "commas": b",",
    "at signs": b"@",
    "opening brackets": b"<",
    "closing brackets": b">",
    "brackets that never end": b"<a@b",
    "dots": b".",
    "routes": b"<@a,@b:c@d>, ",
    "domain literals": b"a@[1.2.3.4], ",
    "opening square brackets": b"[",
    "groups": b"friends: ana@example.org, bo@example.org; ",
    "empty groups": b"g:;",
    "groups that never end": b"g: a@b.c, ",
    "colons": b":",
    "comments": b"(a) ",
    "comments behind words": b"a(b) ",
    "opening parentheses": b"(",
    "closing parentheses": b")",
    "quoted pairs in comments": b"(\\)",
    "encoded words": b"=?utf-8?q?a?= ",
    "encoded words in base64": b"=?utf-8?b?4oKs?= ",
    "encoded words without spaces": b"=?utf-8?q?a?=",
    "encoded words of half a character": b"=?utf-8?b?4oI=?= =?utf-8?b?rA==?= ",
    "encoded words of many charsets": b"=?iso-8859-1?q?=E9?= =?koi8-r?b?wQ==?= ",
    "encoded words of no charset": b"=?nonsense?q?a?= ",
    "broken encoded words": b"=?utf-8?q?a ",
    "beginnings of encoded words": b"=?",
    "ends of encoded words": b"?=",
    "question marks": b"?",
    "identifiers": b"<1.2@example.org> ",
    "identifiers without brackets": b"1.2@example.org ",
    "URLs": b"<https://example.org/x>, ",
    "the same parameter": b"; a=b",
    "quoted parameters": b'; a="b c"',
    "extended parameters": b"; a*=utf-8''%41",
    "extended parameters of odd charsets": b"; a*=nonsense'x'%E9",
    "percent signs": b"%",
    "apostrophes": b"'",
    "asterisks": b"*",
    "equals signs": b"=",
    "semicolons": b";",
    "semicolons and spaces": b"; ",
    "quotes": b'"',
    "quoted words": b'"a" ',
    "backslashes": b"\\",
    "escaped quotes": b'\\"',
    "slashes": b"/",
    "hyphens": b"-",
}
_NUMBERED = {
    "parameters": b"; a%d=b",
    "continuations": b"; a*%d=b",
    "extended continuations": b"; a*%d*=%%C3%%A9",
    "numbered addresses": b"p%d@example.org, ",
    "numbered groups": b"g%d: a@b.c;, ",
    "numbered encoded words": b"=?utf-8?q?a%d?= ",
    "numbered Content-Types": b"; boundary*%d=b",
}


def header_kinds() -> Iterator[tuple[str, Kind]]:
    """Everything in one field, once for each class of value."""
    for field, start in _FIELDS.items():
        name = field.partition(",")[0].encode()
        for kind, fill in _fills():
            yield f"{field}: {kind}", _in_field(name, start, fill)


def _fills() -> Iterator[tuple[str, Kind]]:
    for kind, unit in _UNITS.items():
        yield kind, _repeated(unit)
    for kind, pattern in _NUMBERED.items():
        yield kind, _counted(pattern)
    yield "nested comments", lambda size: b"(" * (size // 2) + b")" * (size // 2)
    yield "continuations from behind", lambda size: b"".join(b"; a*%d=b" % n for n in reversed(range(size // 10)))
    yield "one quoted string", lambda size: b'; a="' + b"x" * size + b'"'
    yield "one quoted string that never ends", lambda size: b'; a="' + b"x" * size
    yield "one long encoded word", lambda size: b"=?utf-8?q?" + b"a" * size + b"?="
    yield "one long encoded word in base64", lambda size: b"=?utf-8?b?" + b"4oKs" * (size // 4) + b"?="


def _in_field(name: bytes, start: bytes, fill: Kind) -> Kind:
    return lambda size: b"From: ana@example.org\n" + name + b": " + start + fill(size) + b"\n\nbody\n"


def _repeated(unit: bytes, *, before: bytes = b"", behind: bytes = b"") -> Kind:
    return lambda size: before + unit * (size // len(unit)) + behind


def _counted(pattern: bytes, *, before: bytes = b"", behind: bytes = b"") -> Kind:
    return lambda size: before + b"".join(pattern % number for number in range(size // len(pattern % 10_000))) + behind


_MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
_LEVEL = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"


def _nested(size: int, *, filler: bytes = b"", closed: bool = True, level: bytes = _LEVEL) -> bytes:
    """Multiparts in multiparts, *filler* a part before each."""
    depth = max(1, size // (len(level) + (len(filler) + 16) * bool(filler) + 12 * closed))
    opened = b"".join(level % (n, n) + (filler + b"\n--b%d\n" % n if filler else b"") for n in range(depth))
    closings = b"".join(b"\n--b%d--" % n for n in reversed(range(depth))) if closed else b""
    return opened + b"\nx" + closings + b"\n"


def _encoded(encoding: bytes, unit: bytes) -> Kind:
    return _repeated(unit, before=b"Content-Transfer-Encoding: " + encoding + b"\n\n", behind=b"\n")


def _text(charset: bytes, unit: bytes, *, subtype: bytes = b"plain") -> Kind:
    return _repeated(unit, before=b"Content-Type: text/" + subtype + b"; charset=" + charset + b"\n\n", behind=b"\n")


#: Everything that is no matter of one field.
STRUCTURES: dict[str, Kind] = {
    "header lines": _repeated(b"X-A: y\n", behind=b"\nbody\n"),
    "header lines of many names": _counted(b"X-A%d: y\n", behind=b"\nbody\n"),
    "header lines, To": _repeated(b"To: ana@example.org\n", behind=b"\nbody\n"),
    "header lines, Content-Type": _repeated(b"Content-Type: text/plain; a=b\n", behind=b"\nbody\n"),
    "header lines, Received": _repeated(b"Received: from a by b; 1 Nov 2002 10:00:00 +0100\n", behind=b"\nbody\n"),
    "header lines, empty": _repeated(b"X-A:\n", behind=b"\nbody\n"),
    "header lines, CRLF": _repeated(b"X-A: y\r\n", behind=b"\r\nbody\r\n"),
    "header lines without a body": _repeated(b"X-A: y\n"),
    "lines that are no field": _repeated(b"nonsense\nX-A: y\n", behind=b"\nbody\n"),
    "lines that are no field, all": _repeated(b"nonsense\n"),
    "lines that begin with dashes": _repeated(b"--x\nX-A: y\n", behind=b"\nbody\n"),
    "long field name": _repeated(b"a", behind=b": x\n\nbody\n"),
    "colons alone": _repeated(b":\n"),
    "empty lines": _repeated(b"\n", before=b"X-A: y\n"),
    "CRs": _repeated(b"\r", before=b"X-A: y\n"),
    "line ends of all kinds": _repeated(b"x\r\r\n\n\r", before=b"X-A: y\n\n"),
    "siblings": _repeated(b"--b\n\nx\n", before=_MIXED, behind=b"--b--\n"),
    "siblings, CRLF": _repeated(b"--b\r\n\r\nx\r\n", before=_MIXED.replace(b"\n", b"\r\n"), behind=b"--b--\r\n"),
    "siblings with fields": _repeated(
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=a.txt\n\nx\n",
        before=_MIXED,
        behind=b"--b--\n",
    ),
    "siblings of many types": _counted(b"--b\nContent-Type: text/x%d; name=n\n\nx\n", before=_MIXED, behind=b"--b--\n"),
    "siblings without an end": _repeated(b"--b\n\nx\n", before=_MIXED),
    "siblings without an empty line": _repeated(b"--b\nx\n", before=_MIXED, behind=b"--b--\n"),
    "empty siblings": _repeated(b"--b\n", before=_MIXED, behind=b"--b--\n"),
    "a digest": _repeated(
        b"--b\n\nSubject: x\n\ny\n",
        before=b"Content-Type: multipart/digest; boundary=b\n\n",
        behind=b"--b--\n",
    ),
    "near-boundaries": _repeated(b"--bx\n--c\n-- b\n--b-\n -b\n", before=_MIXED + b"--b\n\n", behind=b"--b--\n"),
    "near-boundaries in one line": _repeated(b"--b", before=_MIXED + b"--b\n\n", behind=b"\n--b--\n"),
    "padded boundaries": _repeated(b"--b" + b" " * 60 + b"\n\nx\n", before=_MIXED, behind=b"--b--\n"),
    "a long boundary and its beginnings": lambda size: (
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 70 + b"\n\n--" + (b"b" * 69 + b"\n--") * (size // 72)
    ),
    "closing delimiters": _repeated(b"--b--\n", before=_MIXED),
    "dashes": _repeated(b"-", before=_MIXED + b"--b\n\n"),
    "lines of dashes": _repeated(b"--\n", before=_MIXED + b"--b\n\n"),
    "preamble": _repeated(b"preamble\n", before=_MIXED, behind=b"--b\n\nx\n--b--\n"),
    "epilogue": _repeated(b"epilogue\n", before=_MIXED + b"--b\n\nx\n--b--\n"),
    "nested multiparts": _nested,
    "nested multiparts without an end": lambda size: _nested(size, closed=False),
    "nested multiparts with filler": lambda size: _nested(size, filler=b"\nfiller " + b"text " * 40),
    "nested multiparts with little filler": lambda size: _nested(size, filler=b"\nx"),
    "nested multiparts with filler, without an end": lambda size: _nested(
        size, filler=b"\nfiller " + b"text\n" * 40, closed=False
    ),
    "nested alternatives": lambda size: _nested(
        size, filler=b"\nx", level=b"Content-Type: multipart/alternative; boundary=b%d\n\n--b%d\n"
    ),
    "nested relateds": lambda size: _nested(
        size, filler=b"\nx", level=b"Content-Type: multipart/related; boundary=b%d\n\n--b%d\n"
    ),
    "nested multiparts of one boundary": _repeated(b"--b\n" + _MIXED, before=_MIXED),
    "nested multiparts, filler behind": lambda size: (
        b"".join(_LEVEL % (n, n) for n in range(size // 64))
        + b"\nx"
        + b"".join(b"\n--b%d\n\nx\n--b%d--" % (n, n) for n in reversed(range(size // 64)))
    ),
    "nested messages": _repeated(b"Content-Type: message/rfc822\n\n", behind=b"Subject: x\n\nbody\n"),
    "nested messages with fields": _repeated(
        b"Subject: x\nFrom: a@b.c\nContent-Type: message/rfc822\n\n", behind=b"Subject: x\n\nbody\n"
    ),
    "nested messages in multiparts": lambda size: _nested(
        size, level=b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\nContent-Type: message/rfc822\n\n"
    ),
    "messages beside each other": _repeated(
        b"--b\nContent-Type: message/rfc822\n\nSubject: x\n\nbody\n", before=_MIXED, behind=b"--b--\n"
    ),
    "an encoded message": _encoded(b"base64\nContent-Type: message/rfc822", b"U3ViamVjdDogeAoK\n"),
    "base64": _encoded(b"base64", b"YWJj" * 19 + b"\n"),
    "base64 in one line": _encoded(b"base64", b"YWJj"),
    "base64 of odd lines": _encoded(b"base64", b"YWJ\njYQ\n"),
    "base64 with padding all over": _encoded(b"base64", b"YQ==\n"),
    "base64 junk": _encoded(b"base64", b"*!\xe9 Y=\n"),
    "base64 of equals signs": _encoded(b"base64", b"="),
    "quoted-printable": _encoded(b"quoted-printable", b"caf=C3=A9 =\n"),
    "quoted-printable in one line": _encoded(b"quoted-printable", b"=C3=A9"),
    "quoted-printable junk": _encoded(b"quoted-printable", b"==E=\xe9=G1 = \n"),
    "quoted-printable spaces": _encoded(b"quoted-printable", b" "),
    "quoted-printable spaces at line ends": _encoded(b"quoted-printable", b"x" + b" " * 99 + b"\n"),
    "quoted-printable equals signs": _encoded(b"quoted-printable", b"="),
    "quoted-printable soft ends": _encoded(b"quoted-printable", b"=\n"),
    "uuencode": _repeated(
        b"#86)C\n", before=b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n", behind=b"end\n"
    ),
    "uuencode junk": _repeated(b"begin 644 x\n", before=b"Content-Transfer-Encoding: x-uuencode\n\n"),
    "unknown transfer encoding": _encoded(b"nonsense", b"text\n"),
    "text in UTF-8": _text(b"utf-8", "é€ ".encode()),
    "text that is no UTF-8": _text(b"utf-8", b"\xe9\xff "),
    "text in ASCII that is none": _text(b"us-ascii", "é".encode() + b"\xe9"),
    "text in ISO-2022-JP": _text(b"iso-2022-jp", b'\x1b$B$"\x1b(B'),
    "text of escapes": _text(b"iso-2022-jp", b"\x1b$"),
    "text in UTF-7": _text(b"utf-7", b"+AOk-"),
    "text in UTF-16": _text(b"utf-16", b"a\0"),
    "text in GB18030": _text(b"gb2312", b"\xb0\xa1\xff"),
    "text of no charset": _text(b"nonsense", b"\xe9 "),
    "HTML of meta tags": _text(b"", b"<meta charset=", subtype=b"html"),
    "HTML of angles": _text(b"", b"<", subtype=b"html"),
    "text of NULs": _text(b"utf-8", b"\0"),
}


def all_kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    return STRUCTURES | dict(header_kinds())
