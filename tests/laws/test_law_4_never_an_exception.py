"""Law 4: bad mail is never an exception. What was wrong is a `Defect`; a limit ends in an opaque leaf and one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import Defect, ParseError, policy
from mimekit.values import registry
from tests import strategies
from tests.laws import real
from tests.laws.seen import READINGS, attributes

_NARROW = policy.default.replace(max_depth=3, max_parts=5, max_header_size=100)
_STRICT = policy.default.replace(strict=True)

_KNOWN_NAMES = (
    *(
        "From",
        "Sender",
        "To",
        "Resent-Cc",
        "Return-Path",
        "Date",
        "Resent-Date",
        "Message-ID",
        "References",
        "Content-ID",
    ),
    *("List-Unsubscribe", "List-Id", "Received", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding"),
    *("MIME-Version", "DKIM-Signature", "Subject", "X-Unknown"),
)
_FRAGMENTS = (
    *(
        "(",
        ")",
        "<",
        ">",
        "@",
        ",",
        ";",
        ":",
        '"',
        "\\",
        "=",
        "*",
        "%",
        "'",
        "/",
        ".",
        "[",
        "]",
        " ",
        "\t",
        "\r\n ",
        "\r",
        "\n",
    ),
    *(
        "=?utf-8?q?=E9?=",
        "=?utf-8?b?4oKs?=",
        "=?x?b?!!?=",
        "=?",
        "?=",
        "=?utf-7?q?+AGE-?=",
        "\0",
        "\xe9",
        "\xc3\xa9",
        "\xff",
    ),
    *(
        "a@b.c",
        "<a@b.c>",
        "a b",
        "text/plain",
        "charset=utf-8",
        "boundary",
        "name*0*=utf-8''%C3",
        "name*1*=%A9",
        "filename=a",
    ),
    *(
        "Mon, 2 Nov 2020 10:00:00 +0100",
        "99",
        "-0000",
        "Z",
        "31 Feb",
        "from a by b",
        "id <1@b>",
        "v=1",
        "attachment",
        "1.0",
    ),
)
_bodies = st.one_of(
    st.lists(st.sampled_from(_FRAGMENTS), max_size=14).map("".join),
    st.text(st.characters(max_codepoint=255), max_size=40),
)


def _check_defects(defects: tuple[Defect, ...], size: int) -> None:
    for defect in defects:
        assert re.fullmatch(r"[0-9a-z-]+", defect.code)
        assert re.match(r"RFC \d+, section [\d.]+$", defect.rfc)
        assert defect.message in str(defect)
        assert defect.offset is None or 0 <= defect.offset <= size


def _read_all(octets: bytes, chosen: mimekit.Policy = policy.default) -> mimekit.MIMEMessage:
    message = mimekit.parse(octets, policy=chosen)
    for reading in READINGS.values():
        reading(message)
    assert bytes(message) == octets
    # a message inside another may be decoded, and then its offsets count in what was decoded
    _check_defects(message.all_defects(), len(octets))
    return message


def _check_values(message: mimekit.MIMEMessage) -> None:
    for part in message.walk():
        for value in part.values():
            assert not re.search("[\r\n\0\ud800-\udfff]", value), value
        name = part.get_filename()
        assert name is None or not re.search("[\r\n\0\ud800-\udfff]", name)
        assert not re.search(r"[\x00-\x1f/\\]", part.get_filename("x", safe=True) or "")


@given(strategies.anything())
def test_no_byte_string_raises(octets: bytes) -> None:
    """No byte string makes parsing, a header value, a body, an attachment, a file name or writing raise."""
    _read_all(octets)


@given(strategies.anything())
def test_no_value_holds_a_line_end_or_a_nul(octets: bytes) -> None:
    """A value decoded from received mail never holds CR, LF or NUL, in file names too."""
    _check_values(mimekit.parse(octets))


@pytest.mark.parametrize("name", _KNOWN_NAMES)
@given(body=_bodies)
def test_no_field_body_raises(name: str, body: str) -> None:
    """Whatever stands in a field: a value with defects, and each of its attributes."""
    value = registry.parse_value(name.lower(), name, body)

    for attribute in attributes(type(value)):
        getattr(value, attribute)
    assert not re.search("[\r\n\0]", value)
    _check_defects(value.defects, len(body))


@given(strategies.anything())
def test_a_limit_is_never_an_exception(octets: bytes) -> None:
    """A limit ends in an opaque leaf and a defect; nothing is lost."""
    message = _read_all(octets, _NARROW)

    assert sum(1 for _ in message.walk()) <= 4 + _NARROW.max_parts * _NARROW.max_depth


_NESTED = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"
_LIMITS = {
    "depth of multiparts": (b"".join(_NESTED % (n, n) for n in range(4)) + b"\nx\n", "depth-limit"),
    "depth of messages": (b"Content-Type: message/rfc822\n\n" * 4 + b"Subject: x\n\nbody", "depth-limit"),
    "parts": (_NESTED % (0, 0) + b"\nx\n--0\n" * 9 + b"\nlast", "part-limit"),
    "header": (b"X: y\n" * 30 + b"Subject: x\n\nbody", "header-limit"),
    "header of a part": (_NESTED % (0, 0) + b"X: y\n" * 30 + b"\nbody\n--0--\n", "header-limit"),
}


@pytest.mark.parametrize(("octets", "code"), _LIMITS.values(), ids=_LIMITS)
def test_a_limit_is_an_opaque_leaf_and_a_defect(octets: bytes, code: str) -> None:
    """A limit ends in an opaque leaf and a `Defect` with its code, its place and the rule."""
    message = mimekit.parse(octets, policy=_NARROW)

    found = [(part, defect) for part in message.walk() for defect in part.defects if defect.code == code]

    assert len(found) == 1
    part, defect = found[0]
    assert part.parts == ()
    assert isinstance(part.get_content(), str | bytes)
    assert defect.offset is not None
    assert 0 <= defect.offset <= len(octets)
    assert defect.rfc.startswith("RFC ")
    assert bytes(message) == octets


@pytest.mark.parametrize(("octets", "code"), _LIMITS.values(), ids=_LIMITS)
def test_usual_limits_are_wide(octets: bytes, code: str) -> None:
    """What people send is far below the limits of the default policy."""
    assert code not in {defect.code for defect in mimekit.parse(octets).all_defects()}


@given(strategies.anything())
def test_strict_reading_raises_the_first_defect(octets: bytes) -> None:
    """``strict=True`` raises the first defect as `ParseError`, and nothing where there is none."""
    defects = mimekit.parse(octets).all_defects()

    if not defects:
        assert bytes(mimekit.parse(octets, policy=_STRICT)) == octets
        return
    with pytest.raises(ParseError) as caught:
        mimekit.parse(octets, policy=_STRICT)
    assert caught.value.defect == defects[0]


@given(strategies.sources())
def test_sound_mail_has_no_defect_of_structure_but_a_missing_end(source: strategies.Source) -> None:
    """A defect is noted where a rule is broken, and nowhere else."""
    structure = {
        "stray-line",
        "missing-separator",
        "missing-boundary",
        "boundary-not-found",
        "depth-limit",
        "part-limit",
    }

    assert not structure & {defect.code for defect in mimekit.parse(source.octets).all_defects()}


@pytest.mark.corpus
@real.every_batch
def test_no_real_message_raises(batch: real.Batch) -> None:
    """Every real message is read to its last leaf, also within narrow limits."""

    def law(octets: bytes) -> None:
        _check_values(_read_all(octets))
        _read_all(octets, _NARROW)

    real.hold(batch, law)
