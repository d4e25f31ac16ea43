"""Transfer encodings undone a piece at a time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import transfer
from mimekit._piecewise import undo_pieces

_BASE64 = [b"QUJD", b"QQ==", b"QQ=", b"Q", b"=", b"==", b"=\r", b"\n", b"!", b" ", b"\r\n", b"====", b"QUI="]
_PRINTABLE = [
    *(b"a", b"=", b"=4", b"=41", b"=zz", b" ", b"\t", b"\r\n", b"\r", b"\n", b"4", b"=\r\n", b"= \r", b"  ", b"=="),
    *(b"begin 644 a\n", b"#0V%T\n", b"end\n"),
]
encoded = st.lists(st.sampled_from(_BASE64), max_size=30) | st.lists(st.sampled_from(_PRINTABLE), max_size=30)
octet_strings = st.binary() | encoded.map(b"".join)
ENCODINGS = ["base64", "Base64", "quoted-printable", "7bit", "binary", "x-uuencode", "x-nobody", ""]


def divided(octets: bytes, cuts: list[int]) -> list[bytes]:
    """*octets*, cut at those places."""
    places = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    return [octets[start:end] for start, end in itertools.pairwise(places)]


@given(octet_strings, st.sampled_from(ENCODINGS), st.lists(st.integers(0, 60), max_size=12))
def test_pieces_are_undone_as_the_whole_is(octets: bytes, encoding: str, cuts: list[int]) -> None:
    """Whatever the octets are, and wherever they are cut."""
    assert b"".join(undo_pieces(divided(octets, cuts), encoding)) == transfer.undo(octets, encoding)


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable"]), st.integers(1, 90))
def test_what_was_encoded_comes_back(octets: bytes, encoding: str, piece_size: int) -> None:
    """Octet for octet."""
    made = transfer.encode(octets, encoding)
    pieces = [made[start : start + piece_size] for start in range(0, len(made), piece_size)]

    assert b"".join(undo_pieces(pieces, encoding)) == octets


@pytest.mark.parametrize(
    ("piece", "encoding"),
    [
        pytest.param(b"QUJD\r\n" * 1_000, "base64", id="usual-base64"),
        pytest.param(b"Q" * 5_999, "base64", id="odd-lines-of-no-groups"),
        pytest.param(b"=" * 6_000, "base64", id="hostile-padding"),
        pytest.param(b"!" * 6_000, "base64", id="hostile-nothing"),
        pytest.param(b"a=3D\r\n" * 1_000, "quoted-printable", id="usual-printable"),
        pytest.param(b"a" * 6_000, "quoted-printable", id="odd-one-line"),
        pytest.param(b"a" * 5_999 + b"=", "quoted-printable", id="hostile-escapes-cut"),
        pytest.param(b"a\r" * 3_000, "quoted-printable", id="odd-cr"),
        pytest.param(b"x" * 6_000, "8bit", id="usual-clear"),
    ],
)
def test_no_more_is_held_than_a_piece(piece: bytes, encoding: str) -> None:
    """Law 5: memory is flat."""
    largest = max(map(len, undo_pieces(itertools.repeat(piece, 20), encoding)))

    assert largest <= len(piece) + 8


@pytest.mark.parametrize("piece", [b" " * 1_000, b"=" * 1_000, b"= " * 500])
def test_what_nobody_can_decide_yet_is_kept_aside(piece: bytes) -> None:
    """Blanks may end a line, or not; they are not looked at again with each piece."""
    whole = piece * 20 + b"a"

    assert b"".join(undo_pieces([*[piece] * 20, b"a"], "quoted-printable")) == transfer.undo(whole, "quoted-printable")
