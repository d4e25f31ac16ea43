"""A message on its way through DATA."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadMessage
from cartero.smtp.data import crlf_ended, stuffed, with_crlf


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    """*octets* in pieces."""
    ends = sorted({place for place in places if place < len(octets)})
    return [octets[start:end] for start, end in zip([0, *ends], [*ends, len(octets)], strict=True)]


class TestLineEnds:
    @pytest.mark.parametrize(
        ("octets", "ended"),
        [
            pytest.param(b"a\r\nb\r\n", b"a\r\nb\r\n", id="usual"),
            pytest.param(b"a\nb\n", b"a\r\nb\r\n", id="usual-unix"),
            pytest.param(b"a\nb\r\nc", b"a\r\nb\r\nc", id="odd-mixed"),
            pytest.param(b"\n.\n", b"\r\n.\r\n", id="hostile-dot-between-line-feeds"),
            pytest.param(b"", b"", id="odd-empty"),
        ],
    )
    def test_each_is_crlf(self, octets: bytes, ended: bytes) -> None:
        """RFC 5321, section 2.3.8: the only line end there is."""
        assert b"".join(crlf_ended([octets], repair=False)) == ended
        assert with_crlf(octets, repair=False) == ended

    @pytest.mark.parametrize(
        ("pieces", "place"),
        [
            pytest.param([b"a\rb"], 1, id="usual"),
            pytest.param([b"a\r"], 1, id="odd-at-the-end"),
            pytest.param([b"a\r", b"b\n"], 1, id="odd-cut-behind-it"),
            pytest.param([b"a\r\n", b"b\r\r\n"], 4, id="odd-two"),
            pytest.param([b"a\n\r.\r\n"], 2, id="hostile-the-end-of-a-message-for-some"),
        ],
    )
    def test_a_carriage_return_alone_is_refused_with_its_place(self, pieces: list[bytes], place: int) -> None:
        """SECURITY: what one server takes for a line end and another does not, smuggles mail."""
        with pytest.raises(BadMessage, match=rf"at octet {place}:"):
            list(crlf_ended(pieces, repair=False))

    def test_it_becomes_a_line_end_where_that_is_wanted(self) -> None:
        """RFC 5321, section 2.3.8: it must not be sent as it is."""
        assert b"".join(crlf_ended([b"a\r", b"\r\nb\rc\n"], repair=True)) == b"a\r\n\r\nb\r\nc\r\n"


class TestDots:
    @pytest.mark.parametrize(
        ("octets", "sent"),
        [
            pytest.param(b"a\r\n", b"a\r\n.\r\n", id="usual"),
            pytest.param(b"a", b"a\r\n.\r\n", id="usual-last-line-not-ended"),
            pytest.param(b"", b".\r\n", id="odd-empty"),
            pytest.param(b".\r\n", b"..\r\n.\r\n", id="usual-dot"),
            pytest.param(b"..\r\n.a\r\n", b"...\r\n..a\r\n.\r\n", id="usual-dots"),
            pytest.param(b"a.b.\r\n.", b"a.b.\r\n..\r\n.\r\n", id="odd-dots-elsewhere"),
            pytest.param(b"\r\n.\r\n", b"\r\n..\r\n.\r\n", id="hostile-the-end-in-the-middle"),
        ],
    )
    def test_a_line_that_begins_with_one_gets_another(self, octets: bytes, sent: bytes) -> None:
        """RFC 5321, section 4.5.2."""
        assert b"".join(stuffed([octets])) == sent


_octets = st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"a", b"\r\n.\r\n"])).map(b"".join)
_places = st.lists(st.integers(0, 40), max_size=6)


@given(_octets, _places)
def test_pieces_change_nothing_of_line_ends(octets: bytes, places: list[int]) -> None:
    """Where a message is cut is chance; each piece holds whole line ends."""
    pieces = list(crlf_ended(cut(octets, places), repair=True))

    assert b"".join(pieces) == re.sub(rb"\r\n|\r|\n", b"\r\n", octets)
    assert not any(piece.endswith(b"\r") or piece.startswith(b"\n") for piece in pieces)


@given(_octets, _places)
def test_a_lone_return_is_found_wherever_it_is_cut(octets: bytes, places: list[int]) -> None:
    """The place is that in the message, not in a piece."""
    pieces = cut(octets, places)
    if lone := re.search(rb"\r(?!\n)", octets):
        with pytest.raises(BadMessage, match=f"octet {lone.start()}:"):
            list(crlf_ended(pieces, repair=False))
    else:
        assert b"".join(crlf_ended(pieces, repair=False)) == re.sub(rb"(?<!\r)\n", b"\r\n", octets)


@given(_octets, _places)
def test_what_is_stuffed_is_what_a_server_reads(octets: bytes, places: list[int]) -> None:
    """RFC 5321, section 4.5.2: line by line, a dot that stands first is taken off; a dot alone is the end."""
    ended = list(crlf_ended(cut(octets, places), repair=True))

    # an empty piece is the end of nothing
    lines = b"".join(stuffed([given for piece in ended for given in (piece, b"")])).split(b"\r\n")

    message = b"".join(ended)
    if message and not message.endswith(b"\r\n"):
        message += b"\r\n"
    assert lines.index(b".") == len(lines) - 2
    assert lines[-1] == b""
    assert b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-2]) == message
