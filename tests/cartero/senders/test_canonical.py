"""The forms that a signature is made over, by the examples of the standards and beside dkimpy."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadMessage
from cartero.senders._canonical import RelaxedBody, fields, on_the_wire, relaxed_field, split

bodies = st.lists(st.sampled_from([b"a", b" ", b"\t", b"  ", b"\r\n", b"\r\n\r\n", b".", b"\xff"])).map(b"".join)


def digest(*pieces: bytes) -> bytes:
    """That of a body which comes in *pieces*."""
    body = RelaxedBody()
    for piece in pieces:
        body.update(piece)
    return body.digest()


class TestOnTheWire:
    @pytest.mark.parametrize(
        ("chunks", "written"),
        [
            pytest.param([b"a\r\nb\r\n"], b"a\r\nb\r\n", id="usual-crlf"),
            pytest.param([b"a\nb\n"], b"a\r\nb\r\n", id="usual-lf"),
            pytest.param([b"a\r\nb\n\n"], b"a\r\nb\r\n\r\n", id="odd-mixed"),
            pytest.param([b"a\r", b"\nb\r", b"", b"\n"], b"a\r\nb\r\n", id="odd-cut-in-two"),
            pytest.param([b"a\r\n", b"\n"], b"a\r\n\r\n", id="odd-lf-behind-a-cut"),
            pytest.param([], b"", id="odd-nothing"),
        ],
    )
    def test_every_line_end_is_crlf(self, chunks: list[bytes], written: bytes) -> None:
        """RFC 5321, section 2.3.8: lines end in CRLF and in nothing else."""
        pieces = list(on_the_wire(chunks))

        assert b"".join(pieces) == written
        assert not any(piece.endswith(b"\r") for piece in pieces)

    @pytest.mark.parametrize(
        ("chunks", "place"),
        [
            pytest.param([b"ab\rc"], 2, id="odd-inside"),
            pytest.param([b"a\r\n", b"b\r", b"c"], 4, id="odd-at-a-cut"),
            pytest.param([b"a\r\n\r"], 3, id="odd-at-the-end"),
            pytest.param([b"\r", b"\r\n"], 0, id="hostile-twice"),
        ],
    )
    def test_a_cr_alone_is_refused(self, chunks: list[bytes], place: int) -> None:
        """It would be taken for a line end by some, and a signature over the others' mail would not hold."""
        with pytest.raises(BadMessage, match=rf"a CR alone, as at octet {place} of"):
            list(on_the_wire(chunks))


class TestSplit:
    @pytest.mark.parametrize(
        ("octets", "head"),
        [
            pytest.param(b"A: b\r\n\r\nc\r\n", b"A: b\r\n\r\n", id="usual"),
            pytest.param(b"A: b\r\n\r\n\r\n\r\n", b"A: b\r\n\r\n", id="odd-empty-lines"),
            pytest.param(b"A: b\r\n", b"A: b\r\n", id="odd-no-empty-line"),
            pytest.param(b"\r\nc\r\n", b"\r\n", id="odd-no-fields"),
            pytest.param(b"", b"", id="odd-nothing"),
        ],
    )
    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_the_header_ends_at_the_first_empty_line(self, octets: bytes, head: bytes, size: int) -> None:
        """RFC 5322, section 2.1; wherever the octets are cut."""
        chunks = list(on_the_wire(octets[start : start + size] for start in range(0, len(octets), size)))

        found, body = split(iter(chunks))

        assert (found, found + b"".join(body)) == (head, octets)


