"""Content-Transfer-Encoding and MIME-Version."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import _folding
from mimekit.errors import BadValue
from mimekit.values.mime import MimeVersion, TransferEncoding

_PIECES = ["base64", "8bit", "x", "1", "0", ".", " ", "(", ")", "\\", '"', "'", ";", "\r\n ", "\xfc", "\0", "\r"]
bodies = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=9).map("".join), st.text(st.characters(max_codepoint=255))
)


def parse_cte(body: str) -> TransferEncoding:
    """The value of a received Content-Transfer-Encoding."""
    return TransferEncoding.parse("Content-Transfer-Encoding", body)


def parse_version(body: str) -> MimeVersion:
    """The value of a received MIME-Version."""
    return MimeVersion.parse("MIME-Version", body)


def line(value: TransferEncoding | MimeVersion) -> str:
    """The field body of *value*, folded."""
    return _folding.fold(value.name, value.encode_body()).partition(":")[2].removesuffix("\r\n")


class TestTransferEncoding:
    """The one token of Content-Transfer-Encoding."""

    @pytest.mark.parametrize(
        ("body", "cte", "text", "is_clean"),
        [
            pytest.param(" base64", "base64", "base64", True, id="usual"),
            pytest.param(" BASE64", "base64", "BASE64", True, id="case"),
            pytest.param(" base64 ", "base64", "base64", True, id="space behind"),
            pytest.param(" base64 (x)", "base64", "base64 (x)", True, id="comment"),
            pytest.param(" x-unknown", "x-unknown", "x-unknown", True, id="unknown"),
            pytest.param(" base64;", "base64", "base64", False, id="semicolon"),
            pytest.param(' "base64"', "base64", "base64", False, id="quotes"),
            pytest.param(" base64 (x", "base64", "base64", False, id="open comment"),
            pytest.param(" base64 (\xfc)", "base64", "base64", False, id="8-bit comment"),
            pytest.param("", "7bit", "7bit", False, id="empty"),
            pytest.param(" (x)", "7bit", "7bit", False, id="only a comment"),
        ],
    )
    def test_the_token_is_what_counts_wild_11(self, body: str, cte: str, text: str, is_clean: bool) -> None:
        """RFC 2045, section 6.1: one token, in any case; 7bit where there is none."""
        value = parse_cte(body)

        assert (value.cte, value) == (cte, text)
        assert [defect.code for defect in value.defects] == ([] if is_clean else ["bad-transfer-encoding-field"])

    @pytest.mark.parametrize("given_value", ["base64", " Quoted-Printable ", "x-uuencode"])
    def test_a_token_can_be_written(self, given_value: str) -> None:
        """RFC 2045, section 6.1."""
        value = TransferEncoding.compose("content-transfer-encoding", given_value)

        assert value.encode_body() == value == given_value.strip()
        assert (value.cte, value.name, value.defects) == (value.lower(), "content-transfer-encoding", ())

    @pytest.mark.parametrize(
        "given_value", ["", "a b", "base64;", "base64\r\n", "ü", "x" * 128, "x-mine", "zip", None, b"7bit"]
    )
    def test_what_is_no_token_is_refused_wild_18(self, given_value: object) -> None:
        """RFC 2045, section 6.1; a line break would forge another field. Nor is what nobody can read."""
        with pytest.raises(BadValue):
            TransferEncoding.compose("Content-Transfer-Encoding", given_value)

    @given(bodies)
    def test_what_is_read_can_be_written(self, body: str) -> None:
        """Laws 4 and 6: any body gives a value; a value of a length that mail can carry is read back equal."""
        value = parse_cte(body)

        again = TransferEncoding.compose(value.name, value)

        assert (again, again.cte) == (value, value.cte)
        assert (parse_cte(line(again)), parse_cte(line(again)).cte) == (value, value.cte)

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Values travel between processes."""
        value = parse_cte("Base64")

        for twin in (copy.copy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301
            assert (twin, twin.cte) == (value, "base64")


class TestMimeVersion:
    """The two numbers of MIME-Version."""

    @pytest.mark.parametrize(
        ("body", "version", "text"),
        [
            pytest.param(" 1.0", "1.0", "1.0", id="usual"),
            pytest.param(
                " 1.0 (produced by MetaSend Vx.x)", "1.0", "1.0 (produced by MetaSend Vx.x)", id="RFC 2045 4, 1"
            ),
            pytest.param(
                " (produced by MetaSend Vx.x) 1.0", "1.0", "(produced by MetaSend Vx.x) 1.0", id="RFC 2045 4, 2"
            ),
            pytest.param(
                " 1.(produced by MetaSend Vx.x)0", "1.0", "1.(produced by MetaSend Vx.x)0", id="RFC 2045 4, 3"
            ),
            pytest.param("\r\n 2.10", "2.10", "2.10", id="folded, another version"),
        ],
    )
    def test_comments_do_not_count(self, body: str, version: str, text: str) -> None:
        """RFC 2045, section 4, with its examples."""
        value = parse_version(body)

        assert (value.version, value, value.defects) == (version, text, ())
        assert f"{value.major}.{value.minor}" == version

    @pytest.mark.parametrize(
        ("body", "version", "text"),
        [
            pytest.param("1.0;", "1.0", "1.0", id="junk behind"),
            pytest.param("1.0 (x", "1.0", "1.0", id="open comment"),
            pytest.param("", None, "", id="empty"),
            pytest.param("one", None, "one", id="no number"),
            pytest.param("1", None, "1", id="one number"),
            pytest.param("Z\xfc\0", None, "Zü\ufffd", id="8-bit, NUL"),
            pytest.param("1.1234567890", None, "1.1234567890", id="absurd"),
        ],
    )
    def test_a_damaged_version_is_read_or_none(self, body: str, version: str | None, text: str) -> None:
        """RFC 2045, section 4: two numbers with a dot between; anything else is no version, and no error."""
        value = parse_version(body)

        assert (value.version, value) == (version, text)
        assert [defect.code for defect in value.defects] == ["bad-mime-version"]
        assert ((value.major is None), (value.minor is None)) == ((version is None), (version is None))

    def test_a_version_can_be_written(self) -> None:
        """RFC 2045, section 4."""
        value = MimeVersion.compose("mime-version", "1.0 (x)")

        assert (value.encode_body(), value.version, value.name) == ("1.0 (x)", "1.0", "mime-version")

    @pytest.mark.parametrize("given_value", ["", "1", "1.0;", "1.0\n", "\r\n 1.0", "1.0 (ü)", "ü", "\ud800", 1.0, None])
    def test_what_is_no_version_is_refused_wild_18(self, given_value: object) -> None:
        """RFC 2045, section 4; law 8: what cannot be kept is refused."""
        with pytest.raises(BadValue):
            MimeVersion.compose("MIME-Version", given_value)

    @given(bodies)
    def test_a_version_that_is_read_can_be_written(self, body: str) -> None:
        """Laws 4 and 6: any body gives a value; one with a version is read back equal."""
        value = parse_version(body)

        if value.version is not None:
            again = MimeVersion.compose(value.name, value)
            assert parse_version(line(again)) == again == value
            assert again.version == value.version

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Values travel between processes."""
        value = parse_version("1.0")

        for twin in (copy.copy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301
            assert (twin, twin.version) == (value, "1.0")
