"""Fields are folded where white space stands, and unfolding gives them back (RFC 5322, section 2.2.3)."""

from __future__ import annotations

import email
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import _filled, _Lines, fold, unfold
from mimekit.errors import BadValue

# Bodies as value rooms write them: on one line, no white space at the ends; words, quotes, angles, encoded words.
tokens = st.sampled_from([
    "a", "a,", "b;", '"', '"a', 'b"', '\\"', "<", ">", "<a,", "x" * 40, "y" * 77, "z" * 120, "=?utf-8?q?a?=",
    '"c, d"', f"=?utf-8?q?{'q' * 63}?=", '=?utf-8?q?"?=', "Grüße",
]) | st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=12)  # fmt: skip
spaces = st.sampled_from([" ", " ", " ", "  ", "\t", " " * 20])
bodies = st.lists(st.tuples(spaces, tokens)).map(lambda pairs: "".join(map("".join, pairs)).strip(" \t"))
names = st.sampled_from(["Subject", "To", "X-A", "N" * 70])


class TestUnfolding:
    @pytest.mark.parametrize(
        ("body", "unfolded"),
        [
            pytest.param("", "", id="usual-empty"),
            pytest.param(" one", "one", id="usual-one-line"),
            pytest.param(" one\r\n two\r\n", "one two", id="usual-crlf"),
            pytest.param(" one\n\ttwo\n", "one\ttwo", id="usual-lf"),
            pytest.param("\r\n one", "one", id="usual-first-line-empty"),
            pytest.param("one\r\n  two", "one  two", id="usual-white-space-is-kept"),
            pytest.param("one \r\n two", "one  two", id="odd-white-space-before-the-line-end"),
            pytest.param("one\r two", "one two", id="odd-cr"),
            pytest.param("one\r\r\n two", "one two", id="odd-cr-crlf"),
            pytest.param("one\r\n \r\n two", "one  two", id="odd-line-of-white-space"),
            pytest.param("one\r\n\r\n two", "one two", id="odd-empty-line"),
            pytest.param("one\rtwo\nthree\0", "one\rtwo\nthree\0", id="hostile-controls-are-left"),
            pytest.param("\x85one\xa0", "\x85one\xa0", id="hostile-only-space-and-tab-are-white"),
        ],
    )
    def test_line_ends_before_white_space_go(self, body: str, unfolded: str) -> None:
        """RFC 5322, section 2.2.3: unfolding is removing any CRLF that is immediately followed by WSP."""
        assert unfold(body) == unfolded


