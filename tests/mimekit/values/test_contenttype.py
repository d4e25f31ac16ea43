"""Content-Type: read as what it means, written so that it comes back, and summed up for the scanner."""

from __future__ import annotations

import copy
import email.message
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit import _folding
from mimekit.errors import BadValue
from mimekit.values.contenttype import ContentType, summary
from mimekit.values.disposition import Disposition

tokens = st.text(st.sampled_from("!#$%&'*+-.09AZ^_`az{|}~"), min_size=1, max_size=10)
attributes = st.text(st.sampled_from("!#$&+-.09AZ^_`az{|}~"), min_size=1, max_size=10)
carried = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=40)
names = st.one_of(attributes.map(str.lower), st.sampled_from(["name", "charset", "boundary"]))
params = st.dictionaries(names, carried, max_size=4)
_SHARDS = [
    "text/plain",
    "multipart/mixed",
    "message/rfc822",
    ";",
    "; charset=",
    "utf-8",
    "'x'",
    '"',
    "; boundary=",
    "b",
]
_MORE = [
    "; start=",
    "<a@b>",
    "=?utf-8?q?x?=",
    "\r\n ",
    "\n\t",
    "\r",
    " ",
    "(",
    ")",
    "\\",
    "=",
    "*0*",
    "*",
    "/",
    "\xfc",
    "\0",
]
bodies = st.one_of(
    st.lists(st.sampled_from(_SHARDS + _MORE), max_size=12).map("".join), st.text(st.characters(max_codepoint=0xFF))
)


def parse(body: str) -> ContentType:
    """The value of a received field."""
    return ContentType.parse("Content-Type", body)


def sent(value: ContentType, *, utf8: bool = False) -> ContentType:
    """*value* after it was encoded, folded and read."""
    folded = _folding.fold("Content-Type", value.encode_body(utf8=utf8))
    return parse(folded.partition(":")[2].removesuffix("\r\n").encode().decode("latin-1"))


