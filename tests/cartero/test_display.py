"""Text of others on a terminal."""

from __future__ import annotations

import io

import pytest

from cartero._display import harmless, one_line, show


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Grüße, 世界 👋🏽", "Grüße, 世界 👋🏽", id="usual-any-script"),
        pytest.param("a\n\tb", "a\n\tb", id="usual-lines-and-tabs"),
        pytest.param("a\xa0b", "a\xa0b", id="odd-no-break-space"),
        pytest.param("\x1b]0;owned\x07", "\\x1b]0;owned\\x07", id="hostile-terminal-title"),
        pytest.param("\x9b2J", "\\x9b2J", id="hostile-c1"),
        pytest.param("a\rb\x00\x7f", "a\\rb\\x00\\x7f", id="hostile-overwriting"),
        pytest.param("gpj.\u202eexe", "gpj.\\u202eexe", id="hostile-right-to-left"),
        pytest.param("\udcff", "\\udcff", id="hostile-surrogate"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    """Mail is a stranger's text; seeing it must not be doing what it says."""
    assert harmless(text) == shown


def test_one_line_is_one_line() -> None:
    """Whatever white space there was, Unicode's line ends too."""
    assert one_line("a\r\n b\u2028c\x85d") == "a b c d"


def test_what_a_stream_has_no_character_for_becomes_an_escape() -> None:
    """A terminal in an old locale shows the rest all the same."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    show("Grüße\n", stream)

    assert raw.getvalue().splitlines() == [rb"Gr\xfc\xdfe"]


def test_a_stream_without_an_encoding_takes_any_text() -> None:
    """`io.StringIO` has none."""
    stream = io.StringIO()

    show("Grüße \udcff", stream)

    assert stream.getvalue() == "Grüße \\udcff"
