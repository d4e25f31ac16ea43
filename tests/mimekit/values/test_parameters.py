"""Parameters: read however they come, written so that they come back."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit import _folding
from mimekit.errors import BadValue
from mimekit.values.parameters import (
    Parameters,
    checked,
    encode_parameters,
    octets_of,
    parse_parameters,
    read_parameters,
    show_parameters,
)

attributes = st.text(st.sampled_from("!#$&+-.09AZ^_`az{|}~"), min_size=1, max_size=12)
carried = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
# what parameters are made of, so that examples reach the odd paths
_SHARDS = ["=?utf-8?q?x?=", "=?", "?=", "C:\\a", "\\\\", "\\", '"', "'", "utf-8''", "%41", "%", " ", "\t", ";", "="]
shards = st.sampled_from(
    [*_SHARDS, "(", ")", "*0*", "*", "\ufeff", "é", "日本", "😀", "\x1b$B", "a", "~{", "+AGE-", "\x85"]
)
values = st.one_of(st.text(carried, max_size=40), st.lists(shards, max_size=12).map("".join))
pairs = st.dictionaries(st.one_of(attributes.map(str.lower), st.just("name"), st.just("charset")), values, max_size=4)
octets = st.text(st.characters(max_codepoint=0xFF), max_size=60)
sources = st.lists(
    st.one_of(shards.filter(str.isascii), octets, st.sampled_from(["; name", "; a*1", "="])), max_size=20
)


def read(text: str) -> dict[str, str]:
    """The parameters in *text*."""
    return dict(parse_parameters(text)[0])


def codes(text: str) -> set[str]:
    """What is wrong with *text*."""
    return {defect.code for defect in parse_parameters(text)[1]}


USUAL = [
    pytest.param("; charset=us-ascii", {"charset": "us-ascii"}, id="token"),
    pytest.param('; charset="us-ascii"', {"charset": "us-ascii"}, id="quoted"),
    pytest.param('; a=""', {"a": ""}, id="empty quoted"),
    pytest.param(';a=b;\tc="d e" ', {"a": "b", "c": "d e"}, id="spacing"),
    pytest.param("; CharSet=UTF-8", {"charset": "UTF-8"}, id="names in lower case, values as they are"),
    pytest.param(r'; name="a \"b\" \\c.txt"', {"name": r'a "b" \c.txt'}, id="quoted pairs"),
    pytest.param('; boundary="a;b=c"', {"boundary": "a;b=c"}, id="separators in quotes"),
    pytest.param("; charset=us-ascii (Plain (nested) text)", {"charset": "us-ascii"}, id="RFC 2045 5.1 comment"),
    pytest.param("; charset=(a;b) x (c);(d) e=f", {"charset": "x", "e": "f"}, id="comments everywhere"),
    pytest.param('; charset=(a) "x"', {"charset": "x"}, id="comment before quotes"),
    pytest.param("; filename=a.pdf (the first)", {"filename": "a.pdf"}, id="comment behind a name"),
    pytest.param("", {}, id="none"),
]
RFC_2231 = [
    pytest.param(
        '; access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"',
        {"access-type": "URL", "url": "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"},
        id="section 3",
    ),
    pytest.param(
        "; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", {"title": "This is ***fun***"}, id="section 4"
    ),
    pytest.param(
        "; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
        {"title": "This is even more ***fun*** isn't it!"},
        id="section 4.1",
    ),
    pytest.param('; a*2="c"; a*0="a"; a*1=b', {"a": "abc"}, id="any order"),
    pytest.param("; a*0*=utf-8''%E2%82; a*1*=%AC", {"a": "€"}, id="a character cut in two"),
    pytest.param("; a*0*=iso-8859-1''%E4; a*1=%E4; a*2*=%F6", {"a": "ä%E4ö"}, id="mixed segments"),
    pytest.param("; " + "; ".join(f"a*{n}={n % 10}" for n in range(12)), {"a": "012345678901"}, id="twelve segments"),
]
ODD = [
    pytest.param(" charset=x", {"charset": "x"}, {"bad-parameter"}, id="no semicolon"),
    pytest.param(";;;;;", {}, {"bad-parameter"}, id="semicolons"),
    pytest.param("; charset=x;", {"charset": "x"}, {"bad-parameter"}, id="semicolon at the end"),
    pytest.param("; ; charset=x", {"charset": "x"}, {"bad-parameter"}, id="empty parameter"),
    pytest.param("; (a); charset=x", {"charset": "x"}, {"bad-parameter"}, id="only a comment"),
    pytest.param("; name*", {}, {"bad-parameter"}, id="no value"),
    pytest.param("; name*=", {}, {"bad-extended-parameter"}, id="no extended value"),
    pytest.param("; a=; b=c", {"a": "", "b": "c"}, {"bad-parameter"}, id="nothing behind the equals sign"),
    pytest.param("; =x; b=c", {"b": "c"}, {"bad-parameter"}, id="no name"),
    pytest.param('; "a"=x; b=c', {"b": "c"}, {"bad-parameter"}, id="quoted name"),
    pytest.param("; \xe4=x; b=c", {"b": "c"}, {"bad-parameter"}, id="8-bit name"),
    pytest.param(f"; {'n' * 128}=x; b=c", {"b": "c"}, {"bad-parameter"}, id="name of 128 characters"),
    pytest.param("; junk charset=x", {"charset": "x"}, {"bad-parameter"}, id="a word too many"),
    pytest.param("; charset=x junk; b=c", {"charset": "x", "b": "c"}, {"bad-parameter"}, id="junk behind a charset"),
    pytest.param('; a="x"junk"; b=c', {"a": "x", "b": "c"}, {"bad-parameter"}, id="junk behind quotes"),
    pytest.param('; a="x" b=c', {"a": "x", "b": "c"}, {"bad-parameter"}, id="quoted, no semicolon"),
    pytest.param("; a=x b=c", {"a": "x", "b": "c"}, {"bad-parameter"}, id="token, no semicolon"),
    pytest.param("; a=x y z; b=c", {"a": "x y z", "b": "c"}, {"bad-parameter"}, id="spaces without quotes"),
    pytest.param('; a="x; b=c', {"a": "x", "b": "c"}, {"bad-parameter"}, id="no closing quote"),
    pytest.param('; a=x"; b=c', {"a": "x", "b": "c"}, {"bad-parameter"}, id="no opening quote"),
    pytest.param("; a=x (b; c=d", {"a": "x"}, {"bad-parameter"}, id="no closing parenthesis"),
    pytest.param("; a = x", {"a": "x"}, set(), id="spaces beside the equals sign"),
    pytest.param("; a=1; A=2", {"a": "1"}, {"duplicate-parameter"}, id="twice"),
    pytest.param("; a*0=1; a*00=2", {"a": "1"}, {"duplicate-parameter"}, id="a segment twice"),
    pytest.param("; a*=''1; a*=''2", {"a": "1"}, {"duplicate-parameter"}, id="extended twice"),
    pytest.param("; a*1=y; a*0=x; a*3=z", {"a": "xyz"}, {"bad-extended-parameter"}, id="a gap"),
    pytest.param("; a*1=x; a*2=y", {"a": "xy"}, {"bad-extended-parameter"}, id="counted from one"),
    pytest.param("; a*=''%C3%A4", {"a": "ä"}, {"undeclared-8bit"}, id="charset left empty"),
    pytest.param("; a*=%41bc", {"a": "Abc"}, {"bad-extended-parameter"}, id="no charset and language"),
    pytest.param("; a*=utf-8'%41", {"a": "utf-8'A"}, {"bad-extended-parameter"}, id="half of charset and language"),
    pytest.param("; a*0*=%41; a*1*=%42", {"a": "AB"}, {"bad-extended-parameter"}, id="segments without a charset"),
    pytest.param("; a*0=x; a*1*=%42", {"a": "xB"}, {"bad-extended-parameter"}, id="charset not in the first segment"),
    pytest.param("; a*=utf-8''100%", {"a": "100%"}, {"bad-extended-parameter"}, id="a lone percent sign"),
    pytest.param("; a*0*=utf-8''%; a*1*=%4", {"a": "%%4"}, {"bad-extended-parameter"}, id="half an escape"),
    pytest.param("; a*x=y; b=c", {"b": "c"}, {"bad-parameter"}, id="no segment number"),
    pytest.param("; a*1234567890=y; b=c", {"b": "c"}, {"bad-parameter"}, id="absurd segment number"),
    pytest.param("; a*=nonsense''x", {"a": "x"}, {"unknown-charset"}, id="unknown charset"),
    pytest.param("; a*=utf-8''x%0D%0Ay%00", {"a": "x\ufffd\ufffdy\ufffd"}, {"control-in-value"}, id="CR, LF, NUL"),
    pytest.param('; a="x\ry\0"', {"a": "x\ufffdy\ufffd"}, {"control-in-value"}, id="bare CR, NUL"),
]


class TestReading:
    """Text to parameters."""

    @pytest.mark.parametrize(("text", "expected"), [*USUAL, *RFC_2231])
    def test_valid_parameters_are_read_without_a_defect(self, text: str, expected: dict[str, str]) -> None:
        """RFC 2045, section 5.1; RFC 2231, sections 3 and 4: the grammar and its examples."""
        assert (read(text), codes(text)) == (expected, set())

    @pytest.mark.parametrize(("text", "expected", "wrong"), ODD)
    def test_damaged_parameters_are_read_for_what_they_say_wild_09(
        self, text: str, expected: dict[str, str], wrong: set[str]
    ) -> None:
        """RFC 2045, section 5.1, broken in each way that mail was seen to break it."""
        assert read(text) == expected
        assert wrong <= codes(text) if wrong else codes(text) == set()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("; filename=annual report.pdf", "annual report.pdf", id="spaces"),
            pytest.param("; filename=annual report.pdf ; size=3", "annual report.pdf", id="spaces, more behind"),
            pytest.param("; filename=report (1).pdf", "report (1).pdf", id="parentheses"),
            pytest.param("; filename=(1) a=b.pdf", "(1) a=b.pdf", id="parentheses first"),
            pytest.param('; filename=a "b" c.pdf', 'a "b" c.pdf', id="quotes inside"),
            pytest.param("; filename=Z\xfcrich.pdf", "Zürich.pdf", id="windows-1252"),
            pytest.param('; filename="Z\xc3\xbcrich.pdf"', "Zürich.pdf", id="UTF-8"),
        ],
    )
    def test_an_unquoted_name_is_whole_wild_10(self, text: str, expected: str) -> None:
        """RFC 2183, section 2.3 wants quotes; names without them lose nothing."""
        assert read(text) == {"filename": expected} | ({"size": "3"} if "size" in text else {})

    @pytest.mark.parametrize(
        "text",
        [
            "; filename=b.pdf; filename*=utf-8''%C3%A4.pdf",
            "; filename*=utf-8''%C3%A4.pdf; filename=b.pdf",
            "; filename=b.pdf; filename*1*=.pdf; filename*0*=utf-8''%C3%A4",
            "; filename*0=b; filename*=utf-8''%C3%A4.pdf",
        ],
    )
    def test_the_extended_form_wins_over_the_plain_one_wild_10(self, text: str) -> None:
        """RFC 6266, section 4.3: recipients should pick the extended one and ignore the plain one."""
        assert read(text) == {"filename": "ä.pdf"}

    def test_an_empty_extended_form_does_not_hide_the_plain_one(self) -> None:
        """RFC 2231, section 4: an extended value begins with two quotes; nothing is none."""
        assert read("; filename*=; filename=a.pdf") == {"filename": "a.pdf"}

    @pytest.mark.parametrize(
        "text",
        [
            '; filename="=?utf-8?Q?=C3=A4_b.pdf?="',
            "; filename==?utf-8?Q?=C3=A4_b.pdf?=",
            '; filename="=?utf-8?Q?=C3=A4?= =?utf-8?Q?_b.pdf?="',
            '; filename*0="=?utf-8?Q?=C3="; filename*1="A4_b.pdf?="',
            '; filename*="=?utf-8?Q?=C3=A4_b.pdf?="',
        ],
        ids=["quoted", "bare", "two words", "cut into segments", "under the extended name"],
    )
    def test_encoded_words_are_decoded_quoted_or_not_wild_10(self, text: str) -> None:
        """RFC 2047, section 5 (3): they must not be there, and half of the world's mail has them."""
        assert read(text) == {"filename": "ä b.pdf"}
        assert "encoded-word-in-parameter" in codes(text)

    def test_what_only_looks_like_an_encoded_word_stays(self) -> None:
        """RFC 2047, section 2: an encoded word has a charset, an encoding and text."""
        assert read('; name="=?what?="') == {"name": "=?what?="}
        assert codes('; name="=?what?="') == set()

    def test_a_bad_encoded_word_leaves_its_defect(self) -> None:
        """RFC 2047, section 2; what is wrong with the word is wrong with the parameter."""
        assert "unknown-charset" in codes('; name="=?nonsense?Q?x?="')

    @pytest.mark.parametrize(
        ("quoted", "expected"),
        [
            (r"C:\temp\a.pdf", r"C:\temp\a.pdf"),
            (r"\\server\share\a.pdf", r"\\server\share\a.pdf"),
            (r"C:\\temp\\a.pdf", r"C:\temp\a.pdf"),
            (r"\\\\server\\share\\a.pdf", r"\\server\share\a.pdf"),
            (r"\\x\"y", r"\x" + '"y'),
            (r"temp\a.pdf", "tempa.pdf"),
            (r"C:\temp\\a.pdf", r"C:temp\a.pdf"),
        ],
        ids=["drive", "share", "drive, doubled", "share, doubled", "a quote in it", "no drive", "half doubled"],
    )
    def test_the_backslashes_of_a_windows_path_are_kept_wild_10(self, quoted: str, expected: str) -> None:
        """RFC 5322, section 3.2.1 makes quoted-pairs of them; the programs that wrote such paths knew none."""
        assert read(f'; filename="{quoted}"') == {"filename": expected}

    @pytest.mark.parametrize("text", ["; charset='utf-8'", "; a=b; charset='utf-8'; c=d e"])
    def test_single_quotes_around_a_charset_are_taken_off_wild_09(self, text: str) -> None:
        """RFC 2978, section 2.3: no charset has quotes in its name."""
        assert read(text)["charset"] == "utf-8"
        assert "bad-parameter" in codes(text)

    def test_single_quotes_elsewhere_stay(self) -> None:
        """RFC 2045, section 5.1: they are token characters."""
        assert read("; name='a'; charset=''") == {"name": "'a'", "charset": "''"}

    @given(sources.map("".join))
    @example("; a*=utf-8''%ED%A0%80")
    @example('; a="\\')
    @example("; a=(")
    @example("; charset='")
    def test_nothing_raises_and_values_hold_no_line_breaks(self, text: str) -> None:
        """Law 4: bad mail is never an exception; law 6: what is read can always be written."""
        params, _ = parse_parameters(text)

        assert checked(params) == params

    @given(sources.map("".join))
    def test_what_is_plain_may_be_written_as_it_stands(self, text: str) -> None:
        """RFC 5322, section 2.1.1: printable, and short enough for a line."""
        reading = read_parameters(text)

        assert not reading.plain or (text.isascii() and len(text) < 998 and not reading.codes)