class TestReading:
    """A field body to a value."""

    @pytest.mark.parametrize(
        ("body", "content_type", "expected"),
        [
            pytest.param(" text/plain", "text/plain", {}, id="bare"),
            pytest.param("Text/HTML;CHARSET=UTF-8", "text/html", {"charset": "UTF-8"}, id="case"),
            pytest.param(" text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}, id="RFC"),
            pytest.param(" (a) text (b) / (c) html (d); x=y", "text/html", {"x": "y"}, id="comments"),
            pytest.param("\r\n multipart/mixed;\r\n\tboundary=b", "multipart/mixed", {"boundary": "b"}, id="folded"),
            pytest.param(
                ' message/external-body; access-type=URL;\r\n URL*0="ftp://";\r\n URL*1="cs.utk.edu/x.tar"',
                "message/external-body",
                {"access-type": "URL", "url": "ftp://cs.utk.edu/x.tar"},
                id="RFC 2231 3",
            ),
        ],
    )
    def test_a_valid_field_is_read(self, body: str, content_type: str, expected: dict[str, str]) -> None:
        """RFC 2045, section 5.1."""
        value = parse(body)

        assert (value.content_type, value.params, value.defects) == (content_type, expected, ())
        assert f"{value.maintype}/{value.subtype}" == content_type

    @pytest.mark.parametrize(
        ("body", "content_type", "expected", "code"),
        [
            pytest.param("", "text/plain", {}, "bad-content-type", id="empty"),
            pytest.param("text", "text/plain", {}, "bad-content-type", id="no subtype"),
            pytest.param("text; charset=x", "text/plain", {"charset": "x"}, "bad-content-type", id="no subtype, more"),
            pytest.param("text/", "text/plain", {}, "bad-content-type", id="empty subtype"),
            pytest.param("/html", "text/plain", {}, "bad-content-type", id="empty type"),
            pytest.param("charset=utf-8", "text/plain", {"charset": "utf-8"}, "bad-content-type", id="no type"),
            pytest.param("; charset=x", "text/plain", {"charset": "x"}, "bad-content-type", id="nothing in front"),
            pytest.param("text/pl\xe4in; a=b", "text/plain", {"a": "b"}, "bad-content-type", id="8-bit"),
            pytest.param(f"text/{'x' * 128}", "text/plain", {}, "bad-content-type", id="subtype of 128 characters"),
            pytest.param("text/html charset=x", "text/html", {"charset": "x"}, "bad-parameter", id="no semicolon"),
            pytest.param("text/html; name*", "text/html", {}, "bad-parameter", id="no value"),
            pytest.param("text/html;;;;;", "text/html", {}, "bad-parameter", id="semicolons"),
            pytest.param(";;;;;", "text/plain", {}, "bad-content-type", id="only semicolons"),
            pytest.param("text/html; a=1; a=2", "text/html", {"a": "1"}, "duplicate-parameter", id="twice"),
            pytest.param("a/b; boundary==_b1=x", "a/b", {"boundary": "=_b1=x"}, "bad-parameter", id="unquoted"),
        ],
    )
    def test_a_damaged_field_is_read_wild_09(
        self, body: str, content_type: str, expected: dict[str, str], code: str
    ) -> None:
        """RFC 2045, section 5.2: without a valid Content-Type it is plain text."""
        value = parse(body)

        assert (value.content_type, value.params) == (content_type, expected)
        assert code in [defect.code for defect in value.defects]

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (' Text/plain;charset="x" (c)', 'Text/plain;charset="x" (c)'),
            ("text/plain;\r\n\tcharset=x", "text/plain;\tcharset=x"),
            ("text/plain; charset=x;", "text/plain; charset=x"),
            ("text/plain; charset = x", "text/plain; charset=x"),
            ("text", "text/plain"),
            ("text/plain; name=\"=?utf-8?q?=C3=BC_b?=\"; x*=utf-8''y", 'text/plain; name="ü b"; x=y'),
            (f"text/plain; x*0={'a' * 900}", f"text/plain; x={'a' * 900}"),
        ],
    )
    def test_as_text_it_stands_as_it_came_or_in_order(self, body: str, text: str) -> None:
        """What is valid and plain stays; what is not is shown decoded, as it would be written."""
        assert parse(body) == text

    @pytest.mark.parametrize(
        "body",
        [
            "text/plain; charset=utf-8",
            "TEXT/Html",
            "image/png; name=a",
            "text",
            "",
            'a/b; x="y;z"; q=" a "',
            'a/b; x=y; z=""',
        ],
    )
    def test_the_standard_library_agrees(self, body: str) -> None:
        """Where the standard library is right, so are we."""
        oracle = email.message.Message()
        oracle["Content-Type"] = body

        value = parse(body)

        assert value.content_type == oracle.get_content_type()
        assert dict(value.params) == dict(oracle.get_params([])[1:])

    @given(bodies)
    def test_nothing_raises_and_everything_can_be_composed_again(self, body: str) -> None:
        """Laws 4 and 6: any body gives a value, and that value is written and read back equal."""
        value = parse(body)

        again = ContentType.compose("Content-Type", value)

        for read in (again, sent(again), sent(again, utf8=True)):
            assert (read, read.content_type, read.params) == (value, value.content_type, value.params)