class TestFolding:
    @pytest.mark.parametrize(
        ("name", "body", "lines"),
        [
            pytest.param("Subject", "", ["Subject: "], id="usual-empty"),
            pytest.param("Subject", "short", ["Subject: short"], id="usual-short"),
            pytest.param("Subject", "one two three four", ["Subject: one two", " three four"], id="usual-at-space"),
            pytest.param("Subject", "one two  three", ["Subject: one two", "  three"], id="usual-before-the-space"),
            pytest.param("To", "a@b, c d <e@f>, g", ["To: a@b,", " c d <e@f>, g"], id="usual-behind-a-comma"),
            pytest.param("X", "aa; bb cc dd ee ff", ["X: aa;", " bb cc dd ee ff"], id="usual-behind-a-semicolon"),
            pytest.param("X", "aa, bb, cc dd ee ff", ["X: aa, bb,", " cc dd ee ff"], id="usual-behind-the-last-comma"),
            pytest.param("X", "a, bbbbbbb ccccc ddddd eee", ["X: a,", " bbbbbbb ccccc", " ddddd eee"], id="usual-both"),
            pytest.param("X", "a, bbbbbb cccccccccc", ["X: a,", " bbbbbb", " cccccccccc"], id="usual-still-too-long"),
            pytest.param("Subject", "Hi, one two three", ["Subject: Hi, one", " two three"], id="usual-no-clauses"),
            pytest.param("X", "<a, b c d e f g h>", ["X: <a, b c d e", " f g h>"], id="odd-comma-in-angles"),
            pytest.param("X", 'ab cd "ef, g h"', ["X: ab cd", ' "ef, g h"'], id="usual-quoted-string-in-one"),
            pytest.param("X", 'ab "cd \\" ef" gh', ["X: ab", ' "cd \\" ef" gh'], id="odd-quoted-pair"),
            pytest.param("X", 'ab "cd ef gh ij kl', ['X: ab "cd ef gh', " ij kl"], id="odd-lone-quote"),
            pytest.param("X", '" <a, b> c d e f g', ['X: " <a, b> c d', " e f g"], id="odd-angles-behind-a-lone-quote"),
            pytest.param("X", '"a =?x?q?b?= cc d"', ['X: "a =?x?q?b?=', ' cc d"'], id="odd-encoded-word-in-quotes"),
            pytest.param("Subject", "x" * 8, ["Subject:", " xxxxxxxx"], id="odd-first-token-fits-the-second-line"),
            pytest.param("Subject", "x" * 20, ["Subject: " + "x" * 20], id="odd-first-token-fits-nowhere"),
            pytest.param("X", "a" + " " * 9 + "b" * 12, ["X: a" + " " * 6, " " * 3 + "b" * 12], id="odd-much-space"),
            pytest.param(
                "X", "a," + " " * 9 + "b" * 12, ["X: a," + " " * 6, " " * 3 + "b" * 12], id="odd-much-space-2"
            ),
            pytest.param("X", "a" * 18 + " " * 9 + "b" * 14, ["X: " + "a" * 18, " " * 9 + "b" * 14], id="odd-no-room"),
            pytest.param("X", "a b" + " " * 20, ["X: a", " b" + " " * 20], id="odd-space-at-the-end"),
            pytest.param("X", " " * 20, ["X: " + " " * 20], id="odd-only-space"),
            pytest.param("X", "  a bbbbbbbbbbb", ["X:   a", " bbbbbbbbbbb"], id="odd-space-in-front"),
        ],
    )
    def test_where_a_line_is_broken(self, name: str, body: str, lines: list[str]) -> None:
        """RFC 5322, section 2.2.3: only where white space stands, and best at a higher-level syntactic break."""
        folded = fold(name, body, line_length=16 if name in {"Subject", "To"} else 15)

        assert folded.removesuffix("\r\n").split("\r\n") == lines

    def test_a_line_with_an_encoded_word_has_76(self) -> None:
        """RFC 2047, section 2: each line of a header field that contains an encoded word is limited to 76."""
        word = f"=?utf-8?q?{'a' * 63}?="

        assert fold("Subject", f"a {word} {'b' * 20}") == f"Subject: a\r\n {word}\r\n {'b' * 20}\r\n"
        assert fold("Subject", f"=?utf-8?q?a?= {'b' * 54}") == f"Subject: =?utf-8?q?a?=\r\n {'b' * 54}\r\n"

    def test_no_limit_means_998(self) -> None:
        """A length of 0 asks for no folding below what mail allows."""
        body = "x" * 500 + " " + "y" * 480 + " " + "z" * 20

        assert fold("Subject", body, line_length=0) == f"Subject: {body[:981]}\r\n {'z' * 20}\r\n"

    def test_another_line_end(self) -> None:
        """as_string() wants LF."""
        assert fold("Subject", "one two", line_length=12, linesep="\n") == "Subject: one\n two\n"

    def test_long_ascii_is_left_long_wild_03(self) -> None:
        """Folded at white space only, left long up to 998."""
        token = "<mailto:leave@example.org?subject=" + "x" * 900 + ">"

        assert fold("List-Unsubscribe", f"{token}, {token}") == f"List-Unsubscribe: {token},\r\n {token}\r\n"

    def test_the_longest_token_has_a_line_of_its_own(self) -> None:
        """RFC 5322, section 2.1.1: 998, the space in front included."""
        assert fold("Subject", "x" * 997) == f"Subject:\r\n {'x' * 997}\r\n"

    def test_a_quoted_name_stays_in_one_piece_wild_17(self) -> None:
        """A display name with a comma is quoted, also when folded."""
        body = f'{"a" * 50}@example.org, "Lovelace, Countess Ada" <ada@example.org>'

        assert fold("To", body).split("\r\n")[1] == ' "Lovelace, Countess Ada" <ada@example.org>'

    def test_a_quoted_string_is_broken_only_where_no_line_can_hold_it(self) -> None:
        """RFC 5322, section 2.1.1: 998 is never exceeded."""
        long, longer = f'"{"word " * 190}"', f'"{"word " * 250}"'

        assert fold("X-A", long) == f"X-A: {long}\r\n"
        assert max(map(len, fold("X-A", f"{longer}, x").split("\r\n"))) <= 78

    @pytest.mark.parametrize("body", ["x" * 998, f"a {'x' * 998}", f"{'x' * 998} a", " " * 1200, f"a{' ' * 2200}b"])
    def test_what_no_line_can_hold_is_refused(self, body: str) -> None:
        """Not a line over 998, not a changed word: the caller is told."""
        with pytest.raises(BadValue, match=r"fold Subject at, found .* octets"):
            fold("Subject", body)

    @pytest.mark.parametrize("body", ["a\rb", "a\nb", "a\r\n b", "a\0b", "a\ud800b"], ids=repr)
    def test_line_ends_and_nul_are_refused_wild_18(self, body: str) -> None:
        """A line end in a body would forge another field."""
        with pytest.raises(BadValue, match="at 1"):
            fold("Subject", body)

    @given(
        st.lists(st.integers(1, 90).map("a".__mul__) | st.just("=?utf-8?q?" + "b" * 40 + "?="), min_size=1, max_size=9),
        st.sampled_from(["Subject", "Comments"]),
        st.sampled_from([0, 20, 76, 78, 998, 1_200]),
    )
    def test_the_short_way_and_the_long_way_agree(self, words: list[str], name: str, line_length: int) -> None:
        """Words with one space between them are filled as any chunks are."""
        limit = min(line_length, 998) or 998
        word_limit = min(limit, 76) if line_length else limit
        lines = _Lines(name, limit, word_limit, long_lines=False)
        for word in words:
            lines.add(f" {word}", is_clause_end=False)
        lines.end()

        assert _filled(name, words, limit, word_limit) == lines.done

    @given(names, bodies, st.sampled_from([0, 1, 20, 78, 2000]), st.sampled_from(["\r\n", "\n"]))
    def test_unfolding_undoes_folding(self, name: str, body: str, line_length: int, linesep: str) -> None:
        """RFC 5322, section 2.2.3: the unfolded form is what a field means."""
        folded = fold(name, body, line_length=line_length, linesep=linesep)

        assert folded.startswith(f"{name}:")
        assert folded.endswith(linesep)
        assert unfold(folded[len(name) + 1 :]) == body

    @given(names, bodies)
    def test_every_line_keeps_the_limits(self, name: str, body: str) -> None:
        """RFC 5322, section 2.1.1, and RFC 2047, section 2; and no line but of white space alone."""
        lines = fold(name, body).removesuffix("\r\n").split("\r\n")

        assert all(line.strip(" \t") and len(line.encode()) <= 998 for line in lines)
        assert all(len(line) <= 76 or " " not in line.strip() for line in lines if "=?" in line and "<" not in line)

    @given(bodies)
    def test_lines_of_plain_text_are_78_where_white_space_allows(self, body: str) -> None:
        """RFC 5322, section 2.1.1: each line should be no more than 78 characters."""
        lines = fold("Subject", body).removesuffix("\r\n").split("\r\n")
        stretches = [lines[0].removeprefix("Subject:"), *lines[1:]]

        for line, stretch in zip(lines, stretches, strict=True):
            assert len(line.encode()) <= 78 or len(stretch.split()) == 1

    @given(bodies)
    def test_lines_of_plain_text_are_filled(self, body: str) -> None:
        """No line is broken that could hold what follows."""
        lines = fold("Subject", body).removesuffix("\r\n").split("\r\n")

        for line, following in pairwise(lines):
            token = following[: len(following) - len(following.lstrip())] + following.split()[0]
            joined = line + token
            assert len(joined.encode()) > (76 if "=?" in joined else 78)

    @given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1), min_size=1))
    def test_the_standard_library_reads_the_same(self, words: list[str]) -> None:
        """Somebody else's reader agrees."""
        body = " ".join(words)
        message = email.message_from_string(fold("X-A", body) + "\r\n")

        assert message["X-A"].replace("\r\n", "").strip(" ") == body
