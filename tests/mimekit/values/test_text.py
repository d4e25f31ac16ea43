"""Unstructured fields come out as readable text, and go in so that they come out the same."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue, Defect
from mimekit.values.text import Text

characters = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
awkward = st.sampled_from([
    "=?utf-8?q?x?=", "=?utf-8?q?", "=?", "?=", " ", "  ", "\t", " " * 90, "é", "e\u0301", "\N{GRINNING FACE}", "日本",
    "\x01", "\x1b", "\x1c", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff", "x" * 70, "y" * 998, '"', ",", "<", "\\",
])  # fmt: skip
texts = st.text(characters) | st.lists(awkward | st.text(characters, max_size=5)).map("".join)


def _sent(name: str, text: str, *, utf8: bool = False) -> Text:
    """*text* as it is read by whoever gets it."""
    body = Text.compose(name, text).encode_body(utf8=utf8, offset=len(name) + 2)
    field = fold(name, body).encode()
    return Text.parse(name, field.partition(b":")[2].decode("latin-1"))


class TestReading:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            pytest.param("", "", id="usual-empty"),
            pytest.param(" Hello\r\n", "Hello", id="usual-plain"),
            pytest.param("  Hello\t you ", "Hello\t you", id="usual-space-inside"),
            pytest.param(" Hello\r\n you\r\n", "Hello you", id="usual-folded"),
            pytest.param(" =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_aus?= Rom", "Grüße aus Rom", id="usual-encoded"),
            pytest.param(" a =? b", "a =? b", id="odd-mark-alone"),
            pytest.param("\x1c", "\x1c", id="odd-control"),
        ],
    )
    def test_a_sound_field_is_its_text(self, body: str, text: str) -> None:
        """RFC 5322, section 2.2.1: an unstructured body is text, after unfolding, and nothing else."""
        value = Text.parse("Subject", body)

        assert (value, value.defects, value.name) == (text, (), "Subject")

    @pytest.mark.parametrize(
        ("octets", "text"),
        [
            pytest.param("Grüße".encode(), "Grüße", id="utf-8"),
            pytest.param("Grüße – 5 €".encode("cp1252"), "Grüße – 5 €", id="windows-1252"),
            pytest.param("日本 =?utf-8?q?=C3=A9?=".encode(), "日本 é", id="beside-an-encoded-word"),
            pytest.param(b"\xc2\x85a\xc2\xa0", "\x85a\xa0", id="space-of-other-kinds-stays"),
            pytest.param(b"\x81\xff", "\x81ÿ", id="octets-nobody-defined"),
        ],
    )
    def test_raw_8bit_is_readable_wild_08(self, octets: bytes, text: str) -> None:
        """Raw UTF-8 or windows-1252 in any header: readable text, and a defect."""
        value = Text.parse("Subject", f" {octets.decode('latin-1')}\r\n")

        assert (value, value.defects) == (text, (Defect("8bit-in-header"),))

    def test_8bit_inside_an_encoded_word_is_readable_wild_08(self) -> None:
        """Both defects are noted."""
        value = Text.parse("Subject", " =?iso-8859-1?q?caf\xe9_=E9?=")

        assert value == "café é"
        assert [defect.code for defect in value.defects] == ["8bit-in-header", "bad-encoded-word"]

    @pytest.mark.parametrize("body", ["a\rb", "a\nb", "a\0b", "=?utf-8?q?a=0Ab?=", "=?utf-8?b?YQ1i?="], ids=repr)
    def test_no_value_holds_a_line_end_or_nul(self, body: str) -> None:
        """What is read can always be written."""
        value = Text.parse("Subject", body)

        assert (value, value.defects) == ("a\ufffdb", (Defect("control-in-value"),))

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            pytest.param(" =?utf-8?b?4oI=?=\r\n =?utf-8?b?rA==?=", "€", id="a-character-in-two"),
            pytest.param(" =?UTF-8?Q?a?==?utf-8?q?b?=", "ab", id="no-space"),
            pytest.param(" =?utf-8?q?folded\r\n inside?=", "folded inside", id="folded-inside-q"),
            pytest.param(" =?utf-8?b?Zm9s\r\n ZGVk?=", "folded", id="folded-inside-b"),
            pytest.param(' "=?utf-8?q?quoted?="', '"quoted"', id="in-quotes"),
            pytest.param(" =?x-unknown?q?=E9?=", "é", id="unknown-charset"),
        ],
    )
    def test_encoded_words_as_they_come_are_read_wild_13(self, body: str, text: str) -> None:
        """A character split over two words, no space between, bad length, unknown charset: text."""
        assert Text.parse("Subject", body) == text

    @given(st.binary())
    def test_any_octets_have_a_text_that_can_be_written(self, octets: bytes) -> None:
        """Bad mail is never an exception, and what is read is never refused."""
        value = Text.parse("X-Any", octets.decode("latin-1"))

        assert _sent("X-Any", value) == value


class TestWriting:
    @pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nBcc: b", "a\0b", "a\ud800b"], ids=repr)
    def test_line_ends_and_nul_are_refused_wild_18(self, text: str) -> None:
        """CR, LF, NUL in a value: refused when set; the error says where."""
        with pytest.raises(BadValue, match=r" at 1 cannot stand in a value"):
            Text.compose("Subject", text)

    @pytest.mark.parametrize("value", [None, 1, b"bytes", ["list"]], ids=repr)
    def test_only_text_is_text(self, value: object) -> None:
        """A wrong type is told, not turned into text."""
        with pytest.raises(BadValue, match=f"expected a str, found {type(value).__name__}"):
            Text.compose("Subject", value)

    def test_a_value_that_was_read_can_be_set(self) -> None:
        """Composed again it is equal, and what was wrong is gone."""
        value = Text.parse("Subject", " caf\xe9")

        again = Text.compose("Comments", value)

        assert (again, again.name, again.defects) == ("café", "Comments", ())

    def test_long_ascii_is_never_encoded_wild_03(self) -> None:
        """Any token of ASCII is folded at white space only, left long up to 998."""
        text = f"see {'x' * 900} and {'y' * 200}"

        assert Text.compose("Subject", text).encode_body(offset=9) == text

    @pytest.mark.parametrize("utf8", [False, True], ids=["ascii", "utf8"])
    @given(texts)
    @example("")
    @example(" ")
    @example(" leading, trailing ")
    @example("x" * 999)
    @example("a" + " " * 2000 + "b")
    @example("\ufeff\ufeff")
    @example("=?utf-8?q?x?= =?utf-8?q?y?=")
    @example("\N{FAMILY}\u200d\N{GRINNING FACE}" * 300)
    @example("e\u0301" * 500)
    def test_text_sent_is_text_received_wild_17(self, utf8: bool, text: str) -> None:
        """Law 6: what you compose comes back, never gaining or losing a space."""
        value = _sent("Subject", text, utf8=utf8)

        assert value == text
        assert {defect.code for defect in value.defects} <= ({"8bit-in-header"} if utf8 else set())

    @given(texts, st.sampled_from(["Subject", "X-Tag", "N" * 70]))
    def test_every_line_is_valid(self, text: str, name: str) -> None:
        """RFC 5322, section 2.1.1; RFC 2047, sections 2 and 5: ASCII, no controls, 998, 76 with an encoded word."""
        field = fold(name, Text.compose(name, text).encode_body(offset=len(name) + 2))

        for line in field.removesuffix("\r\n").split("\r\n"):
            assert line.isascii()
            assert line.replace("\t", " ").isprintable()
            assert line.strip(" \t")
            assert len(line) <= (76 if "=?utf-8?" in line else 998)

    @given(texts)
    def test_lines_are_78_where_white_space_allows(self, text: str) -> None:
        """RFC 5322, section 2.1.1: each line should be no more than 78 characters."""
        field = fold("Subject", Text.compose("Subject", text).encode_body(offset=9))

        for line in field.removeprefix("Subject:").removesuffix("\r\n").split("\r\n"):
            assert len(line) <= 78 or len(line.split()) == 1


class TestTheValue:
    def test_it_is_a_str(self) -> None:
        """A value equals every str of the same text."""
        value = Text.parse("Subject", " Hello")

        assert isinstance(value, str)
        assert hash(value) == hash("Hello")

    def test_it_can_be_copied(self) -> None:
        """Values go through pickle and copy as any str does."""
        value = Text.parse("Subject", " caf\xe9")

        for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301 - our own pickle
            assert (twin, twin.name, twin.defects) == (value, value.name, value.defects)
