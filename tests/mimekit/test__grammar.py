"""The tokens of mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import _grammar
from mimekit.errors import BadValue

# Text made of what the grammar cares about, so that odd nestings are common.
specials = st.text(st.sampled_from('()"\\ \t\r\nab@.;é'), max_size=40)


class TestQuotedStrings:
    @pytest.mark.parametrize(
        ("text", "quoted"),
        [
            pytest.param("Ada", '"Ada"', id="usual-word"),
            pytest.param("", '""', id="usual-empty"),
            pytest.param('say "hi"', r'"say \"hi\""', id="usual-quotes"),
            pytest.param("a\\b", r'"a\\b"', id="odd-backslash"),
        ],
    )
    def test_quotes_and_backslashes_are_escaped(self, text: str, quoted: str) -> None:
        """RFC 5322, section 3.2.4: qtext is printable ASCII without the backslash and the quote."""
        assert _grammar.quote(text) == quoted

    @pytest.mark.parametrize(
        ("quoted", "text"),
        [
            pytest.param('"Ada L"', "Ada L", id="usual"),
            pytest.param(r'"\"\\"', '"\\', id="usual-pairs"),
            pytest.param('""', "", id="usual-empty"),
            pytest.param('"Ada', "Ada", id="odd-unclosed"),
            pytest.param('"', "", id="odd-lone-quote"),
            pytest.param(r'"Ada\"', 'Ada"', id="odd-last-quote-is-escaped"),
            pytest.param(r'"Ada\\"', "Ada\\", id="odd-last-backslash-is-escaped"),
            pytest.param(r"a\(b", "a(b", id="odd-no-quotes"),
            pytest.param("a\\", "a\\", id="hostile-lone-backslash"),
            pytest.param('"\\\n"', "\n", id="hostile-escaped-line-feed"),
        ],
    )
    def test_quotes_and_escapes_go(self, quoted: str, text: str) -> None:
        """RFC 5322, section 3.2.1: the backslash of a quoted-pair is semantically invisible."""
        assert _grammar.unquote(quoted) == text

    @given(st.text())
    def test_unquoting_undoes_quoting(self, text: str) -> None:
        """What is written is read back."""
        assert _grammar.unquote(_grammar.quote(text)) == text


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "token", "atom", "dot_atom"),
        [
            pytest.param("base64", True, True, True, id="usual"),
            pytest.param("x-a_b!#$%&'*+^`{|}~", True, True, True, id="usual-marks"),
            pytest.param("a.b", True, False, True, id="usual-dot"),
            pytest.param("a/b", False, True, True, id="odd-tspecial-slash"),
            pytest.param("a=b?", False, True, True, id="odd-tspecials"),
            pytest.param("a..b", True, False, False, id="odd-two-dots"),
            pytest.param(".a", True, False, False, id="odd-leading-dot"),
            pytest.param("a.", True, False, False, id="odd-trailing-dot"),
            pytest.param("", False, False, False, id="odd-empty"),
            pytest.param("a b", False, False, False, id="odd-space"),
            pytest.param('a"', False, False, False, id="odd-quote"),
            pytest.param("é", False, False, False, id="hostile-8bit"),
            pytest.param("a\n", False, False, False, id="hostile-line-feed"),
            pytest.param("a\0", False, False, False, id="hostile-nul"),
        ],
    )
    def test_each_class_has_its_characters(self, text: str, token: bool, atom: bool, dot_atom: bool) -> None:
        """RFC 2045, section 5.1, and RFC 5322, section 3.2.3: token, atom and dot-atom-text."""
        assert (_grammar.is_token(text), _grammar.is_atom(text), _grammar.is_dot_atom(text)) == (token, atom, dot_atom)


class TestForbiddenCharacters:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param("a\rb", "a carriage return (U+000D) at 1", id="cr"),
            pytest.param("\n", "a line feed (U+000A) at 0", id="lf"),
            pytest.param("ab\0", "a NUL (U+0000) at 2", id="nul"),
            pytest.param("x\ud800", "a lone surrogate (U+D800) at 1", id="surrogate"),
        ],
    )
    def test_a_forging_character_is_refused_wild_18(self, text: str, message: str) -> None:
        """RFC 5322, section 2.2: a field body must not include CR and LF except when folded."""
        with pytest.raises(BadValue) as caught:
            _grammar.check_text(text)

        assert str(caught.value).startswith(message)

    def test_all_else_is_allowed(self) -> None:
        """Tabs, other controls and all of Unicode can be written encoded."""
        _grammar.check_text("a\tb\x07 é 日本 😀")

    def test_cleaning_shows_where_something_was(self) -> None:
        """What is read can always be written: CR, LF, NUL and surrogates become U+FFFD."""
        assert _grammar.clean("a\r\nb\0c\udfff") == ("a\ufffd\ufffdb\ufffdc\ufffd", True)

    def test_clean_text_is_left_alone(self) -> None:
        """And the second value says that nothing was wrong."""
        assert _grammar.clean("a\tb é") == ("a\tb é", False)

    @given(st.text(st.characters() | st.sampled_from("\r\n\0\ud800")))
    def test_what_was_cleaned_can_be_written(self, text: str) -> None:
        """What is read can always be written."""
        _grammar.check_text(_grammar.clean(text)[0])


class TestComments:
    @pytest.mark.parametrize(
        ("text", "pos", "after"),
        [
            pytest.param("abc", 0, 0, id="usual-nothing"),
            pytest.param(" \r\n\tabc", 0, 4, id="usual-folded"),
            pytest.param("a (b) c", 1, 6, id="usual-comment"),
            pytest.param("(a)(b) (c)d", 0, 10, id="usual-comments"),
            pytest.param("(a(b(c)))d", 0, 9, id="odd-nested"),
            pytest.param(r"(a\)b\()c", 0, 8, id="odd-quoted-pairs"),
            pytest.param('(a "b) c', 0, 7, id="odd-quote-means-nothing-inside"),
            pytest.param("(a(b) c", 0, 7, id="odd-unclosed"),
            pytest.param("a", 1, 1, id="odd-at-the-end"),
            pytest.param("(" * 900 + ")" * 900 + "x", 0, 1800, id="hostile-900-deep"),
            pytest.param("(a\\", 0, 3, id="hostile-lone-backslash"),
        ],
    )
    def test_space_and_comments_are_skipped_wild_16(self, text: str, pos: int, after: int) -> None:
        """RFC 5322, section 3.2.2: comments nest, and quoted-pairs stand in them."""
        assert _grammar.skip_cfws(text, pos) == after

    @pytest.mark.parametrize(
        ("text", "rest", "comments"),
        [
            pytest.param("a b", "a b", (), id="usual-none"),
            pytest.param("a@x.org (Ada)", "a@x.org ", ("Ada",), id="usual"),
            pytest.param("(A) a (B) b (C)", " a  b ", ("A", "B", "C"), id="usual-three"),
            pytest.param('"a (b)" (c)', '"a (b)" ', ("c",), id="usual-quoted-string-is-no-comment"),
            pytest.param("Thu(x)1", "Thu 1", ("x",), id="odd-words-kept-apart"),
            pytest.param("(a (b) c)", "", ("a (b) c",), id="odd-nested"),
            pytest.param(r"(a \) b)c", "c", ("a ) b",), id="odd-quoted-pair"),
            pytest.param(r"\(a (b)", r"\(a ", ("b",), id="odd-escaped-outside"),
            pytest.param("a (b", "a ", ("b",), id="odd-unclosed"),
            pytest.param(r"a (b\)", "a ", ("b)",), id="odd-unclosed-for-escape"),
            pytest.param('O"Brien (x)', 'O"Brien ', ("x",), id="odd-lone-quote"),
            pytest.param('"a\\" (b) c', '"a\\"  c', ("b",), id="odd-quote-closed-by-none"),
            pytest.param('(a "b) c', " c", ('a "b',), id="odd-quote-in-comment"),
            pytest.param("a) (b)", "a) ", ("b",), id="hostile-stray-close"),
        ],
    )
    def test_comments_are_taken_out(self, text: str, rest: str, comments: tuple[str, ...]) -> None:
        """RFC 5322, section 3.2.2: a comment is no part of the value, but it keeps words apart."""
        assert _grammar.strip_comments(text) == (rest, comments)

    @given(specials, st.integers(0, 40))
    def test_skipping_stays_inside_the_text(self, text: str, pos: int) -> None:
        """Nothing raises, and what follows is neither space nor a comment."""
        pos = min(pos, len(text))

        after = _grammar.skip_cfws(text, pos)

        assert pos <= after <= len(text)
        assert text[after : after + 1] not in tuple(" \t\r\n(")

    @given(specials)
    def test_taking_comments_out_invents_nothing(self, text: str) -> None:
        """What is left and what the comments say are characters of the text, and spaces."""
        rest, comments = _grammar.strip_comments(text)

        assert set(rest) | set("".join(comments)) <= set(text) | {" "}

    @given(st.text(st.sampled_from("ab \\()"), max_size=20))
    def test_an_escaped_comment_is_read_back(self, text: str) -> None:
        """What is written is read back."""
        escaped = "".join(f"\\{character}" if character in "\\()" else character for character in text)

        assert _grammar.strip_comments(f"x ({escaped}) y") == ("x  y", (text,))