class TestOctets:
    """The octets a parameter stands for."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('; boundary="a b"', b"a b"),
            ("; boundary=\xfc", b"\xfc"),
            ("; boundary*=utf-8''%C3%BC", b"\xc3\xbc"),
            ("; boundary*0=a; boundary*1*=%42", b"aB"),
            ('; boundary="=?utf-8?q?x?="', b"=?utf-8?q?x?="),
            ("; charset=x", None),
        ],
    )
    def test_a_boundary_is_octets_not_text(self, text: str, expected: bytes | None) -> None:
        """RFC 2046, section 5.1.1: delimiters hold the boundary's octets; no encoded word is undone in them."""
        assert octets_of(text, "boundary") == expected


class TestParameters:
    """The mapping."""

    def test_names_are_looked_up_in_any_case(self) -> None:
        """RFC 2045, section 5.1: matching of attributes is always case-insensitive."""
        params = Parameters({"CharSet": "x"})

        assert params["charset"] == params["CHARSET"] == params.get("Charset") == "x"
        assert "cHARSET" in params
        assert (list(params), len(params), repr(params)) == (["charset"], 1, "Parameters({'charset': 'x'})")

    def test_they_are_a_value(self) -> None:
        """Equal by meaning, whatever the order, and hashable."""
        one, other = Parameters([("a", "1"), ("b", "2")]), Parameters({"b": "2", "A": "1"})

        assert one == other == {"a": "1", "b": "2"}
        assert hash(one) == hash(other)


