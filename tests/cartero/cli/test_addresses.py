"""Addresses that are said on a command line or stand in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartero import BadAddress, BadEnvelope
from cartero.cli._addresses import addresses, given_sender, read_recipients, recipients
from cartero.cli._exits import NoInputError, UsageError
from cartero.cli._parser import parse_options
from mimekit import BadValue, parse


def test_each_may_be_several_with_their_names() -> None:
    """As in a field."""
    found = addresses("To", ["Ana <ana@x.org>, b@x.org", "c@x.org"])

    assert [str(one) for one in found] == ["Ana <ana@x.org>", "b@x.org", "c@x.org"]


def test_one_that_is_none_is_refused() -> None:
    """It was meant for somebody."""
    with pytest.raises(BadValue, match="To: expected at least one address"):
        addresses("To", ["a@x.org", ""])
    with pytest.raises(BadEnvelope, match="Bcc: expected an address, found ''"):
        addresses("Bcc", [""])


class TestFile:
    """A file of recipients."""

    def test_it_has_one_on_each_line(self, tmp_path: Path) -> None:
        """Empty lines and comments are none."""
        file = tmp_path / "list"
        file.write_bytes("\ufeffa@x.org\r\n\n# old ones\n  Grün <b@x.org>\n".encode())

        found = recipients(parse_options(["--recipients", str(file), "c@x.org"]))

        assert [str(one) for one in found] == ["c@x.org", "a@x.org", "Grün <b@x.org>"]

    def test_one_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        """With the reason."""
        with pytest.raises(NoInputError, match=r"cannot read .*none: No such file"):
            recipients(parse_options(["--recipients", str(tmp_path / "none")]))

    def test_one_that_is_no_text_is_refused(self, tmp_path: Path) -> None:
        """Nothing is guessed."""
        (tmp_path / "list").write_bytes(b"\xff@x.org")

        with pytest.raises(UsageError, match="expected text in UTF-8"):
            recipients(parse_options(["--recipients", str(tmp_path / "list")]))


class TestRead:
    """Those a message names."""

    def test_it_may_name_nobody_where_others_are_named(self) -> None:
        """On the command line."""
        assert read_recipients(parse(b"From: a@x.org\n\n"), required=False) == ()
        with pytest.raises(BadEnvelope):
            read_recipients(parse(b"From: a@x.org\n\n"), required=True)

    def test_what_is_no_address_is_refused_all_the_same(self) -> None:
        """Somebody would get no mail, and nobody would know."""
        with pytest.raises(BadAddress):
            read_recipients(parse(b"From: a@x.org\nTo: x y\n\n"), required=False)


def test_the_null_sender_is_none() -> None:
    """And so is no -f."""
    assert given_sender(parse_options(["-f", "<>"])) is None
    assert given_sender(parse_options([])) is None
