"""Content-Disposition: read as what it means, written so that it comes back; file names made safe."""

from __future__ import annotations

import copy
import email.message
import pickle
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit import _folding
from mimekit.errors import BadValue
from mimekit.values.contenttype import ContentType
from mimekit.values.disposition import Disposition, safe_filename

tokens = st.text(st.sampled_from("!#$%&'*+-.09AZ^_`az{|}~"), min_size=1, max_size=10)
carried = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=40)
params = st.dictionaries(st.sampled_from(["filename", "size", "creation-date", "name", "x"]), carried, max_size=4)
_SHARDS = ["attachment", "inline", ";", "; filename=", "; filename*=utf-8''", "a.pdf", '"', "=?utf-8?q?x?=", "\r\n "]
_MORE = [" ", "(", ")", "\\", "=", "*0*", "/", "\xfc", "\0", "%C3%A4", "C:\\a"]
bodies = st.one_of(
    st.lists(st.sampled_from(_SHARDS + _MORE), max_size=12).map("".join), st.text(st.characters(max_codepoint=0xFF))
)
_PIECES = [".", "..", "/", "\\", " ", "CON", "nul", "com1", ":", "C:", "\u202e", "\0", "\n", ".pdf", "é", "😀", "\xa0"]
filenames = st.one_of(
    st.text(),
    st.lists(st.sampled_from(_PIECES), max_size=10).map("".join),
    st.text(min_size=80).map(lambda text: text * 9),
)


def parse(body: str) -> Disposition:
    """The value of a received field."""
    return Disposition.parse("Content-Disposition", body)


def sent(value: Disposition, *, utf8: bool = False) -> Disposition:
    """*value* after it was encoded, folded and read."""
    folded = _folding.fold("Content-Disposition", value.encode_body(utf8=utf8))
    return parse(folded.partition(":")[2].removesuffix("\r\n").encode().decode("latin-1"))


class TestReading:
    """A field body to a value."""

    @pytest.mark.parametrize(
        ("body", "disposition", "expected"),
        [
            pytest.param(" inline", "inline", {}, id="RFC 2183 3, first"),
            pytest.param(
                ' attachment; filename=genome.jpeg;\r\n modification-date="Wed, 12 Feb 1997 16:29:51 -0500";',
                "attachment",
                {"filename": "genome.jpeg", "modification-date": "Wed, 12 Feb 1997 16:29:51 -0500"},
                id="RFC 2183 3, second",
            ),
            pytest.param(" ATTACHMENT ; FileName=A.PDF", "attachment", {"filename": "A.PDF"}, id="case"),
            pytest.param(" (x) attachment (y); size=3", "attachment", {"size": "3"}, id="comments"),
            pytest.param(" attachment; filename*=utf-8''%C3%A4", "attachment", {"filename": "ä"}, id="extended"),
        ],
    )
    def test_a_valid_field_is_read(self, body: str, disposition: str, expected: dict[str, str]) -> None:
        """RFC 2183, section 2; the examples of section 3 (one of which ends in a semicolon too many)."""
        value = parse(body)

        assert (value.content_disposition, value.params) == (disposition, expected)
        assert [defect.code for defect in value.defects] == (["bad-parameter"] if body[-1] == ";" else [])

    @pytest.mark.parametrize(
        ("body", "disposition", "expected"),
        [
            pytest.param("", None, {}, id="empty"),
            pytest.param(" (nothing)", None, {}, id="only a comment"),
            pytest.param("; filename=a", "attachment", {"filename": "a"}, id="nothing in front"),
            pytest.param("filename=a.pdf", "attachment", {"filename": "a.pdf"}, id="no disposition"),
            pytest.param("filename*0=a; filename*1=b", "attachment", {"filename": "ab"}, id="no disposition, segments"),
            pytest.param('"inline"; filename=a', "inline", {"filename": "a"}, id="in quotes"),
            pytest.param("\xe4; filename=a", "attachment", {"filename": "a"}, id="8-bit"),
            pytest.param("attachment filename=a b", "attachment", {"filename": "a b"}, id="no semicolon"),
            pytest.param("x" * 128, "attachment", {}, id="128 characters"),
        ],
    )
    def test_a_damaged_field_is_read(self, body: str, disposition: str | None, expected: dict[str, str]) -> None:
        """RFC 2183, section 2.8: what is not recognised is treated as an attachment."""
        value = parse(body)

        assert (value.content_disposition, value.params) == (disposition, expected)
        assert value.defects

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (" Attachment;filename=a (b)", "Attachment;filename=a (b)"),
            ("attachment; filename=a b.pdf;", 'attachment; filename="a b.pdf"'),
            ("attachment; filename*=utf-8''%C3%A4", 'attachment; filename="ä"'),
            ("filename=a", "attachment; filename=a"),
            ("", ""),
        ],
    )
    def test_as_text_it_stands_as_it_came_or_in_order(self, body: str, text: str) -> None:
        """What is valid and plain stays; what is not is shown decoded, as it would be written."""
        assert parse(body) == text

    @pytest.mark.parametrize("body", ["attachment; filename=a", 'INLINE; filename="a;b"; x=y', "x-other"])
    def test_the_standard_library_agrees(self, body: str) -> None:
        """Where the standard library is right, so are we."""
        oracle = email.message.Message()
        oracle["Content-Disposition"] = body

        value = parse(body)

        assert value.content_disposition == oracle.get_content_disposition()
        assert value.get("filename") == oracle.get_filename()

    @given(bodies)
    def test_nothing_raises_and_everything_can_be_composed_again(self, body: str) -> None:
        """Laws 4 and 6: any body gives a value, and one that says something is written and read back equal."""
        value = parse(body)

        if value.content_disposition is not None:
            again = Disposition.compose("Content-Disposition", value)
            for read in (again, sent(again), sent(again, utf8=True)):
                assert read == value
                assert (read.content_disposition, read.params) == (value.content_disposition, value.params)