def written(name: str, value: str, *, utf8: bool = False, rfc2047_name: bool = False) -> str:
    """One parameter as it is written."""
    return encode_parameters({name: value}, utf8=utf8, rfc2047_name=rfc2047_name)


class TestWriting:
    """Parameters to text."""

    @pytest.mark.parametrize(
        ("value", "ascii_form", "utf8_form"),
        [
            pytest.param("utf-8", "; a=utf-8", "; a=utf-8", id="token"),
            pytest.param("", '; a=""', '; a=""', id="empty"),
            pytest.param("d e", '; a="d e"', '; a="d e"', id="space"),
            pytest.param('d"e\\', r'; a="d\"e\\"', r'; a="d\"e\\"', id="quoted pairs"),
            pytest.param("it's.pdf", '; a="it\'s.pdf"', '; a="it\'s.pdf"', id="a mark of RFC 2231"),
            pytest.param("Zürich", "; a*=utf-8''Z%C3%BCrich", '; a="Zürich"', id="not ASCII"),
            pytest.param("a\tb", "; a*=us-ascii''a%09b", "; a*=us-ascii''a%09b", id="tab"),
            pytest.param("\x85", "; a*=utf-8''%C2%85", "; a*=utf-8''%C2%85", id="control"),
            pytest.param("=?utf-8?q?x?=", *2 * ["; a*=us-ascii''%3D%3Futf-8%3Fq%3Fx%3F%3D"], id="like an encoded word"),
            pytest.param("x" * 300, f"; a={'x' * 300}", f"; a={'x' * 300}", id="long ASCII stays whole"),
        ],
    )
    def test_the_plainest_form_that_reads_back_is_written(self, value: str, ascii_form: str, utf8_form: str) -> None:
        """RFC 2045, section 5.1; RFC 2231, section 4; RFC 6532, section 3.2."""
        assert written("a", value) == ascii_form
        assert written("a", value, utf8=True) == utf8_form

    def test_a_charset_in_single_quotes_is_quoted(self) -> None:
        """Our reader takes such quotes off where nothing stands around them."""
        assert written("charset", "'x'") == """; charset="'x'\""""

    @pytest.mark.parametrize("name", ["it's.pdf", "100%.pdf", "a*b.pdf", "b'z", "a'b'c", "%41"])
    def test_the_standard_library_reads_the_marks_of_extended_values(self, name: str) -> None:
        """RFC 2045, section 5.1 lets them stand in a token; its parser loses what is written so."""
        octets = f"Content-Type: a/b{written('name', name)}\n\n".encode()

        assert email.message_from_bytes(octets, policy=email.policy.default).get_filename() == name

    def test_long_names_are_cut_into_segments_that_fit_wild_22(self) -> None:
        """RFC 2231, section 3: continuations keep lines to 78 characters; no character is cut in two."""
        value = "日本語のとても長い名前" * 8 + ".pdf"

        folded = _folding.fold("Content-Disposition", "attachment" + written("filename", value))

        assert max(map(len, folded.splitlines())) <= 78
        assert "filename*1*=%E" in folded
        assert read(written("filename", value)) == {"filename": value}

    @pytest.mark.parametrize("value", ["Zürich " * 200, "x y " * 1000, "\\" * 700])
    def test_no_line_is_longer_than_mail_allows(self, value: str) -> None:
        """RFC 5322, section 2.1.1: 998 characters."""
        for utf8 in (False, True):
            folded = _folding.fold("Content-Type", "a/b" + written("n" * 127, value, utf8=utf8))

            assert max(len(line.encode()) for line in folded.splitlines()) <= 998

    def test_a_name_may_be_written_as_encoded_words_wild_22(self) -> None:
        """RFC 2047, section 5 forbids it in quotes; old Outlook and many webmails read nothing else."""
        form = written("name", "Zürich.pdf", rfc2047_name=True)

        assert form.startswith('; name="=?utf-8?')
        assert form.endswith('?="')
        assert read(form) == {"name": "Zürich.pdf"}

    def test_several_encoded_words_stand_in_one_pair_of_quotes_wild_22(self) -> None:
        """RFC 2047, section 2: 75 characters a word; section 6.2: the space between two is not text."""
        value = "日本語 のとても 長い名前" * 8

        form = written("name", value, rfc2047_name=True)

        assert form.count('"') == 2
        assert "?= =?" in form
        assert read(form) == {"name": value}

    def test_encoded_words_are_for_names_that_need_them_wild_22(self) -> None:
        """RFC 2045, section 5.1: what is ASCII is a token or quoted; other parameters have RFC 2231."""
        assert written("name", "a b.pdf", rfc2047_name=True) == '; name="a b.pdf"'
        assert written("title", "ü", rfc2047_name=True) == "; title*=utf-8''%C3%BC"

    def test_they_are_shown_decoded(self) -> None:
        """What a person reads: no percent signs, no encoded words."""
        assert show_parameters({"a": "b", "c": "ü e"}) == '; a=b; c="ü e"'

    @given(pairs, st.booleans(), st.booleans())
    @example({"a": "\ufeffx"}, False, False)
    @example({"name": "\x1b$B"}, False, True)
    def test_what_is_written_is_read_back(self, params: dict[str, str], utf8: bool, words: bool) -> None:
        """Law 6: build, encode, fold, unfold and parse give equal parameters, in ASCII and in UTF-8."""
        body = "a/b" + encode_parameters(params, utf8=utf8, rfc2047_name=words)
        assert utf8 or body.isascii()

        folded = _folding.fold("Content-Type", body)
        unfolded = _folding.unfold(folded.partition(":")[2].encode().decode("latin-1"))

        assert list(read(unfolded[3:]).items()) == list(params.items())

    @given(pairs)
    def test_writing_twice_is_writing_once(self, params: dict[str, str]) -> None:
        """Law 7: what is read back is written in the same octets."""
        once = encode_parameters(params, utf8=False)

        assert encode_parameters(parse_parameters(once)[0], utf8=False) == once


