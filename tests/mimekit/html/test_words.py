"""Words, and what is no word."""

from __future__ import annotations

import pytest

from mimekit.html._words import BREAK, address, is_address, squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" a \n\t b ", "a b", id="usual"),
        pytest.param("a\xa0\xa0b", "a b", id="usual-hard-spaces"),
        pytest.param("é \xa0 è", "é è", id="usual-accents"),
        pytest.param("co\u00adope\u200bration", "cooperation", id="usual-soft-hyphen"),
        pytest.param("a \u200c\xa0\u200c \u034f\u2007\ufeff b", "a b", id="wild-padding"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="odd-persian"),
        pytest.param("👨\u200d👩", "👨\u200d👩", id="odd-emoji"),
        pytest.param("a\u2028b\x1cc", "a b c", id="odd-line-separator"),
    ],
)
def test_one_space_for_each_run_and_nothing_unseen(text: str, expected: str) -> None:
    """Padding is taken out between spaces only: inside a word a joiner has a meaning."""
    assert squeeze(text) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        pytest.param(" https://example.org/a b ", "https://example.org/a%20b", id="usual"),
        pytest.param("mailto:ana@example.org", "mailto:ana@example.org", id="usual-mailto"),
        pytest.param("https://exa\n\tmple.org/\u3000<", "https://example.org/%E3%80%80%3C", id="odd-spaces"),
        *(pytest.param(href, "", id=f"nowhere-{href[:4]}") for href in ("#a", "JavaScript:a", "data:,a", "cid:a", " ")),
    ],
)
def test_an_address_is_one_word(href: str, expected: str) -> None:
    """So that it is not broken, and ends where its bracket ends."""
    assert address(href) == expected


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        pytest.param("https://example.org/", "https://example.org", True, id="usual"),
        pytest.param("Example.org", "http://www.example.org/", True, id="usual-bare"),
        pytest.param("ana@example.org", "mailto:ana@example.org", True, id="usual-mailto"),
        pytest.param(f"https://exa{BREAK}mple.org /a", "https://example.org/a", True, id="odd-broken"),
        pytest.param("example.org", "https://example.net", False, id="hostile-another"),
    ],
)
def test_a_text_may_say_all_of_its_address(text: str, url: str, expected: bool) -> None:
    """Then it is not written twice."""
    assert is_address(text, url) is expected
