"""Plain text as it is quoted: a mark before every line, format=flowed unfolded, the signature cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._quoted import quote, unfold_flowed, without_signature
from tests import strategies


class TestQuote:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("a", "> a", id="a line"),
            pytest.param("a\nb\n", "> a\n> b", id="lines"),
            pytest.param("a\n\nb", "> a\n>\n> b", id="a blank line"),
            pytest.param("> a\n>> b", ">> a\n>>> b", id="quoted already"),
            pytest.param(">a", ">>a", id="quoted without a space"),
            pytest.param(" a\n\tb", ">  a\n> \tb", id="indented"),
            # odd
            pytest.param("", "", id="nothing"),
            pytest.param("\n\n", "", id="blank lines alone"),
            pytest.param("a\n \n>\n> \n", "> a", id="blank lines at the end"),
            pytest.param(" >a", ">  >a", id="a mark behind a space"),
            # hostile
            pytest.param("a\r\nb\rc", "> a\n> b\n> c", id="every line end"),
            pytest.param("a\x0bb\u2028c\x85d", "> a\x0bb\u2028c\x85d", id="what ends no line"),
        ],
    )
    def test_every_line_has_a_mark(self, text: str, expected: str) -> None:
        """RFC 3676, section 4.5: a line is quoted by one more ">", and no space between two of them."""
        assert quote(text) == expected

    @given(strategies.bodies())
    def test_no_line_goes_without_a_mark(self, text: str) -> None:
        """What somebody else wrote cannot look like what is written above it."""
        assert all(line.startswith(">") for line in quote(text).split("\n") if quote(text))


class TestFlowed:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("a \nb \nc\nd", "a b c\nd", id="a paragraph"),
            pytest.param("a\nb", "a\nb", id="fixed lines"),
            pytest.param("> a \n> b\n>> c \n>> d\ne", "> a b\n>> c d\ne", id="quoted paragraphs"),
            pytest.param(">\n> a", ">\n> a", id="a quoted blank line"),
            pytest.param(" From me \n a", "From me a", id="stuffed"),
            pytest.param("  a", " a", id="stuffed and indented"),
            pytest.param("a\n\nb\n", "a\n\nb\n", id="blank lines"),
            pytest.param("a \n-- \nAda \nL.", "a \n-- \nAda L.", id="a signature ends a paragraph, and is none"),
            pytest.param("> a\n> -- \n> Ada", "> a\n> -- \n> Ada", id="a quoted signature"),
            # odd
            pytest.param("> a \nb", "> a \nb", id="another depth ends a paragraph"),
            pytest.param("a \n> b", "a \n> b", id="another depth ends a paragraph, the other way"),
            pytest.param("a \n", "a ", id="a paragraph that nothing follows"),
            pytest.param("a ", "a ", id="a paragraph that the end cuts short"),
            pytest.param(" >a", " >a", id="a stuffed mark is no mark"),
            pytest.param("> > a", "> > a", id="a mark behind a space is text"),
            pytest.param("", "", id="nothing"),
        ],
    )
    def test_soft_line_breaks_go(self, text: str, expected: str) -> None:
        """RFC 3676, section 4.1: a line that ends in a space flows on into the next."""
        assert unfold_flowed(text) == expected

    def test_the_space_may_be_one_that_was_added(self) -> None:
        """RFC 3676, section 4.1: with DelSp, the space before a soft line break goes too."""
        assert unfold_flowed("日本 \n語  \na\n-- \nb", delete_space=True) == "日本語 a\n-- \nb"

    @given(st.lists(st.sampled_from(["a", "a ", "> a ", ">> b", "-- ", "", " >c", "> "])).map("\n".join))
    def test_what_is_unfolded_flows_no_more(self, text: str) -> None:
        """The words stay, in order, at the depth they had."""
        unfolded = unfold_flowed(text)

        assert [word for word in unfolded.split() if word.isalpha()] == [
            word for word in text.split() if word.isalpha()
        ]
        assert quote(unfolded).count("\n") <= text.count("\n")


class TestSignature:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("a\n-- \nAda\n", "a\n", id="a signature"),
            pytest.param("a\r\n-- \r\nAda\r\n", "a\n", id="CRLF"),
            pytest.param("a\n-- \nAda\n-- \nthe list\n", "a\n", id="the list's below it"),
            pytest.param("-- \nAda", "", id="nothing else"),
            pytest.param("a\n-- ", "a\n", id="an empty one"),
            # odd
            pytest.param("a\n--\nb", "a\n--\nb", id="without the space"),
            pytest.param("a\n> -- \nb", "a\n> -- \nb", id="a quoted one"),
            pytest.param("a -- \nb", "a -- \nb", id="in a line"),
            pytest.param("", "", id="nothing"),
        ],
    )
    def test_it_begins_at_its_separator(self, text: str, expected: str) -> None:
        """RFC 3676, section 4.3: "-- " alone on a line, and the space counts."""
        assert without_signature(text) == expected
