"""The door to received mail."""

from __future__ import annotations

import array
import copy
import email.policy
import functools
import gzip
import io
import os
import pickle
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from mimekit import BadValue, MimeError, MissingFile, ParseError, parse, parse_file, policy
from mimekit._mapped import Mapped
from tests.laws import work
from tests.trees import leaf, multipart

SOURCE = b"Subject: a\r\n\r\nb\r\n"


class TestParse:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, functools.partial(array.array, "B")])
    def test_whatever_holds_octets_is_read(self, kind: Any) -> None:
        """``parse(source)``: bytes-like, or str."""
        assert bytes(parse(kind(SOURCE))) == SOURCE

    def test_a_bytearray_may_change_afterwards(self) -> None:
        """A message is not changed from outside."""
        source = bytearray(SOURCE)
        message = parse(source)

        source[:] = b"Subject: forged\n\n"

        assert bytes(message) == SOURCE

    def test_text_is_taken_as_utf_8(self) -> None:
        """A `str` stands for its UTF-8 octets, and what surrogateescape made of others for these."""
        assert bytes(parse("Subject: ü\n\n\udcff")) == b"Subject: \xc3\xbc\n\n\xff"

    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(None, id="nothing"),
            pytest.param(3, id="a number"),
            pytest.param("\ud800", id="half a character"),
        ],
    )
    def test_what_is_no_mail_is_refused(self, source: Any) -> None:
        """A caller's mistake raises."""
        with pytest.raises(BadValue):
            parse(source)

    def test_strict_raises_the_first_defect(self) -> None:
        """``strict=True`` raises the first defect."""
        with pytest.raises(ParseError) as caught:
            parse(b"Subject: a\nnonsense\nTo: b@c.d\n\n", policy=policy.default.replace(strict=True))

        assert (caught.value.defect.code, caught.value.defect.offset) == ("stray-line", 11)
        assert "RFC 5322, section 2.2" in str(caught.value)
        assert isinstance(caught.value, ValueError)

    def test_strict_is_content_with_good_mail(self) -> None:
        """Mail without defects is read as ever."""
        assert parse(SOURCE, policy=policy.default.replace(strict=True))["subject"] == "a"


class TestParseFile:
    def test_a_path_is_read(self, tmp_path: Path) -> None:
        """``parse_file(path_or_file)``."""
        path = tmp_path / "a.eml"
        path.write_bytes(SOURCE)

        assert bytes(parse_file(path)) == bytes(parse_file(str(path))) == SOURCE

    def test_an_open_file_is_read(self) -> None:
        """A binary file gives its octets."""
        assert bytes(parse_file(io.BytesIO(SOURCE))) == SOURCE

    def test_a_text_file_is_refused(self) -> None:
        """Decoded text has lost what mail is made of."""
        file: Any = io.StringIO("Subject: a\n\n")

        with pytest.raises(BadValue, match="'rb'"):
            parse_file(file)

    def test_a_path_that_leads_nowhere_is_an_error(self, tmp_path: Path) -> None:
        """MissingFile is a FileNotFoundError, and names the path."""
        with pytest.raises(MissingFile) as caught:
            parse_file(tmp_path / "none.eml")

        assert isinstance(caught.value, FileNotFoundError)
        assert isinstance(caught.value, MimeError)
        assert caught.value.filename == str(tmp_path / "none.eml")

    def test_a_path_through_a_file_is_one_that_leads_nowhere(self, tmp_path: Path) -> None:
        """Nothing can be there."""
        (tmp_path / "a.eml").write_bytes(SOURCE)

        with pytest.raises(MissingFile):
            parse_file(tmp_path / "a.eml" / "b.eml")

    def test_what_no_path_can_be_is_refused(self) -> None:
        """No system has a NUL in a name."""
        with pytest.raises(BadValue, match="no path"):
            parse_file("a\0b")


