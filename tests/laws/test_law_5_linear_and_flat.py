"""Law 5: linear and flat. Work grows with the size of the input, however it is made; nothing recurses over nesting."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given

import mimekit
from mimekit import BadValue, MIMEMessage, MIMEPart, _writer, charsets, encodedword, transfer
from mimekit.values import registry
from tests import strategies
from tests.laws import real, work
from tests.laws.seen import READINGS, attributes

# -- header values -------------------------------------------------------------------------------------

_NAMES = (
    *("From", "Date", "Received", "References", "Message-ID", "List-Post", "List-Id", "DKIM-Signature"),
    *("Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "MIME-Version", "Subject"),
)
_UNITS = (
    *(
        "(",
        ")",
        "()",
        "(a) ",
        "(\\",
        "(;",
        "<",
        ">",
        "()<",
        ";",
        ';"',
        " ",
        "\t",
        ",",
        ":",
        "\\",
        '"',
        '"\\',
        '\\"',
        '"a" ',
    ),
    *(
        "<a@b>",
        "<a@b> ",
        "<a@b",
        "<a ",
        "a@b ",
        "a@b,",
        "a:",
        "a:;",
        "http:a,",
        "<http:a>,",
        '<"(',
        '"(',
        "a.",
        "@",
        "[",
        "a",
    ),
    *(
        "1 ",
        "1",
        "-",
        "Jan ",
        "Mon, ",
        "from ",
        "+",
        "=",
        "=?",
        "?=",
        "=?utf-8?q?a?= ",
        "=?utf-8?q?a?=",
        "=?utf-8?b?4oKs?= ",
    ),
    *(
        "\r\n ",
        "\n\t",
        "\r",
        "\0",
        "\xe9",
        "\xc3\xa9",
        "%",
        "*",
        "'",
        ";a=b",
        ";a*=''%41",
        ';a="b"',
        ";a*0*=x",
        "/",
        "a/b;",
    ),
)
_TAILS = ("", '"', ")", "; 1 Nov 2002 10:00 +0100", " <a@b>")


def _read_and_compose(name: str, body: str) -> None:
    value = registry.parse_value(name.lower(), name, body)
    for attribute in attributes(type(value)):
        getattr(value, attribute)
    for to_set in (value, body.replace("\r", "").replace("\n", "").replace("\0", "")):
        try:
            message = MIMEPart()
            message.set_header(name, to_set)
            bytes(message)
        except BadValue:
            pass  # refused is done as well


@pytest.mark.parametrize("name", _NAMES)
def test_header_values_grow_with_their_size(name: str) -> None:
    """However a field body is made, a million `;` among them: an exponent of at most 1.15 over four doublings."""
    steep = {}
    for place, unit in enumerate(_UNITS):
        tail = _TAILS[place % len(_TAILS)]

        def of_size(size: int, unit: str = unit, tail: str = tail) -> int:
            body = (unit * (size // len(unit) + 1))[:size] + tail
            return work.of(lambda: _read_and_compose(name, body))

        grown = work.growth(of_size, 1_700)  # more than a line holds, the comments left out
        if grown > work.LIMIT:
            steep[unit, tail] = round(grown, 2)

    assert not steep


# -- structure -----------------------------------------------------------------------------------------

_MULTIPART = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"


def _nested(size: int, *, closed: bool) -> bytes:
    opened = b"".join(_MULTIPART % (n, n) for n in range(size))
    return opened + b"\nx\n" + (b"".join(b"--%d--\n" % n for n in reversed(range(size))) if closed else b"")


def _nested_with_siblings(size: int) -> bytes:
    head = b"".join(_MULTIPART % (n, n) + b"\nleaf\n--%d\n" % n for n in range(size))
    return head + b"\nx\n" + b"".join(b"--%d--\n" % n for n in reversed(range(size)))


_KINDS: dict[str, Callable[[int], bytes]] = {
    "nested multiparts without an end": lambda size: _nested(size, closed=False),
    "nested multiparts": lambda size: _nested(size, closed=True),
    "nested multiparts beside leaves": _nested_with_siblings,
    "nested multiparts with one boundary": lambda size: _MULTIPART % (1, 1) * size,
    "nested messages": lambda size: b"Content-Type: message/rfc822\n\n" * size + b"Subject: x\n\ny",
    "parts": lambda size: _MULTIPART % (1, 1) + b"\nx\n--1\n" * size + b"\n--1--\n",
    "parts without an empty line": lambda size: _MULTIPART % (1, 1) + b"x\n--1\n" * size,
    "near-boundaries": lambda size: _MULTIPART % (1, 1) + b"\n" + b"--10\n--1x\n--2--\n" * size,
    "dashes": lambda size: _MULTIPART % (1, 1) + b"\n" + b"--" * size,
    "lines of dashes": lambda size: _MULTIPART % (1, 1) + b"\n" + b"--\n" * size,
    "closing delimiters": lambda size: _MULTIPART % (1, 1) + b"\n" + b"--1--\n" * size,
    "empty lines": lambda size: b"Subject: x\n" + b"\n" * size,
    "carriage returns": lambda size: b"Subject: x\n" + b"\r" * size,
    "lines that end in CR": lambda size: b"Subject: x\r" * size,
    "fields": lambda size: b"Subject: x\n" * size + b"\n",
    "different fields": lambda size: b"".join(b"X-%d: x\n" % n for n in range(size)) + b"\n",
    "folded fields": lambda size: b"Subject: x\n" + b" y\n" * size + b"\n",
    "stray lines": lambda size: b"nonsense\nSubject: x\n" * size + b"\n",
    "stray lines that begin with dashes": lambda size: b"--x\nSubject: x\n" * size + b"\n",
    "types": lambda size: b"Content-Type: multipart/mixed; boundary=b\n--x\n" * size + b"\n",
    "no field at all": lambda size: b"nonsense\n" * size,
    "digests": lambda size: b"Content-Type: multipart/digest; boundary=1\n\n" + b"--1\n\nSubject: x\n\ny\n" * size,
    "base64": lambda size: b"Content-Transfer-Encoding: base64\n\n" + b"YWJj\n=" * size,
    "quoted-printable": lambda size: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"==E9= \n" * size,
    "uuencode": lambda size: b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + b"#86)C\n" * size,
    "encoded messages": lambda size: (
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + b"U3ViamVjdDogeAoK" * size
    ),
}
_WAYS: dict[str, Callable[[MIMEMessage], object]] = {
    name: READINGS[name]
    for name in ("walk from behind", "bodies", "files", "contents", "all_defects", "values", "as_string", "copy")
}


@pytest.mark.parametrize("kind", _KINDS.values(), ids=_KINDS)
def test_reading_grows_with_the_size_of_the_source(kind: Callable[[int], bytes]) -> None:
    """Thousands of nested parts, ten thousand near-boundaries: an exponent of at most 1.15 over four doublings."""
    steep = {}
    for name, way in _WAYS.items():
        grown = work.growth(lambda size, way=way: work.of_reading(kind(size), way), 40)  # type: ignore[misc]  # bound now
        if grown > work.LIMIT:
            steep[name] = round(grown, 2)

    assert not steep


def _several(octets: bytes, size: int) -> bytes:
    """A message of *size* messages, each of which is *octets*."""
    boundary = b"several-0f3a"
    head = b"Content-Type: multipart/digest; boundary=" + boundary + b"\n"
    return head + (b"\n--" + boundary + b"\n\n" + octets) * size + b"\n--" + boundary + b"--\n"


def _read(message: MIMEMessage) -> None:
    for way in ("contents", "all_defects", "values"):
        READINGS[way](message)


def _check_growth(octets: bytes) -> None:
    one, four = (work.of_reading(_several(octets, size), _read) for size in (1, 4))
    assert math.log2(four / one) / 2 <= work.LIMIT


@given(strategies.damaged_sources())
def test_any_message_costs_as_often_as_it_is_there(octets: bytes) -> None:
    """Good and bad mail alike."""
    _check_growth(octets)


@pytest.mark.corpus
@real.every_batch
def test_real_messages_cost_as_often_as_they_are_there(batch: real.Batch) -> None:
    """Four of them in one message cost what four times one costs."""
    real.hold(batch, _check_growth)


_DEEP_EDITS: dict[str, Callable[[MIMEPart], object]] = {
    "a field": lambda part: part.set_header("Subject", "x"),
    "content": lambda part: part.set_content("--x\n" * 9),
    "promotion": lambda part: part.make_mixed(),
}


@pytest.mark.parametrize("edit", _DEEP_EDITS.values(), ids=_DEEP_EDITS)
def test_writing_an_edit_in_the_depth_grows_with_the_size_of_the_source(edit: Callable[[MIMEPart], object]) -> None:
    """Nothing recurses over nesting, and nothing goes over all that is around once for each level."""

    def of_size(size: int) -> int:
        message = work.parse_wide(_nested_with_siblings(size))
        deepest = list(message.walk())[-1]

        def act() -> None:
            edit(deepest)
            bytes(message)

        return work.of(act)

    assert work.growth(of_size, 40) <= work.LIMIT


def _each_name(edit: Callable[[MIMEMessage, str], None]) -> Callable[[MIMEMessage], None]:
    def act(message: MIMEMessage) -> None:
        for name in message.keys()[:-1]:  # the last is the Content-Type
            edit(message, name)

    return act


def _each_part(edit: Callable[[MIMEMessage, MIMEPart], object]) -> Callable[[MIMEMessage], None]:
    def act(message: MIMEMessage) -> None:
        for part in message.parts:
            edit(message, part)

    return act


_MANY_EDITS: dict[str, Callable[[MIMEMessage], None]] = {
    "every field set": _each_name(lambda message, name: message.set_header(name, "z")),
    "every field replaced": _each_name(lambda message, name: message.replace_header(name, "z")),
    "every field deleted": _each_name(lambda message, name: message.__delitem__(name)),
    "fields added": _each_name(lambda message, _name: message.add_header("X-New", "z")),
    "one field set again": _each_name(lambda message, _name: message.set_header("X1", "z")),
    "every part removed": _each_part(lambda message, part: message.remove(part)),
    "every part edited": _each_part(lambda _message, part: part.set_content("x")),
    "parts attached": _each_part(lambda message, _part: message.attach(MIMEPart().set_content("x"))),
}


@pytest.mark.parametrize("edits", _MANY_EDITS.values(), ids=_MANY_EDITS)
def test_many_edits_grow_with_their_number(edits: Callable[[MIMEMessage], None]) -> None:
    """However many fields or parts there are, and however many of them are edited one after the other."""

    def of_size(size: int) -> int:
        fields = b"".join(b"X%d: y\n" % number for number in range(size))
        message = work.parse_wide(fields + _MULTIPART % (1, 1) + b"--1\n\nx\n" * size + b"--1--\n")
        assert len(message) + len(message.parts) == 2 * size + 2
        return work.of(lambda: edits(message))

    assert work.growth(of_size, 40) <= work.LIMIT


def _described(part: MIMEPart) -> None:
    part["Content-Description"] = "x"


_ADDING: dict[str, Callable[[MIMEMessage, str], object]] = {
    "added": lambda message, cid: message.add_related(b"x", "image", "png", cid=cid),
    "added and described": lambda message, cid: _described(message.add_related(b"x", "image", "png", cid=cid)),
    "embedded": lambda message, cid: message.embed(b"x", "image", "png", cid=cid),
    "embedded under a new name": lambda message, _cid: message.embed(b"x", "image", "png"),
    "parts embedded": lambda message, cid: message.embed(MIMEPart().set_content(b"x", "image", "png", cid=cid)),
}


@pytest.mark.parametrize("add", _ADDING.values(), ids=_ADDING)
def test_many_objects_beside_a_page_grow_with_their_number(add: Callable[[MIMEMessage, str], object]) -> None:
    """Though each of them must have a Content-ID that no other has."""

    def of_size(size: int) -> int:
        message = MIMEMessage().set_content("<p>", "html")

        def act() -> None:
            for number in range(size):
                add(message, f"{number}@example.org")

        return work.of(act)

    assert work.growth(of_size, 10) <= work.LIMIT


_CODECS: dict[str, Callable[[str], object]] = {
    "encoded words read": encodedword.decode,
    "encoded words written": lambda text: encodedword.encode_text(text.replace("\n", "_")),
    "charsets": lambda text: charsets.decode(text.encode("utf-8", "surrogateescape")),
    "base64": lambda text: transfer.decode(text.encode("utf-8"), "base64"),
    "quoted-printable read": lambda text: transfer.decode(text.encode("utf-8"), "quoted-printable"),
    "quoted-printable written": lambda text: transfer.encode(text.encode("utf-8"), "quoted-printable", text=True),
    "uuencode": lambda text: transfer.decode(b"begin 644 x\n" + text.encode("utf-8"), "uuencode"),
}


@pytest.mark.parametrize("codec", _CODECS.values(), ids=_CODECS)
def test_codecs_grow_with_what_they_decode(codec: Callable[[str], object]) -> None:
    """However it is made, the work of a codec grows with the size of its input."""
    steep = {}
    for unit in (
        "=?",
        "=?utf-8?q?a?=",
        "=?utf-8?q?a?= ",
        "=",
        "==",
        "=\n",
        " \n",
        "a ",
        "é",
        "=E",
        "YQ==",
        "\x1b$",
        "M\n",
        " ",
    ):
        grown = work.growth(lambda size, unit=unit: work.of(lambda: codec(unit * (size // len(unit)))), 1_100)  # type: ignore[misc]  # bound now
        if grown > work.LIMIT:
            steep[unit] = round(grown, 2)

    assert not steep


# -- flat ----------------------------------------------------------------------------------------------


@pytest.fixture
def shallow_stack() -> Iterator[None]:
    """A stack with room for a few dozen calls more than there are."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 70)
    yield
    sys.setrecursionlimit(before)