class TestRefusing:
    """What mail cannot carry."""

    @pytest.mark.parametrize("name", ["", "a b", "a=b", "a*", "a'b", "a%", "ü", "a\r\nb", "n" * 128])
    def test_a_name_is_an_attribute(self, name: str) -> None:
        """RFC 2231, section 7: a token without asterisk, quote and percent sign."""
        with pytest.raises(BadValue):
            checked({name: "x"})

    @pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\0b", "a\ud800b"])
    def test_a_value_holds_no_line_break(self, value: str) -> None:
        """RFC 5322, section 2.2: it would forge another field."""
        with pytest.raises(BadValue):
            checked({"a": value})

    def test_a_name_stands_once(self) -> None:
        """RFC 2045, section 5.1: matching is case-insensitive, so one of the two would be lost."""
        with pytest.raises(BadValue, match="twice"):
            checked({"a": "1", "A": "2"})


def test_no_line_with_an_encoded_word_is_too_long() -> None:
    """RFC 2047, section 2: a line that holds one has 76 characters at most, the quote and semicolon behind it too."""
    for length in range(60, 120):
        name = "f€" + "x" * length + "::" + "\x80" * 4

        written = encode_parameters({"name": name, "x": "y"}, utf8=False, rfc2047_name=True)

        assert max(map(len, written.split(" "))) <= 75
        assert parse_parameters(written)[0]["name"] == name