class TestFields:
    def test_they_are_found_by_name_the_last_one_first(self) -> None:
        """RFC 6376, section 5.4.2: of several fields of a name the last is signed first."""
        found = fields(b"To: a\r\nSUBJECT: one\r\n two\r\nto : b\r\n\r\n")

        assert found == {b"to": [b"to:b\r\n", b"to:a\r\n"], b"subject": [b"subject:one two\r\n"]}

    @pytest.mark.parametrize("head", [b"", b"\r\n"])
    def test_there_may_be_none(self, head: bytes) -> None:
        """A message without a header is one."""
        assert fields(head) == {}

    @pytest.mark.parametrize(
        "head",
        [
            pytest.param(b"From ana@x.org Mon\r\nTo: a\r\n\r\n", id="usual-mbox"),
            pytest.param(b"A: b\r\nno field\r\n\r\n", id="odd-no-colon"),
            pytest.param(b" A: b\r\n\r\n", id="odd-folded-first"),
            pytest.param(b"A: b\r\n\xffC: d\r\n\r\n", id="hostile-8-bit-name"),
        ],
    )
    def test_a_line_that_is_no_field_is_refused(self, head: bytes) -> None:
        """Some end the header there, so that what is body is not the same for all."""
        with pytest.raises(BadMessage, match="expected a header field, found a line over which"):
            fields(head)

    @pytest.mark.parametrize(
        ("name", "body", "line"),
        [
            pytest.param(b"a", b" X", b"a:X\r\n", id="usual-rfc-a"),
            pytest.param(b"b", b" Y\t\r\n\tZ  ", b"b:Y Z\r\n", id="usual-rfc-b"),
            pytest.param(b"c", b"\r\n x", b"c:x\r\n", id="odd-folded-at-once"),
            pytest.param(b"d", b" \t ", b"d:\r\n", id="odd-empty"),
        ],
    )
    def test_a_field_is_relaxed(self, name: bytes, body: bytes, line: bytes) -> None:
        """RFC 6376, section 3.4.5, has the first two."""
        assert relaxed_field(name, body) == line


class TestRelaxedBody:
    def test_the_example_of_rfc_6376(self) -> None:
        """Section 3.4.5."""
        assert digest(b" C \r\nD \t E\r\n\r\n\r\n") == hashlib.sha256(b" C\r\nD E\r\n").digest()

    def test_the_example_of_rfc_8463(self) -> None:
        """Appendix A.3."""
        body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"

        assert b64encode(digest(body)) == b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="

    @pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n", b" ", b" \t\r\n \r\n", b"\t"])
    def test_a_body_of_white_space_is_empty(self, body: bytes) -> None:
        """RFC 6376, section 3.4.4: an empty body is hashed as nothing."""
        assert digest(body) == hashlib.sha256(b"").digest()

    @pytest.mark.parametrize(
        "body",
        [pytest.param(b"a", id="usual"), pytest.param(b"a ", id="odd-space"), pytest.param(b"a\r\n ", id="odd-line")],
    )
    def test_a_line_end_that_is_missing_is_added(self, body: bytes) -> None:
        """RFC 6376, section 3.4.4: and SMTP adds one, behind white space that then counts for nothing."""
        assert digest(body) == hashlib.sha256(b"a\r\n").digest()

    def test_asking_twice_changes_nothing(self) -> None:
        """A digest is a question."""
        body = RelaxedBody()
        body.update(b"a\r\n")

        assert body.digest() == body.digest()

    def test_a_long_run_of_white_space_is_one_space(self) -> None:
        """Whatever its length."""
        assert digest(b"a", *[b" \t" * 5_000] * 3, b"b\r\n") == hashlib.sha256(b"a b\r\n").digest()


@given(bodies)
def test_a_body_is_relaxed_as_dkimpy_does(body: bytes) -> None:
    """Of a body that ends in a line end, as every one does on the wire."""
    assert digest(body + b"\r\n") == hashlib.sha256(Relaxed.canonicalize_body(body + b"\r\n")).digest()


@given(bodies, st.integers(1, 5))
def test_it_makes_no_difference_how_a_body_is_cut(body: bytes, size: int) -> None:
    """A message of any size is hashed in pieces."""
    pieces = on_the_wire(body[start : start + size] for start in range(0, len(body), size))

    assert digest(*pieces) == digest(body)
