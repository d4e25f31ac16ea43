"""The door to received mail."""

from __future__ import annotations

import email.policy
import io
from pathlib import Path
from typing import Any

import pytest

from mimekit import BadValue, MimeError, MissingFile, ParseError, parse, parse_file, policy

SOURCE = b"Subject: a\r\n\r\nb\r\n"


class TestParse:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
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


@pytest.mark.parametrize("given", [None, b"name.eml", 3])
def test_what_is_neither_path_nor_file_is_refused(given: Any) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadValue, match="expected a path or a file"):
        parse_file(given)


def test_a_policy_of_the_standard_library_is_refused() -> None:
    """It has the same names, and other options behind them."""
    given: Any = email.policy.default

    with pytest.raises(BadValue, match="found EmailPolicy"):
        parse(SOURCE, policy=given)