class TestMapped:
    """``parse_file(mmap=True)``: the file is mapped, not read."""

    @pytest.mark.parametrize("octets", [SOURCE, b"", b"x"], ids=["mail", "nothing", "a line"])
    def test_a_path_and_an_open_file_are_mapped(self, tmp_path: Path, octets: bytes) -> None:
        """What comes of it is the same."""
        path = tmp_path / "a.eml"
        path.write_bytes(octets)

        with path.open("rb") as file, path.open("rb", buffering=0) as unbuffered:
            messages = [parse_file(given, mmap=True) for given in (path, str(path), file, unbuffered)]

        assert [bytes(message) for message in messages] == [octets] * 4
        assert all(isinstance(message._whole.source.data, Mapped) is bool(octets) for message in messages)  # type: ignore[union-attr]  # it was parsed

    def test_a_temporary_file_is_mapped(self) -> None:
        """A wrapper around a plain file is one."""
        with NamedTemporaryFile() as file:
            file.write(SOURCE)
            file.seek(0)

            assert bytes(parse_file(file, mmap=True)) == SOURCE

    def test_copies_and_edits_work(self, tmp_path: Path) -> None:
        """A pickle holds the octets; the file may be gone then."""
        path = tmp_path / "a.eml"
        path.write_bytes(SOURCE)
        message = parse_file(path, mmap=True)

        twins = [copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))]  # noqa: S301 -- our own
        twins[0]["To"] = "b@example.org"
        message.add_attachment(copy.copy(message))

        assert bytes(twins[0]) == b"Subject: a\r\nTo: b@example.org\r\n\r\nb\r\n"
        assert bytes(twins[1]) == bytes(twins[2]) == SOURCE
        assert parse(bytes(message)).parts[1].octets == SOURCE

    def test_strict_raises_the_first_defect(self, tmp_path: Path) -> None:
        """As when it is read."""
        path = tmp_path / "a.eml"
        path.write_bytes(b"nonsense")

        with pytest.raises(ParseError):
            parse_file(path, mmap=True, policy=policy.default.replace(strict=True))

    def test_a_missing_file_is_missed(self, tmp_path: Path) -> None:
        """As when it is read."""
        with pytest.raises(MissingFile):
            parse_file(tmp_path / "none.eml", mmap=True)

    @pytest.mark.parametrize("given", [None, 3, io.BytesIO(SOURCE), io.StringIO("A: b")])
    def test_what_is_no_plain_file_is_refused(self, given: Any) -> None:
        """Without ``mmap=True`` it could be read."""
        with pytest.raises(BadValue, match="only a file on disk"):
            parse_file(given, mmap=True)

    def test_what_is_unpacked_while_it_is_read_is_refused(self, tmp_path: Path) -> None:
        """It has a file number, of what is packed."""
        path = tmp_path / "a.eml.gz"
        path.write_bytes(gzip.compress(SOURCE))

        with gzip.open(path) as packed:
            file: Any = packed
            with pytest.raises(BadValue, match="GzipFile"):
                parse_file(file, mmap=True)
            assert bytes(parse_file(file)) == SOURCE

    def test_a_pipe_is_refused(self) -> None:
        """It has no octets to map."""
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as file, os.fdopen(writer, "wb"), pytest.raises(BadValue, match="pipe"):
            parse_file(file, mmap=True)

    def test_the_rest_of_a_file_is_refused(self, tmp_path: Path) -> None:
        """Read, it would be the message; mapped, the message would be more."""
        path = tmp_path / "a.eml"
        path.write_bytes(SOURCE)

        with path.open("rb") as file:
            file.read(5)
            with pytest.raises(BadValue, match="stands at 5"):
                parse_file(file, mmap=True)

    def test_writing_takes_a_piece_at_a_time(self, tmp_path: Path) -> None:
        """A large message, and what is attached to it, go through without being held."""
        path = tmp_path / "a.eml"
        path.write_bytes(multipart("mixed", leaf("text/plain"), leaf("image/png", ("x" * 75 + "\n") * 200_000)))
        message = parse_file(path, mmap=True)
        message.parts[0]["Subject"] = "x"

        with open(os.devnull, "wb") as nowhere, work.peak_memory() as memory:  # noqa: PTH123 -- as people do
            message.write_to(nowhere)
            parse_file(path, mmap=True).write_to(nowhere)

        assert memory.peak < 5_000_000


@pytest.mark.parametrize("given", [None, b"name.eml", 3])
def test_what_is_neither_path_nor_file_is_refused(given: Any) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadValue, match="expected a path or a file"):
        parse_file(given)


@pytest.mark.parametrize("given", [Path("name.eml"), io.BytesIO(b"")], ids=["a path", "a file"])
def test_what_is_to_be_read_first_is_refused(given: Any) -> None:
    """The error names the call that reads it."""
    with pytest.raises(BadValue, match=r"found .*; parse_file\(\) reads a file"):
        parse(given)


def test_a_policy_of_the_standard_library_is_refused() -> None:
    """It has the same names, and other options behind them."""
    given: Any = email.policy.default

    with pytest.raises(BadValue, match="found EmailPolicy"):
        parse(SOURCE, policy=given)
