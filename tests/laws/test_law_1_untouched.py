"""Law 1: untouched means untouched. ``bytes(parse(b)) == b`` for every byte string."""

from __future__ import annotations

import io
from tempfile import TemporaryFile

import pytest
from hypothesis import given

import mimekit
from tests import strategies
from tests.laws import real

#: One octet more or less is enough to find out: ends, damage, and what a tidy writer would put right.
_ODD = {
    "nothing": b"",
    "line end alone": b"\r\n",
    "no header": b"\n\nbody",
    "no body": b"Subject: x",
    "no empty line": b"Subject: x\nbody",
    "header spacing": b"Subject:x\nTo:   y  \nX :z\nX-Empty:\nX-Empty: \n\n",
    "mixed line ends": b"A: b\r\nC: d\ne: f\r\n g\n\n\r\nx\ry\n",
    "8-bit header": b"Subject: caf\xe9 \xc3\xa9\n\n",
    "byte order mark": b"\xef\xbb\xbfSubject: x\n\n",
    "only a close delimiter": b"Content-Type: multipart/mixed; boundary=b\n\n--b--",
    "padding": b"Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nx\n--b-- \n",
    "empty lines between delimiters": b"Content-Type: multipart/mixed; boundary=b\n\n\n\n--b\n\n--b\n\n\n\n--b--\n\n\n",
    "line ends converted twice": b"Subject: x\r\r\nTo: a@b.c\r\r\n\r\r\nbody\r\r\n",
    "NUL": b"Subject: \0\n\n\0",
    "stray line": b"From me Mon\nSubject: x\nnonsense\nTo: a@b.c\n\n",
    "a line of 2,000 octets": b"X: " + b"x" * 2_000 + b"\n\n" + b"y" * 2_000,
}


@pytest.mark.parametrize("octets", _ODD.values(), ids=_ODD)
def test_odd_mail_is_written_back(octets: bytes) -> None:
    """``bytes(parse(b)) == b`` for every byte string `b`: any line endings, any damage."""
    assert bytes(mimekit.parse(octets)) == octets


@given(strategies.anything())
def test_every_byte_string_is_written_back(octets: bytes) -> None:
    """``bytes(parse(b)) == b`` for every byte string `b`."""
    assert bytes(mimekit.parse(octets)) == octets


@given(strategies.anything())
def test_every_door_and_every_way_of_writing_give_the_same_octets(octets: bytes) -> None:
    """Untouched means untouched, whatever it is parsed from and however it is written."""
    doors = (bytearray(octets), memoryview(octets), octets.decode("utf-8", "surrogateescape"))
    file = io.BytesIO()

    mimekit.parse_file(io.BytesIO(octets)).write_to(file)

    assert file.getvalue() == octets
    assert [mimekit.parse(source).as_bytes() for source in doors] == [octets] * len(doors)
    assert b"".join(mimekit.parse(octets).iter_bytes()) == octets


@given(strategies.anything())
def test_every_part_is_its_own_span_of_the_source(octets: bytes) -> None:
    """A part is offsets into the source, and so is each of its fields."""
    message = mimekit.parse(octets)

    for part in message.walk():
        assert part.span is not None
        assert bytes(part) == part.source
        for field in part.headers:
            assert field.span is not None
            assert field.raw == part._whole.source.data[slice(*field.span)]  # type: ignore[union-attr]  # it was parsed


@given(strategies.sources())
def test_what_is_in_a_source_is_found_in_it(source: strategies.Source) -> None:
    """RFC 2046, section 5.1.1: the parts are what stands between the delimiters, and no octet else."""
    message = mimekit.parse(source.octets)

    found = [
        strategies.Leaf(
            part.get_content_type(),
            tuple(field.raw or b"" for field in part.headers),
            None if part.is_multipart() else part._body.octets,  # type: ignore[union-attr]  # it was parsed
        )
        for part in message.walk()
    ]

    assert tuple(found) == source.entities


@given(strategies.anything())
def test_a_mapped_file_is_the_same_message(octets: bytes) -> None:
    """Whether a file is read or mapped makes no difference to what is found in it, and written."""
    _same_mapped(octets)


@pytest.mark.corpus
@real.every_batch
def test_real_messages_are_the_same_mapped(batch: real.Batch) -> None:
    """The same defects, structure and octets for every real message."""
    real.hold(batch, _same_mapped)


def _same_mapped(octets: bytes) -> None:
    with TemporaryFile() as file:
        file.write(octets)
        file.seek(0)
        mapped, read = mimekit.parse_file(file, mmap=True), mimekit.parse(octets)

        assert mapped.all_defects() == read.all_defects()
        for one, other in zip(mapped.walk(), read.walk(), strict=True):
            assert (one.span, one.items(), one.octets, one.source) == (
                other.span,
                other.items(),
                other.octets,
                other.source,
            )
        assert bytes(mapped) == b"".join(mapped.iter_bytes()) == octets
        mapped["X-New"] = read["X-New"] = "x"
        assert bytes(mapped) == bytes(read)


@pytest.mark.corpus
@real.every_batch
def test_real_messages_are_written_back(batch: real.Batch) -> None:
    """``bytes(parse(b)) == b`` for every real message."""

    def law(octets: bytes) -> None:
        assert bytes(mimekit.parse(octets)) == octets

    real.hold(batch, law)