_DEPTHS: dict[str, bytes] = {
    "5,000 nested parts": _nested(5_000, closed=True),
    "5,000 nested parts without an end": _nested(5_000, closed=False),
    "1,000 nested messages": b"Content-Type: message/rfc822\n\n" * 1_000 + b"Subject: x\n\nbody",
    "900 nested comments": b"To: " + b"(" * 900 + b"a" + b")" * 900 + b" a@b.c\nDate: " + b"(" * 900 + b"\n\nbody",
}
_FLAT = ("walk from behind", "bodies", "files", "written", "as_string", "all_defects", "values", "contents", "repr")


@pytest.mark.usefixtures("shallow_stack")
@pytest.mark.parametrize("octets", _DEPTHS.values(), ids=_DEPTHS)
def test_reading_recurses_over_no_nesting(octets: bytes) -> None:
    """Nothing recurses over nesting: parse, walk, bodies, files, writing, defects."""
    message = work.parse_wide(octets)

    for name in _FLAT:
        READINGS[name](message)

    assert bytes(message) == octets


@pytest.mark.usefixtures("shallow_stack")
@pytest.mark.parametrize("octets", _DEPTHS.values(), ids=_DEPTHS)
def test_copies_and_edits_recurse_over_no_nesting(octets: bytes) -> None:
    """Nothing recurses over nesting: deepcopy, pickle, and writing an edit in the innermost part."""
    message = work.parse_wide(octets)
    for part in message.walk():
        innermost = part
    innermost["X-New"] = "x"

    edited = bytes(message)

    assert edited.count(b"X-New: x") == 1
    assert bytes(copy.deepcopy(message)) == edited
    assert bytes(pickle.loads(pickle.dumps(message))) == edited  # noqa: S301 -- our own