class TestComposing:
    """What a caller gives to a value."""

    def test_the_library_builds_it_from_its_parts(self) -> None:
        """RFC 2045, section 5.1: types and names are case-insensitive, values are not."""
        value = ContentType.build("Text", "HTML", {"CharSet": "UTF-8", "title": "a b"})

        assert value == value.encode_body() == 'text/html; charset=UTF-8; title="a b"'
        assert (value.name, value.maintype, value.subtype) == ("Content-Type", "text", "html")
        assert (value.get("TITLE"), value.get("x"), value.get("x", "y")) == ("a b", None, "y")

    @pytest.mark.parametrize(
        ("maintype", "subtype", "given_params"),
        [
            ("", "plain", {}),
            ("text", "", {}),
            ("te xt", "plain", {}),
            ("text", "pl/ain", {}),
            ("text", "plain\r\nBcc: x", {}),
            ("text", "x" * 128, {}),
            ("text", "plain", {"a b": "c"}),
            ("text", "plain", {"a": "b\r\nBcc: x"}),
            ("text", "plain", {"a": "\ud800"}),
        ],
    )
    def test_what_is_no_token_is_refused_wild_18(
        self, maintype: str, subtype: str, given_params: dict[str, str]
    ) -> None:
        """RFC 2045, section 5.1; a line break would forge another field."""
        with pytest.raises(BadValue):
            ContentType.build(maintype, subtype, given_params)

    @pytest.mark.parametrize(
        ("text", "encoded"),
        [
            ("text/html", "text/html"),
            ('text/html; charset="x"', 'text/html; charset="x"'),
            ("Text/HTML ; charset=x (c) ", "Text/HTML ; charset=x (c)"),
            ("text/html charset=x", "text/html; charset=x"),
            ('text/html; name="ü"', "text/html; name*=utf-8''%C3%BC"),
            ("text/html; name=a b", 'text/html; name="a b"'),
        ],
    )
    def test_text_is_taken_as_it_stands_or_put_in_order(self, text: str, encoded: str) -> None:
        """RFC 2045, section 5.1: what is written is valid."""
        value = ContentType.compose("content-type", text)

        assert (value.encode_body(), value.defects, value.name) == (encoded, (), "content-type")
        assert sent(value) == value

    def test_a_type_in_one_word_is_taken_apart(self) -> None:
        """The error says how it is given."""
        with pytest.raises(BadValue, match="given apart: 'text' and 'html', not 'text/html' in one"):
            ContentType.build("text", "text/html")

    @pytest.mark.parametrize(
        "given_value",
        ["", "text", "a/b; c", "a/b; d=1; d=2", "a/b\r\n", "a/b; c=\ud800", "ü/b", "a/b; ü=c", "a/b (", None, b"a/b"],
    )
    def test_what_would_lose_something_is_refused_wild_18(self, given_value: object) -> None:
        """Law 8: what cannot be kept is refused."""
        with pytest.raises(BadValue):
            ContentType.compose("Content-Type", given_value)

    def test_another_fields_value_is_text(self) -> None:
        """A header value is a str; its own `encode` writes a field body, not octets."""
        other = Disposition.build("x", {"name": "ü"})

        value = ContentType.build("a", "b", {"name": other})

        assert value.params == {"name": 'x; name="ü"'}
        assert sent(value).params == value.params

    def test_parameters_change_in_place(self) -> None:
        """A value is frozen: changes give another one."""
        value = ContentType.build("a", "b", {"c": "d", "name": "ü"}, name="content-type", rfc2047_name=True)

        changed = value.with_param("C", "x y").with_param("e", "f")

        assert changed == 'a/b; c="x y"; name="ü"; e=f'
        assert '; name="=?utf-8?' in changed.encode_body()
        assert changed.without_param("C").without_param("none") == 'a/b; name="ü"; e=f'
        assert (value, changed.name) == ('a/b; c=d; name="ü"', "content-type")

    def test_a_changed_parameter_is_checked(self) -> None:
        """RFC 5322, section 2.2: no line break in a value."""
        with pytest.raises(BadValue):
            ContentType.build("a", "b").with_param("c", "\n")

    def test_names_for_old_programs_come_back_wild_22(self) -> None:
        """RFC 2047, section 5 forbids it; `name="=?utf-8?...?="` is what old Outlook and many webmails read."""
        name = "Übersicht für das dritte Quartal, überarbeitet und geprüft (Müller).pdf"

        value = ContentType.build("application", "pdf", {"name": name}, rfc2047_name=True)

        assert value.encode_body().startswith('application/pdf; name="=?utf-8?')
        assert (sent(value), sent(value).params) == (value, {"name": name})
        assert ContentType.compose("Content-Type", value).encode_body() == value.encode_body()
        assert value.encode_body(utf8=True) == f'application/pdf; name="{name}"'

    @given(tokens, tokens, params, st.booleans(), st.booleans())
    def test_what_is_built_is_read_back(
        self, maintype: str, subtype: str, given_params: dict[str, str], utf8: bool, words: bool
    ) -> None:
        """Law 6: build, encode, fold, unfold and parse give an equal value, in ASCII and in UTF-8."""
        value = ContentType.build(maintype, subtype, given_params, rfc2047_name=words)

        read = sent(value, utf8=utf8)

        assert (read, read.content_type, read.params) == (value, value.content_type, given_params)
        assert utf8 or value.encode_body().isascii()

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Values travel between processes."""
        value = ContentType.build("a", "b", {"c": "ü"})

        for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301
            assert (twin, twin.params, twin.encode_body()) == (value, value.params, value.encode_body())


class TestSummary:
    """What the scanner asks for."""

    @pytest.mark.parametrize(
        ("body", "boundary", "alternate"),
        [
            pytest.param(' multipart/mixed;\r\n boundary="=_a/b"', b"=_a/b", None, id="usual"),
            pytest.param(" multipart/mixed; boundary=ab;", b"ab", None, id="token"),
            pytest.param(' multipart/mixed; boundary="a b  "', b"a b", None, id="white space at its end"),
            pytest.param(' multipart/mixed; boundary=" a"', b" a", None, id="white space in front"),
            pytest.param(" multipart/mixed; boundary==_b1=x", b"=_b1=x", None, id="unquoted"),
            pytest.param(' multipart/mixed; boundary="<<x>>"', b"<<x>>", None, id="angles"),
            pytest.param(' multipart/mixed; boundary="a\r\n b"', b"a b", b"ab", id="folded"),
            pytest.param(' multipart/mixed; boundary="a \n\t b"', b"a \t b", b"a b", id="folded at spaces"),
            pytest.param(' multipart/mixed; boundary="\r\n ab"', b" ab", b"ab", id="folded in front"),
            pytest.param(" multipart/mixed; boundary=\xfc", b"\xfc", None, id="8-bit"),
            pytest.param(" multipart/mixed; boundary*=''a%20b", b"a b", None, id="extended"),
            pytest.param(r' multipart/mixed; boundary="a\"b"', b'a"b', None, id="quoted pair"),
            pytest.param(" multipart/mixed; boundary=a; boundary=b", b"a", None, id="twice"),
            pytest.param(' multipart/mixed; boundary=""', None, None, id="empty"),
            pytest.param(' multipart/mixed; boundary=" "', None, None, id="blank"),
            pytest.param(" multipart/mixed", None, None, id="missing"),
            pytest.param(" multipart/mixed; x=" + "y" * 500 + "; boundary=b", b"b", None, id="long"),
        ],
    )
    def test_the_boundary_is_found_wild_09(self, body: str, boundary: bytes | None, alternate: bytes | None) -> None:
        """RFC 2046, section 5.1.1: octets to look for, not ending in white space."""
        found = summary(body)

        assert (found.boundary, found.alternate) == (boundary, alternate)
        assert (found.content_type, found.maintype) == ("multipart/mixed", "multipart")

    def test_it_says_what_else_is_asked_for(self) -> None:
        """RFC 2046, section 4.1.2: the charset, as it was spelled."""
        found = summary(' Multipart/Related; start="<a@b>"; charset="Utf-8"; type=text/html; boundary=b')

        assert (found.charset, found.boundary) == ("Utf-8", b"b")
        assert not found.is_message

    @pytest.mark.parametrize(
        ("body", "expected"),
        [("message/rfc822", True), ("Message/Global", True), ("message/news", True), ("message/partial", False)],
    )
    def test_it_says_whether_a_message_is_inside(self, body: str, expected: bool) -> None:
        """RFC 2046, section 5.2.1; RFC 6532, section 3.7."""
        assert summary(body).is_message is expected

    def test_repeated_types_are_read_once(self) -> None:
        """Nearly all mail has one of few Content-Types."""
        assert summary(" text/plain; charset=utf-8") is summary(" text/plain; charset=utf-8")

    @given(bodies)
    @example("a/b;\rcharset=x")
    @example("a/b; charset='x'")
    @example("a/b; charset=\"'x'\"")
    @example('a/b; boundary="\ta"')
    @example("a/b\r\n")
    def test_it_agrees_with_the_value(self, body: str) -> None:
        """The short path and the full one read the same."""
        found, value = summary(body), parse(body)

        assert (found.content_type, found.maintype) == (value.content_type, value.maintype)
        assert found.charset == value.get("charset")
        if value.params.get("boundary", "").isascii() and "=?" not in body and "\ufffd" not in value:
            octets = value.params.get("boundary", "").encode().rstrip(b" \t")
            assert (found.boundary or b"") == octets
