"""Blocks into lines."""

from __future__ import annotations

import pytest

from mimekit.html._lines import Block, columns, write


def _block(text: str, first: str = "", rest: str | None = None, *, gap: bool = False, verbatim: bool = False) -> Block:
    return Block(text, first, first if rest is None else rest, gap=gap, verbatim=verbatim)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", 5, id="usual"),
        pytest.param("漢字", 4, id="usual-east-asian"),
        pytest.param("é", 1, id="usual-accent"),
        pytest.param("e\u0301", 1, id="odd-accent-that-combines"),
    ],
)
def test_columns_are_what_a_screen_shows(text: str, expected: int) -> None:
    """Unicode, annex 11: East Asian characters are wide."""
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one two three four five six", "one two three four\nfive six", id="usual"),
        pytest.param("one two three four five", "one two three four\nfive", id="usual-short-rest"),
        pytest.param("a\nb", "a\nb", id="usual-break"),
        pytest.param(
            "a https://example.org/of/any/length b", "a\nhttps://example.org/of/any/length\nb", id="usual-url"
        ),
        pytest.param("https://example.org/of/any/length", "https://example.org/of/any/length", id="usual-url-alone"),
        pytest.param("éne two three four five six", "éne two three four\nfive six", id="usual-accent"),
        pytest.param("漢字漢字漢字漢字漢字漢字", "漢字漢字漢字漢字漢字\n漢字", id="usual-no-spaces"),
        pytest.param("漢字漢字漢字漢字漢字。漢字", "漢字漢字漢字漢字漢\n字。漢字", id="odd-full-stop"),
        pytest.param("ünü " + "x" * 30 + " ü", "ünü\n" + "x" * 30 + "\nü", id="odd-long-word"),
    ],
)
def test_lines_are_broken_at_spaces(text: str, expected: str) -> None:
    """A word is never broken; what is written without spaces may be, but not before what closes."""
    assert write([_block(text)], 20) == expected


def test_without_a_width_a_paragraph_is_one_line() -> None:
    """As format=flowed wants it."""
    assert write([_block("word " * 50 + "end")], None) == "word " * 50 + "end"


def test_verbatim_lines_are_not_broken() -> None:
    """A preformatted line says where it ends."""
    assert write([_block("a  b " * 9, verbatim=True)], 10) == "a  b " * 9


def test_each_line_has_its_prefix() -> None:
    """The first has the bullet, the others are indented; an empty one has no space at its end."""
    assert write([_block("a b\n\nc", " * ", "   ")], 76) == " * a b\n\n   c"
    assert write([_block("a\n\nb", "> ")], 76) == "> a\n>\n> b"


def test_a_deep_prefix_leaves_some_room() -> None:
    """Words one under another are not read."""
    assert write([_block("one two three four", " " * 70)], 76) == " " * 70 + "one two three four"


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        pytest.param("> ", "> ", ">", id="usual-one-quote"),
        pytest.param("> ", ">> ", ">", id="usual-into-a-quote"),
        pytest.param("> ", "", "", id="usual-out-of-a-quote"),
        pytest.param("", "> ", "", id="usual-after-the-text"),
        pytest.param("   > ", " * ", "", id="odd-quote-in-an-item"),
        pytest.param("   ", "   ", "", id="odd-no-quote"),
    ],
)
def test_a_blank_line_is_in_the_quotes_that_both_sides_are_in(before: str, after: str, between: str) -> None:
    """RFC 3676, section 4.5: a line without a mark would end the quote."""
    blocks = [_block("a", before), _block("", gap=True), _block("b", after, gap=True)]

    assert write(blocks, 76) == f"{before}a\n{between}\n{after}b"


def test_no_blank_line_begins_a_text() -> None:
    """There is nothing to keep apart."""
    assert write([_block("a", gap=True)], 76) == "a"