@pytest.mark.usefixtures("shallow_stack")
def test_what_is_built_deeply_is_written_flatly() -> None:
    """Nothing recurses over nesting, built or parsed."""
    message: MIMEPart = MIMEPart().set_content("x")
    for _ in range(500):
        message = MIMEPart().set_content([message], "mixed")

    assert sum(1 for _ in mimekit.parse(bytes(message)).walk()) == 501
    assert bytes(copy.deepcopy(message)) == bytes(message)


@pytest.mark.parametrize("unit", [";", "(", '"', "=?", ",", "<", " ", "=?utf-8?q?a?= ", "a@b,", "\\", "\r\n "])
def test_a_hundred_thousand_of_anything_is_read(unit: str) -> None:
    """What takes the square of its size would not end here: that inside one call of C nobody counts."""
    for name in _NAMES:
        value = registry.parse_value(name.lower(), name, unit * (100_000 // len(unit)))
        for attribute in attributes(type(value)):
            getattr(value, attribute)
        assert not {"\r", "\n", "\0"} & set(value)


# -- content in pieces ---------------------------------------------------------------------------------


@given(strategies.anything())
def test_content_in_pieces_is_the_content(octets: bytes) -> None:
    """What is too large to be held is read a piece at a time, and is the same."""
    _pieces_are_the_whole(octets)


@pytest.mark.corpus
@real.every_batch
def test_real_content_in_pieces_is_the_content(batch: real.Batch) -> None:
    """Attached, encoded, damaged: as real mail has it."""
    real.hold(batch, _pieces_are_the_whole)


def _pieces_are_the_whole(octets: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_writer, "_PIECE", 1 + len(octets) // 9)
        for part in mimekit.parse(octets).walk():
            assert b"".join(part.octet_pieces()) == part.octets
