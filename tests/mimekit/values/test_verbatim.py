"""mimekit.values.verbatim: what is written as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.verbatim import Verbatim, can_stand, check_verbatim, readable

SIGNATURE = (
    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail;\r\n"
    "\th=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb="
    + "AbCd" * 40
    + "\r\n\t "
    + "EfGh" * 40
    + "=="
)
printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t =?"))


class TestReadable:
    """The text of a received field."""

    @pytest.mark.parametrize(
        ("body", "expected", "codes"),
        [
            pytest.param(" a  b\t", "a  b", [], id="usual: one line"),
            pytest.param(" a\r\n b\n\tc", "a b\tc", [], id="usual: folded"),
            pytest.param(" =?utf-8?q?a?=", "=?utf-8?q?a?=", [], id="usual: an encoded word"),
            pytest.param(" \xc3\xa9", "é", ["8bit-in-header"], id="odd: UTF-8"),
            pytest.param(" \xe9", "é", ["8bit-in-header"], id="odd: windows-1252"),
            pytest.param(" a\0b\rc\nd", "a\ufffdb\ufffdc\ufffdd", ["control-in-value"], id="hostile: controls"),
        ],
    )
    def test_a_body_is_unfolded_and_nothing_else(self, body: str, expected: str, codes: list[str]) -> None:
        """RFC 6376, section 3.5: what was signed must be found again."""
        text, defects = readable(body)

        assert text == expected
        assert [defect.code for defect in defects] == codes


class TestVerbatim:
    """Signatures and results of checking them."""

    def test_a_signature_is_composed_as_it_was_read_wild_02(self) -> None:
        """DKIM and ARC fields are never re-encoded (RFC 6376, section 3.5)."""
        read = Verbatim.parse("DKIM-Signature", f" {SIGNATURE}")
        composed = Verbatim.compose("DKIM-Signature", read)

        assert read == composed == composed.encode_body() == SIGNATURE.replace("\r\n", "")

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(b"v=1", id="usual: octets"),
            pytest.param("v=1\r\nBcc: x@example.org", id="hostile: another field"),
            pytest.param("v=1\n d=x", id="hostile: folded already"),
            pytest.param("v=\0", id="hostile: NUL"),
            pytest.param("v=\x7f", id="hostile: a control"),
            pytest.param("v=\ud800", id="hostile: half a character"),
            pytest.param("b=" + "x" * 995, id="hostile: no line holds it"),
            pytest.param("b=" + "é" * 498, id="hostile: no line holds its octets"),
        ],
    )
    def test_what_cannot_stand_is_refused_wild_18(self, value: object) -> None:
        """RFC 5322, sections 2.1.1 and 2.2."""
        with pytest.raises(BadValue):
            Verbatim.compose("DKIM-Signature", value)

    def test_other_than_ascii_needs_utf8(self) -> None:
        """RFC 6532, section 3."""
        value = Verbatim.compose("Authentication-Results", "mx; é")

        assert value.encode_body(utf8=True) == "mx; é"
        with pytest.raises(BadValue, match="SMTPUTF8"):
            value.encode_body()

    @given(printable)
    def test_what_is_written_is_read_back(self, text: str) -> None:
        """DESIGN, law 6."""
        composed = Verbatim.compose("ARC-Seal", text)
        octets = fold("ARC-Seal", composed.encode_body(utf8=True)).encode().decode("latin-1")
        read = Verbatim.parse("ARC-Seal", octets.partition(":")[2])

        assert read == composed == text.strip(" \t")


def test_checking_and_asking_agree() -> None:
    """A text can stand if nothing refuses it."""
    assert can_stand("a" * 996, utf8=False)
    assert not can_stand("a" * 997, utf8=False)
    assert not can_stand("é", utf8=False)
    assert can_stand("é", utf8=True)
    assert not can_stand("\x1b", utf8=True)
    check_verbatim("a" * 996)