class TestComposing:
    """What a caller gives to a value."""

    def test_a_name_that_is_not_ascii_is_extended_wild_22(self) -> None:
        """RFC 2231, section 4; RFC 6532, section 3.2."""
        value = Disposition.build("Attachment", {"filename": "Übersicht.pdf"})

        assert value == 'attachment; filename="Übersicht.pdf"'
        assert value.encode_body() == "attachment; filename*=utf-8''%C3%9Cbersicht.pdf"
        assert value.encode_body(utf8=True) == 'attachment; filename="Übersicht.pdf"'

    @pytest.mark.parametrize(
        ("disposition", "given_params"),
        [
            ("", {}),
            ("a b", {}),
            ('"a"', {}),
            ("ü", {}),
            ("x" * 128, {}),
            ("a\n", {}),
            ("a", {"filename": "\r\nBcc: x"}),
        ],
    )
    def test_what_is_no_token_is_refused_wild_18(self, disposition: str, given_params: dict[str, str]) -> None:
        """RFC 2183, section 2; a line break would forge another field."""
        with pytest.raises(BadValue):
            Disposition.build(disposition, given_params)

    @pytest.mark.parametrize(
        ("text", "encoded"),
        [
            ("inline", "inline"),
            (" Attachment; filename=a.pdf ", "Attachment; filename=a.pdf"),
            ("attachment; filename=a b.pdf", 'attachment; filename="a b.pdf"'),
            ('attachment; filename="ä.pdf"', "attachment; filename*=utf-8''%C3%A4.pdf"),
        ],
    )
    def test_text_is_taken_as_it_stands_or_put_in_order(self, text: str, encoded: str) -> None:
        """RFC 2183, section 2: what is written is valid."""
        value = Disposition.compose("content-disposition", text)

        assert (value.encode_body(), value.defects, value.name) == (encoded, (), "content-disposition")
        assert sent(value) == value

    @pytest.mark.parametrize("given_value", ["", "filename=a", "a; b", "a; b=1; b=2", "a\r\n", "ü", "a (", None, b"a"])
    def test_what_would_lose_something_is_refused_wild_18(self, given_value: object) -> None:
        """Law 8: what cannot be kept is refused."""
        with pytest.raises(BadValue):
            Disposition.compose("Content-Disposition", given_value)

    def test_an_empty_field_is_refused(self) -> None:
        """RFC 2183, section 2: there is a disposition or there is no field."""
        with pytest.raises(BadValue):
            Disposition.compose("Content-Disposition", parse(""))

    def test_another_fields_value_is_text(self) -> None:
        """A header value is a str; its own `encode` writes a field body, not octets."""
        value = Disposition.compose(
            "Content-Disposition", ContentType.build("a", "b", {"name": "ü"}).replace("a/b", "c")
        )

        assert value == 'c; name="ü"'
        with pytest.raises(BadValue):
            Disposition.compose("Content-Disposition", ContentType.build("a", "b"))

    def test_parameters_change_in_place(self) -> None:
        """A value is frozen: changes give another one."""
        value = Disposition.build("inline", {"filename": "a", "size": "3"})

        changed = value.with_param("FileName", "b c").with_param("x", "y")

        assert changed == 'inline; filename="b c"; size=3; x=y'
        assert changed.without_param("SIZE").without_param("none") == 'inline; filename="b c"; x=y'
        assert value == "inline; filename=a; size=3"
        assert parse("").with_param("filename", "a") == "attachment; filename=a"
        assert parse("").encode_body() == ""

    @given(tokens, params, st.booleans())
    def test_what_is_built_is_read_back(self, disposition: str, given_params: dict[str, str], utf8: bool) -> None:
        """Law 6: build, encode, fold, unfold and parse give an equal value, in ASCII and in UTF-8."""
        value = Disposition.build(disposition, given_params)

        read = sent(value, utf8=utf8)

        assert (read, read.content_disposition, read.params) == (value, value.content_disposition, given_params)
        assert utf8 or value.encode_body().isascii()

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Values travel between processes."""
        value = Disposition.build("a", {"filename": "ü"})

        for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301
            assert (twin, twin.params, twin.encode_body()) == (value, value.params, value.encode_body())


SAFE = [
    pytest.param("annual report.pdf", "annual report.pdf", id="usual"),
    pytest.param("Übersicht 日本語 😀.pdf", "Übersicht 日本語 😀.pdf", id="readable in any script"),
    pytest.param("\u0646\u200c\u0628.txt", "\u0646\u200c\u0628.txt", id="a joiner is part of a word"),
    pytest.param("C:\\temp\\a.pdf", "a.pdf", id="drive"),
    pytest.param("\\\\server\\share\\a.pdf", "a.pdf", id="share"),
    pytest.param("C:a.pdf", "a.pdf", id="drive without a slash"),
    pytest.param("/etc/passwd", "passwd", id="absolute"),
    pytest.param("../../a\\..\\b.txt", "b.txt", id="both slashes"),
    pytest.param("a/b/", "b", id="a slash at the end"),
    pytest.param(".bashrc", "bashrc", id="dot in front"),
    pytest.param("...hidden", "hidden", id="dots in front"),
    pytest.param("a.pdf. . ", "a.pdf", id="dots and spaces at the end"),
    pytest.param("\t a\r\nb.pdf\0", "a  b.pdf", id="controls"),
    pytest.param("a\x85\x1b\x9fb", "a b", id="more controls"),
    pytest.param("gepj.\u202efdp.exe", "gepj.fdp.exe", id="reversed"),
    pytest.param(".\u202e./x\u2066", "x", id="reversed between dots"),
    pytest.param("a\ud800b", "ab", id="lone surrogate"),
    pytest.param('a<b>:"c|d?e*.txt', "a_b___c_d_e_.txt", id="what Windows forbids"),
    pytest.param("a.txt:evil.exe", "a.txt_evil.exe", id="alternate stream"),
    pytest.param("CON", "_CON", id="device"),
    pytest.param("nul.txt", "_nul.txt", id="device with an ending"),
    pytest.param("com1 .tar.gz", "_com1 .tar.gz", id="device with a space"),
    pytest.param("AUX. . .", "_AUX", id="device with dots"),
    pytest.param("LPT\xb9.x", "_LPT\xb9.x", id="device with a superscript"),
    pytest.param("\u202eCO\u202eN", "_CON", id="device, hidden"),
    pytest.param("CON" + " " * 300 + "a.pdf", "_CON.pdf", id="device by cutting"),
    pytest.param("console.log", "console.log", id="no device"),
    pytest.param("", "attachment", id="empty"),
    pytest.param("..", "attachment", id="dots only"),
    pytest.param(" /.\\. ", "attachment", id="nothing left"),
    pytest.param("x" * 300 + ".pdf", "x" * 251 + ".pdf", id="long"),
    pytest.param("é" * 200 + ".pdf", "é" * 125 + ".pdf", id="long in octets"),
    pytest.param("a" * 200 + " " * 100 + ".pdf", "a" * 200 + ".pdf", id="long with spaces at the cut"),
    pytest.param("x" * 300, "x" * 255, id="long without an ending"),
    pytest.param("x." + "y" * 300, "x." + "y" * 253, id="long ending"),
]


class TestSafeFilename:
    """A name from mail to a name for a file."""

    @pytest.mark.parametrize(("name", "expected"), SAFE)
    def test_a_name_cannot_leave_its_directory_or_lie_wild_10(self, name: str, expected: str) -> None:
        """RFC 2183, section 2.3: the receiving program must not blindly use the name it is given."""
        assert safe_filename(name) == expected

    def test_a_header_value_is_a_name_too(self) -> None:
        """A header value is a str; its own `encode` writes a field body, not octets."""
        assert safe_filename(Disposition.build("x", {"a": "ü" * 200}))[:10] == "x; a=_üüüü"

    @given(filenames)
    @example("C:C:CON.")
    @example("CON" + "\u3000" * 300 + ".x")
    def test_the_result_is_safe_whatever_comes(self, name: str) -> None:
        """Never empty, never a path, never hidden, never too long; doing it twice changes nothing."""
        safe = safe_filename(name)

        assert safe
        assert len(safe.encode()) <= 255
        assert not set(safe) & set('/\\<>:"|?*\u202a\u202b\u202c\u202d\u202e')
        assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in safe)
        assert safe == safe.strip() == safe.strip(".")
        assert safe_filename(safe) == safe
