"""Tokens of a list of addresses, and what they make."""

from __future__ import annotations

import pytest

from mimekit.values.addrtokens import Reading, chunks, glue, solid_of, tokenize, without_prefix


def kinds(text: str) -> str:
    """The kinds of the tokens in *text*."""
    return "".join([token[0] for token in tokenize(text, 0, Reading())])


def words(text: str) -> list[str]:
    """What is glued together in *text*, each piece as one text."""
    return [glue(solid_of(chunk))[0] for chunk in chunks(tokenize(text, 0, Reading()))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("John Doe <j@x.org>", "w w <w@w>", id="usual"),
        pytest.param('"Doe, J" (x) <j@x.org>,', "q c <w@w>,", id="usual-quoted"),
        pytest.param("=?utf-8?q?a,b?= <a@b>", "e <w@w>", id="usual-encoded"),
        pytest.param("a@[1.2.3.4];", "w@l;", id="odd-literal"),
        pytest.param("[a] b", "ww w", id="odd-brackets"),
        pytest.param("a@ [x", "w@ ww", id="odd-half-literal"),
        pytest.param("(a(b)c)", "c", id="odd-nested"),
        pytest.param("(a (b) c", "ww ww w", id="odd-unclosed-comment"),
        pytest.param('"a, b', "w, w", id="odd-unclosed-quote"),
        pytest.param('\\"a\\"', "www", id="odd-escaped-quotes"),
        pytest.param("a\\b", "www", id="odd-backslash"),
        pytest.param("=?utf-8?q?a b", "w w", id="hostile-half-encoded"),
    ],
)
def test_a_text_is_cut_into_tokens(text: str, expected: str) -> None:
    """RFC 5322, section 3.2; RFC 2047, section 5 (3)."""
    assert kinds(text) == expected


def test_what_does_not_end_is_blamed_once() -> None:
    """The first is what a caller wants to know."""
    reading = Reading()

    tokenize('a (b "c', 0, reading)

    assert reading.trouble == ("a closing parenthesis", 2)
    assert reading.defect_codes() == ("bad-address",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("John j@x.org", ["John", "j@x.org"], id="usual"),
        pytest.param("j @ x . org Doe", ["j@x.org", "Doe"], id="odd-white-space"),
        pytest.param("j. d@x.org", ["j.d@x.org"], id="odd-obs-local-part"),
        pytest.param("Q Q. j@x.org", ["Q", "Q.", "j@x.org"], id="odd-initial"),
        pytest.param('"J"j@x.org', ["J", "j@x.org"], id="odd-no-space"),
        pytest.param('"J".d@x.org ', ["J.d@x.org"], id="odd-quoted-piece"),
    ],
)
def test_words_are_parted_at_white_space(text: str, expected: list[str]) -> None:
    """RFC 5322, section 4.4: but not around an @ and dots."""
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" a@b ", "w@w", id="usual"),
        pytest.param("mailto: a@b", "w@w", id="usual-mailto"),
        pytest.param("@x,@y : a@b", "w@w", id="odd-route"),
        pytest.param("@x", "@w", id="odd-no-route"),
        pytest.param("(x) ", "", id="odd-nothing"),
    ],
)
def test_what_stands_before_an_address_is_left_out(text: str, expected: str) -> None:
    """RFC 5322, section 4.4: obs-route; and what people copy from a link."""
    tokens = without_prefix(tokenize(text, 0, Reading()), Reading())

    assert "".join([token[0] for token in tokens]) == expected
