"""mimekit._scanner: bytes to spans."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given

import mimekit
from mimekit import _scanner
from mimekit._scanner import Layout, Source
from mimekit.values.contenttype import summary
from tests.strategies import anything

_LIMIT = 1_000_000

# a leaf is its body, a multipart the list of its parts, a message/rfc822 a tuple of the message in it
Outline: TypeAlias = "bytes | list[Outline] | tuple[Outline]"


def head_of(octets: bytes, *, max_header_size: int = _LIMIT) -> Layout:
    """The entity in *octets*, its header block found."""
    layout = Layout(0, len(octets))
    _scanner.head(Source(octets), layout, max_header_size=max_header_size)
    return layout


def scanned(
    octets: bytes, *, max_depth: int = _LIMIT, max_parts: int = _LIMIT, max_header_size: int = _LIMIT
) -> Layout:
    """The entity in *octets* with everything below it."""
    source, layout = Source(octets), Layout(0, len(octets))
    _scanner.head(source, layout, max_header_size=max_header_size)
    _scanner.scan(source, layout, max_depth=max_depth, max_parts=max_parts, max_header_size=max_header_size)
    return layout


def walk(layout: Layout) -> list[Layout]:
    """*layout* and all below it, each before its parts."""
    found: list[Layout] = []
    stack = [layout]
    while stack:
        entity = stack.pop()
        found.append(entity)
        stack.extend(reversed(entity.parts or []))
    return found


def outline(octets: bytes, layout: Layout | None = None) -> Outline:
    """What *octets* hold."""
    entity = scanned(octets) if layout is None else layout
    if entity.parts is None:
        return octets[entity.body : entity.end]
    if entity.kind.is_message:
        return (outline(octets, entity.parts[0]),)
    return [outline(octets, part) for part in entity.parts]


def fields_of(octets: bytes, layout: Layout) -> bytes:
    """The header lines of *layout*."""
    return octets[layout.fields : layout.fields_end]


def codes(*entities: Layout) -> list[tuple[str, int | None]]:
    """What is wrong with *entities*, and where."""
    return [(defect.code, defect.offset) for entity in entities for defect in entity.defects]


def multipart(*lines: bytes, boundary: bytes = b"B") -> bytes:
    """A multipart whose body is *lines*; LF ends every line but the last."""
    return b"Content-Type: multipart/mixed; boundary=" + boundary + b"\n\n" + b"\n".join(lines)


class TestSource:
    """How lines end."""

    @pytest.mark.parametrize(
        ("octets", "newline", "eol"),
        [
            pytest.param(b"a: b\r\n\r\nc\r\n", b"\n", b"\r\n", id="usual: CRLF"),
            pytest.param(b"a: b\n\nc\n", b"\n", b"\n", id="usual: LF"),
            pytest.param(b"", b"\n", b"\r\n", id="odd: nothing"),
            pytest.param(b"a: b", b"\n", b"\r\n", id="odd: one line without its end"),
            pytest.param(b"a: b\r\rc\r", b"\r", b"\r", id="odd: CR alone"),
            pytest.param(b"a\r\nb\r\nc\n", b"\n", b"\r\n", id="odd: more CRLF than LF"),
            pytest.param(b"a\r\nb\nc\n", b"\n", b"\n", id="odd: more LF than CRLF"),
            pytest.param(b"a\r\nb\n", b"\n", b"\r\n", id="odd: as many"),
            pytest.param(b"a\nb\r\nc\r\nd\n\re", b"\n", b"\r\n", id="odd: LF in front and behind"),
            pytest.param(b"a\nb\n\r\r", b"\n", b"\n", id="hostile: as many CRs, none before an LF"),
            pytest.param(b"a\r\r\nb\r\r\n", b"\n", b"\r\n", id="odd: CR CR LF"),
            pytest.param(b"a\rb\rc\rd\n", b"\n", b"\n", id="hostile: one LF among CRs"),
        ],
    )
    def test_what_is_added_takes_the_line_end_used_most(self, octets: bytes, newline: bytes, eol: bytes) -> None:
        """What was parsed keeps its own line ends, and what is added to it takes the ones it uses most."""
        source = Source(octets)

        assert (source.form.newline, source.eol, source.eol) == (newline, eol, eol)

    @pytest.mark.parametrize(
        ("octets", "fields", "body"),
        [
            pytest.param(b"a: b\r\n\r\nc", b"a: b\r\n", b"c", id="usual: CRLF"),
            pytest.param(b"a: b\n\nc", b"a: b\n", b"c", id="usual: LF"),
            pytest.param(b"a: b\r\rc", b"a: b\r", b"c", id="odd: CR alone"),
            pytest.param(b"a: b\r\r\n\r\r\nc", b"a: b\r\r\n", b"c", id="odd: CR CR LF"),
            pytest.param(b"a: b\n\r\nc", b"a: b\n", b"c", id="odd: LF, then CRLF"),
            pytest.param(b"a: b\r\n\nc", b"a: b\r\n", b"c", id="odd: CRLF, then LF"),
            pytest.param(b"a: b\nc: d\r\n\r\ne", b"a: b\nc: d\r\n", b"e", id="odd: both in the header"),
            pytest.param(b"a: b\rc: d\n\ne", b"a: b\rc: d\n", b"e", id="hostile: a lone CR where lines end in LF"),
        ],
    )
    def test_the_body_begins_behind_the_empty_line_wild_01(self, octets: bytes, fields: bytes, body: bytes) -> None:
        """RFC 5322, section 2.1: the body is separated from the header section by an empty line."""
        layout = head_of(octets)

        assert (fields_of(octets, layout), octets[layout.body :], codes(layout)) == (fields, body, [])


class TestHead:
    """Where a header block ends."""

    @pytest.mark.parametrize(
        ("octets", "fields", "body"),
        [
            pytest.param(b"Subject: a\n b\n\tc\n\nbody", b"Subject: a\n b\n\tc\n", b"body", id="usual: folded"),
            pytest.param(b"\nbody", b"", b"body", id="usual: no field"),
            pytest.param(b"\r\nbody", b"", b"body", id="usual: no field, CRLF"),
            pytest.param(b"Subject :x\n\nbody", b"Subject :x\n", b"body", id="odd: white space before the colon"),
            pytest.param(b"Subject:\n\nbody", b"Subject:\n", b"body", id="odd: an empty field"),
            pytest.param(b"Subject: caf\xe9\n\nbody", b"Subject: caf\xe9\n", b"body", id="odd: 8-bit"),
            pytest.param(
                b"Subject: a\n \n\nbody", b"Subject: a\n \n", b"body", id="odd: a continuation of white space"
            ),
            pytest.param(b"Subject: a\n", b"Subject: a\n", b"", id="odd: no empty line"),
            pytest.param(b"Subject: a", b"Subject: a", b"", id="odd: no line end"),
            pytest.param(b"Subject: a\n\n", b"Subject: a\n", b"", id="odd: no body"),
            pytest.param(b"", b"", b"", id="odd: nothing"),
            pytest.param(b"\r\r\nbody", b"", b"body", id="odd: no field, CR CR LF"),
            pytest.param(b"\rbody", b"", b"body", id="odd: no field, CR alone"),
            pytest.param(b"\n\n\nbody", b"", b"\n\nbody", id="odd: empty lines"),
        ],
    )
    def test_a_header_block_ends_at_the_first_empty_line_wild_01(
        self, octets: bytes, fields: bytes, body: bytes
    ) -> None:
        """RFC 5322, section 2.1: header fields, then optionally an empty line and a body."""
        layout = head_of(octets)

        assert (fields_of(octets, layout), octets[layout.body :], codes(layout)) == (fields, body, [])

    @pytest.mark.parametrize(
        ("octets", "fields", "body", "place"),
        [
            pytest.param(b"From a Mon\nTo: b\n\nc", b"From a Mon\nTo: b\n", b"c", 0, id="usual: an mbox line"),
            pytest.param(b">From a\nTo: b\n\nc", b">From a\nTo: b\n", b"c", 0, id="usual: an mbox line, quoted"),
            pytest.param(b"A: b\njunk\nC: d\n\ne", b"A: b\njunk\nC: d\n", b"e", 5, id="usual: between two fields"),
            pytest.param(
                b"A: b\r\n>From x\r\nC: d\r\n\r\ne", b"A: b\r\n>From x\r\nC: d\r\n", b"e", 6, id="usual: CRLF"
            ),
            pytest.param(b"A: b\rjunk\rC: d\r\re", b"A: b\rjunk\rC: d\r", b"e", 5, id="odd: CR alone"),
            pytest.param(b"A: b\nx\ny\nC: d\nz\nE: f\n\ng", b"A: b\nx\ny\nC: d\nz\nE: f\n", b"g", 5, id="odd: several"),
            pytest.param(b" A: b\nC: d\n\ne", b" A: b\nC: d\n", b"e", 0, id="odd: a continuation of nothing"),
            pytest.param(b"A: b\njunk\nC: d", b"A: b\njunk\nC: d", b"", 5, id="odd: no empty line"),
            pytest.param(b"A: b\n--x: y\nC: d\n\ne", b"A: b\n--x: y\nC: d\n", b"e", 5, id="odd: dashes and a colon"),
            pytest.param(b"A: b\n: c\nD: e\n\nf", b"A: b\n: c\nD: e\n", b"f", 5, id="hostile: a colon and no name"),
            pytest.param(b"A: b\nC\0: d\nE: f\n\ng", b"A: b\nC\0: d\nE: f\n", b"g", 5, id="hostile: NUL in a name"),
        ],
    )
    def test_a_line_that_is_no_field_is_passed_where_one_follows_wild_12(
        self, octets: bytes, fields: bytes, body: bytes, place: int
    ) -> None:
        """A line among the headers that is no field is skipped if a field follows before the blank line."""
        layout = head_of(octets)

        assert (fields_of(octets, layout), octets[layout.body :]) == (fields, body)
        assert codes(layout) == [("stray-line", place)]

    @pytest.mark.parametrize(
        ("octets", "fields", "body", "found"),
        [
            pytest.param(
                b"A: b\nHello,\n\nhow are you",
                b"A: b\n",
                b"Hello,\n\nhow are you",
                [("missing-separator", 5)],
                id="usual",
            ),
            pytest.param(b"Hello", b"", b"Hello", [("missing-separator", 0)], id="usual: no header at all"),
            pytest.param(b"A: b\rHello\r\rx", b"A: b\r", b"Hello\r\rx", [("missing-separator", 5)], id="odd: CR alone"),
            pytest.param(
                b"A: b\njunk\nC: d\nHello\n\nx",
                b"A: b\njunk\nC: d\n",
                b"Hello\n\nx",
                [("stray-line", 5), ("missing-separator", 15)],
                id="odd: stray lines before",
            ),
            pytest.param(b"--x\ny", b"", b"--x\ny", [("missing-separator", 0)], id="odd: begins with dashes"),
            pytest.param(b"\0\xff", b"", b"\0\xff", [("missing-separator", 0)], id="hostile: no text"),
        ],
    )
    def test_the_body_begins_at_a_line_that_no_field_follows_wild_12(
        self, octets: bytes, fields: bytes, body: bytes, found: list[tuple[str, int]]
    ) -> None:
        """A line among the headers that is no field: if no field follows, the body starts there."""
        layout = head_of(octets)

        assert (fields_of(octets, layout), octets[layout.body :], codes(layout)) == (fields, body, found)

    def test_a_byte_order_mark_stands_before_the_fields_wild_12(self) -> None:
        """A UTF-8 BOM before the headers: the headers survive."""
        octets = b"\xef\xbb\xbfContent-Type: text/html\n\nbody"

        layout = head_of(octets)

        assert (layout.start, layout.fields, codes(layout)) == (0, 3, [("byte-order-mark", 0)])
        assert layout.kind.content_type == "text/html"

    def test_a_file_with_a_byte_order_mark_may_be_attached_wild_12(self) -> None:
        """An editor that marks UTF-8 saved it so; every header block may begin like that."""
        octets = multipart(b"--B", b"Content-Type: message/rfc822", b"", b"\xef\xbb\xbfSubject: x", b"", b"y", b"--B--")

        (part,) = scanned(octets).parts or []

        (message,) = part.parts or []
        assert fields_of(octets, message) == b"Subject: x\n"
        assert codes(message) == [("byte-order-mark", message.start)]

    def test_a_byte_order_mark_within_a_header_block_is_no_mark(self) -> None:
        """Behind the first field the three octets make a line that is no field."""
        layout = head_of(b"A: b\n\xef\xbb\xbfC: d\nE: f\n\ng")

        assert codes(layout) == [("stray-line", 5)]

    @pytest.mark.parametrize(
        "separator",
        [
            pytest.param(b"--B\n", id="usual"),
            pytest.param(b"--B  \n", id="odd: padding"),
            pytest.param(b"junk\n--B\n", id="odd: behind a stray line"),
            pytest.param(b"--x\n--y: z\n--B\n", id="hostile: behind other dashes"),
        ],
    )
    def test_a_multiparts_own_delimiter_ends_its_header(self, separator: bytes) -> None:
        """A multipart whose first delimiter stands where the empty line is missing: its parts survive."""
        octets = b"Content-Type: multipart/mixed; boundary=B\n" + separator + b"Subject: x\n\nbody\n--B--\n"

        layout = scanned(octets)

        assert outline(octets) == [b"body"]
        assert fields_of(octets, layout) == b"Content-Type: multipart/mixed; boundary=B\n"

    def test_a_folded_boundary_ends_its_header_too(self) -> None:
        """The boundary without the white space of a fold is looked for as well."""
        octets = b'Content-Type: multipart/mixed; boundary="B\n C"\n--BC\nSubject: x\n\nbody\n--BC--\n'

        assert outline(octets) == [b"body"]

    def test_a_boundary_named_below_a_stray_line_ends_the_header(self) -> None:
        """The Content-Type is looked for once, from the top of the block, however many dashed lines there are."""
        octets = b"--x\nContent-Type: multipart/mixed; boundary=B\n--y\nA: b\n--B\n\nbody\n--B--\n"

        assert outline(octets) == [b"body"]

    def test_dashes_without_a_boundary_end_nothing(self) -> None:
        """A Content-Type without a boundary has no delimiter, and the line "--" is not one."""
        octets = b"Content-Type: text/plain\n--\nSubject: x\n\nbody"

        assert octets[head_of(octets).body :] == b"body"

    @pytest.mark.parametrize(
        ("octets", "content_type"),
        [
            pytest.param(b"Content-Type: text/html\n\n", "text/html", id="usual"),
            pytest.param(b"Subject: x\n\n", "text/plain", id="usual: none"),
            pytest.param(b"content-TYPE : image/png\n\n", "image/png", id="odd: case, white space before the colon"),
            pytest.param(b"Content-Type: text/html\nContent-Type: a/b\n\n", "text/html", id="odd: twice"),
            pytest.param(b"A: b\n\nContent-Type: text/html\n", "text/plain", id="hostile: in the body"),
        ],
    )
    def test_the_type_of_an_entity_is_known_with_its_head(self, octets: bytes, content_type: str) -> None:
        """RFC 2045, section 5.2: without a Content-Type an entity is text/plain."""
        assert head_of(octets).kind.content_type == content_type


class TestHeaderLimit:
    """A header block larger than the policy allows."""

    def test_what_stands_beyond_the_limit_is_left_as_body(self) -> None:
        """A limit ends in an opaque leaf and a defect."""
        octets = b"Content-Type: text/html\nSubject: a\n\nbody"

        layout = head_of(octets, max_header_size=30)

        assert (fields_of(octets, layout), layout.body, layout.opaque) == (b"Content-Type: text/html\n", 24, True)
        assert codes(layout) == [("header-limit", 24)]
        assert [defect.rfc for defect in layout.defects] == ["RFC 5322, section 2.1"]
        assert layout.kind.content_type == "text/html"

    def test_a_block_of_just_that_size_is_read(self) -> None:
        """The limit itself is allowed."""
        octets = b"Subject: a\n\nbody"

        assert codes(head_of(octets, max_header_size=11)) == []
        assert codes(head_of(octets, max_header_size=10)) == [("header-limit", 0)]

    def test_a_single_line_beyond_the_limit_leaves_no_field(self) -> None:
        """A cut within a line would make another field of it."""
        layout = head_of(b"\xef\xbb\xbfSubject: " + b"x" * 100, max_header_size=50)

        assert (layout.fields, layout.fields_end, layout.body) == (3, 3, 3)

    def test_a_part_beyond_the_limit_is_not_opened(self) -> None:
        """The same limit holds for every header block in a message."""
        inner = b"Content-Type: multipart/mixed; boundary=C\nX: " + b"x" * 100
        octets = multipart(b"--B", inner, b"", b"--C", b"", b"in it", b"--C--", b"--B", b"", b"two", b"--B--")

        layout = scanned(octets, max_header_size=80)

        first, second = layout.parts or []
        assert (first.opaque, first.parts, codes(first)) == (True, None, [("header-limit", first.body)])
        assert octets[first.body : first.end].startswith(b"X: xxx")
        assert octets[second.body : second.end] == b"two"


class TestIsEncoded:
    """Messages that are transfer encoded, against the standard."""

    @pytest.mark.parametrize(
        ("encoding", "body", "expected"),
        [
            pytest.param(b"7bit", b"Subject: x\n\ny", False, id="usual: 7bit"),
            pytest.param(b"8bit", b"Subject: x\n\ny", False, id="usual: 8bit"),
            pytest.param(b"base64", b"U3ViamVjdDogeAoKeQ==", True, id="odd: base64"),
            pytest.param(b"BASE64;", b"\n\nU3ViamVjdDogeAoKeQ==", True, id="odd: base64 by another spelling"),
            pytest.param(b"quoted-printable", b"Subject: =78\n\ny", True, id="odd: quoted-printable"),
            pytest.param(b"x-uuencode", b"begin 644 a\n", True, id="odd: uuencoded"),
            pytest.param(b"base64", b"Subject: x\n\ny", False, id="odd: labelled base64 and in clear"),
            pytest.param(b"base64", b"--B: c", True, id="hostile: a delimiter with a colon"),
            pytest.param(b"base64", b"", True, id="hostile: nothing"),
            pytest.param(b"x-unknown", b"Subject: x\n\ny", False, id="hostile: unknown"),
        ],
    )
    def test_a_message_may_be_encoded_or_only_say_so_wild_11(
        self, encoding: bytes, body: bytes, expected: bool
    ) -> None:
        """RFC 2046, section 5.2.1: no encoding other than 7bit, 8bit or binary is permitted for message/rfc822."""
        octets = b"Content-Type: message/rfc822\n\n" + body

        assert _scanner.is_encoded(Source(octets), head_of(octets), encoding.decode()) is expected

    def test_without_the_field_nothing_is_encoded(self) -> None:
        """RFC 2045, section 6.1: 7bit is the default."""
        message = mimekit.parse(b"Content-Type: message/rfc822\n\nU3ViamVjdDogeAoKeQ==")

        assert message.parts[0].octets == b"U3ViamVjdDogeAoKeQ=="


class TestDelimiters:
    """Lines that divide a multipart."""

    def test_the_example_of_the_standard(self) -> None:
        """RFC 2046, section 5.1.1: preamble and epilogue are to be ignored; one part ends without a line break."""
        octets = (
            b"From: Nathaniel Borenstein <nsb@bellcore.com>\r\n"
            b"To: Ned Freed <ned@innosoft.com>\r\n"
            b"Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)\r\n"
            b"Subject: Sample message\r\n"
            b"MIME-Version: 1.0\r\n"
            b'Content-type: multipart/mixed; boundary="simple boundary"\r\n'
            b"\r\n"
            b"This is the preamble.  It is to be ignored.\r\n"
            b"\r\n"
            b"--simple boundary\r\n"
            b"\r\n"
            b"This is implicitly typed plain US-ASCII text.\r\n"
            b"It does NOT end with a linebreak.\r\n"
            b"--simple boundary\r\n"
            b"Content-type: text/plain; charset=us-ascii\r\n"
            b"\r\n"
            b"This is explicitly typed plain US-ASCII text.\r\n"
            b"It DOES end with a linebreak.\r\n"
            b"\r\n"
            b"--simple boundary--\r\n"
            b"\r\n"
            b"This is the epilogue.  It is also to be ignored.\r\n"
        )

        layout = scanned(octets)

        assert outline(octets, layout) == [
            b"This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
            b"This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
        ]
        assert codes(*walk(layout)) == []

    @pytest.mark.parametrize(
        ("body", "parts"),
        [
            pytest.param(b"--B\n\none\n--B\n\ntwo\n--B--\n", [b"one", b"two"], id="usual: LF"),
            pytest.param(b"--B\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n", [b"one", b"two"], id="usual: CRLF"),
            pytest.param(b"--B\n\none\n\n--B--", [b"one\n"], id="usual: the line end of the content"),
            pytest.param(b"--B\n\n\n--B--", [b""], id="usual: no content"),
            pytest.param(b"--B\n\none\r\n--B--", [b"one"], id="odd: CRLF among LF"),
            pytest.param(b"--B\n\none\r\r\n--B--", [b"one\r"], id="odd: CR CR LF"),
            pytest.param(b"--B  \t\n\none\n--B-- \n", [b"one"], id="odd: padding"),
            pytest.param(b"--B\n\none\n--B --\n\nx\n--B\n", [b"one"], id="odd: padding before the last dashes"),
            pytest.param(b"--B\n--B\n--B--", [b"", b""], id="odd: no empty line, no content"),
            pytest.param(b"--B\n\n--B\n\n--B--", [b"", b""], id="odd: an empty line, no content"),
            pytest.param(
                b"--B\nSubject: x\n--B\n\ntwo\n--B--", [b"", b"two"], id="odd: a header block without its end"
            ),
            pytest.param(b"--B\nhello\n--B\n\ntwo\n--B--", [b"hello", b"two"], id="odd: no header block"),
            pytest.param(b"\n\n--B\n\none\n--B--", [b"one"], id="odd: a preamble of empty lines"),
            pytest.param(
                b"--B\n\none\n --B\n--B x\n-B\n--b\n--B--", [b"one\n --B\n--B x\n-B\n--b"], id="odd: no delimiters"
            ),
            pytest.param(
                b"--B\n\none--B\n--\n-- \n--B--", [b"one--B\n--\n-- "], id="odd: within a line; a signature's dashes"
            ),
            pytest.param(b"--B\n\none\n--B---\n--B----\n--B--", [b"one\n--B---\n--B----"], id="odd: more dashes"),
            pytest.param(b"--B\n\none\n--B", [b"one", b""], id="hostile: the source ends in a delimiter"),
            pytest.param(b"--B", [b""], id="hostile: a delimiter and nothing else"),
        ],
    )
    def test_the_line_end_before_a_delimiter_belongs_to_it_wild_01(self, body: bytes, parts: list[bytes]) -> None:
        """RFC 2046, section 5.1.1: the CRLF preceding the boundary delimiter line is attached to the boundary."""
        assert outline(multipart(body)) == parts

    def test_where_lines_end_in_cr_alone_delimiters_are_found(self) -> None:
        """What holds for LF holds for CR where there is no LF at all."""
        octets = multipart(b"preamble", b"--B", b"Subject: x", b"", b"one", b"", b"--B", b"", b"two", b"--B--")

        assert outline(octets.replace(b"\n", b"\r")) == [b"one\r", b"two"]

    @pytest.mark.parametrize(
        ("boundary", "lines", "parts"),
        [
            pytest.param(b"abc", [b"--abcd", b"--abc", b"", b"x", b"--abc--"], [b"x"], id="usual: begins another"),
            pytest.param(b'"a b"', [b"--a b ", b"", b"--a", b"--a b--"], [b"--a"], id="usual: with a space"),
            pytest.param(b"B--", [b"--B--", b"", b"x", b"--B----", b"--B--"], [b"x"], id="odd: ends in dashes"),
            pytest.param(b"--", [b"----", b"", b"x", b"------"], [b"x"], id="odd: nothing but dashes"),
            pytest.param(b'"B: c"', [b"--B: c", b"", b"x", b"--B: c--"], [b"x"], id="odd: with a colon"),
            pytest.param(
                b'"B: c"', [b"--B: c", b"--B: c", b"", b"x", b"--B: c--"], [b"", b"x"], id="odd: colon, no field"
            ),
            pytest.param(b"=_b1=x", [b"--=_b1=x", b"", b"x", b"--=_b1=x--"], [b"x"], id="odd: unquoted specials"),
            pytest.param(b'"<<x>>"', [b"--<<x>>", b"", b"x", b"--<<x>>--"], [b"x"], id="odd: angle brackets"),
            pytest.param(b'"caf\xe9"', [b"--caf\xe9", b"", b"x", b"--caf\xe9--"], [b"x"], id="hostile: 8-bit"),
            pytest.param(b'"B "', [b"--B", b"", b"x", b"--B --"], [b"x"], id="hostile: ends in a space"),
        ],
    )
    def test_a_delimiter_is_a_whole_line_wild_09(self, boundary: bytes, lines: list[bytes], parts: list[bytes]) -> None:
        """RFC 2046, section 5.1.1: two hyphens, the boundary, optional white space, and a line end."""
        assert outline(multipart(*lines, boundary=boundary)) == parts

    @pytest.mark.parametrize(
        ("lines", "parts"),
        [
            pytest.param([b"--B  C", b"", b"x", b"--B  C--"], [b"x"], id="usual: the white space kept"),
            pytest.param([b"--BC", b"", b"x", b"--BC--"], [b"x"], id="odd: without the white space"),
            pytest.param([b"--BC", b"", b"x", b"--B  C", b"", b"y", b"--BC--"], [b"x", b"y"], id="hostile: both"),
        ],
    )
    def test_a_boundary_folded_inside_its_quotes_is_found_wild_09(self, lines: list[bytes], parts: list[bytes]) -> None:
        """RFC 5322, section 2.2.3: unfolding removes the line end only; some programs remove the white space too."""
        octets = multipart(*lines, boundary=b'"B\n  C"')

        layout = scanned(octets)

        assert outline(octets, layout) == parts
        # what is added to it takes the form that was met
        assert layout.boundary == lines[0][2:]

    def test_a_delimiter_is_placed_with_its_line_ends(self) -> None:
        """The seam before a part and the close, to be written back as they came."""
        octets = multipart(b"pre\r\n--B \r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--  \r\nepilogue")

        layout = scanned(octets)

        assert [octets[start:end] for start, end in layout.seams] == [b"\r\n--B \r\n", b"\r\n--B\r\n"]
        assert layout.close is not None
        assert octets[slice(*layout.close)] == b"\r\n--B--"
        assert octets[layout.close[1] : layout.end] == b"  \r\nepilogue"
        assert layout.boundary == b"B"

    def test_an_epilogue_may_hold_the_boundary_again(self) -> None:
        """RFC 2046, section 5.1.1: behind the close delimiter no more body parts follow."""
        octets = multipart(b"--B", b"", b"one", b"--B--", b"--B", b"", b"two", b"--B--")

        layout = scanned(octets)

        assert outline(octets, layout) == [b"one"]
        assert layout.end == len(octets)
        assert codes(layout) == []

    def test_a_missing_close_delimiter_ends_nothing_wild_01(self) -> None:
        """The last part reaches to the end, and the defect says where something is missing."""
        octets = multipart(b"--B", b"", b"one", b"--B", b"", b"two\n")

        layout = scanned(octets)

        assert outline(octets, layout) == [b"one", b"two\n"]
        assert codes(layout) == [("missing-close-delimiter", len(octets))]

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"no delimiter\n", id="usual: none"),
            pytest.param(b"", id="usual: nothing"),
            pytest.param(b"--B--\n", id="odd: only the closing one"),
            pytest.param(b"--B--\n--B\n\nx", id="hostile: the closing one first"),
        ],
    )
    def test_a_multipart_whose_boundary_never_occurs_is_a_leaf(self, body: bytes) -> None:
        """What cannot be opened is kept as it stands."""
        octets = multipart(body)

        layout = scanned(octets)

        assert (outline(octets, layout), layout.close) == (body, None)
        assert codes(layout) == [("boundary-not-found", 0)]

    def test_a_multipart_without_a_boundary_is_a_leaf(self) -> None:
        """RFC 2046, section 5.1.1: the boundary parameter is required."""
        octets = b"Content-Type: multipart/mixed\n\n--B\n\none\n--B--"

        layout = scanned(octets)

        assert outline(octets, layout) == b"--B\n\none\n--B--"
        assert codes(layout) == [("missing-boundary", 0)]

    def test_the_first_delimiter_may_be_the_first_line_of_all(self) -> None:
        """A body that is given another type stands alone, with no header in front."""
        octets = b"--B\n\none\n--B--"
        layout = Layout(0, len(octets))
        layout.fields_end = layout.body = 0
        layout.kind = summary("multipart/mixed; boundary=B")

        _scanner.scan(Source(octets), layout, max_depth=9, max_parts=9, max_header_size=9)

        assert (outline(octets, layout), layout.seams) == ([b"one"], [(0, 4)])

    @pytest.mark.parametrize(
        ("inside", "outside", "expected"),
        [
            pytest.param(b"--B\n\none\n--B\n\ntwo", b"\n--B\n\nthree\n--B--", [b"one", b"two"], id="usual"),
            pytest.param(b"--B\n\none\n", b"--B--\n", [b"one\n"], id="odd: ends before a delimiter"),
            pytest.param(b"--B\n\none\n--B", b"\n\nx", [b"one", b""], id="odd: ends in a delimiter"),
            pytest.param(b"--B\n\none\n--B\n", b"\nx", [b"one", b""], id="odd: ends behind a delimiter"),
            pytest.param(b"--B\n\none\n--B\nA: b\n", b"\nx", [b"one", b""], id="hostile: ends in a header block"),
            pytest.param(b"--B\n\xef\xbb", b"\xbfA: b\n\nx", [b"\xef\xbb"], id="hostile: ends in a byte order mark"),
            pytest.param(
                b"--B\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
                b"A: b",
                [b""],
                id="hostile: ends where an encoded message would begin",
            ),
        ],
    )
    def test_nothing_is_found_behind_the_end(self, inside: bytes, outside: bytes, expected: list[bytes]) -> None:
        """The body of one entity may be read anew where it stands, among others."""
        octets = inside + outside
        layout = Layout(0, len(inside))
        layout.fields_end = layout.body = 0
        layout.kind = summary("multipart/mixed; boundary=B")

        _scanner.scan(Source(octets), layout, max_depth=9, max_parts=9, max_header_size=99)

        assert outline(octets, layout) == expected
        assert all(entity.end <= len(inside) for entity in walk(layout))

    def test_a_leaf_has_no_parts(self) -> None:
        """Delimiters count inside a multipart only."""
        octets = b"Content-Type: text/plain; boundary=B\n\n--B\n\none\n--B--"

        assert outline(octets) == b"--B\n\none\n--B--"


class TestNesting:
    """Multiparts and messages in each other."""

    def test_alike_boundaries_nest(self) -> None:
        """RFC 2046, section 5.1.2: a boundary may begin as another does and must not be taken for it."""
        inner = multipart(b"--abcd", b"", b"one", b"--abcd--", boundary=b"abcd")
        octets = multipart(b"--abc", inner, b"--abc", b"", b"two", b"--abc--", boundary=b"abc")

        assert outline(octets) == [[b"one"], b"two"]

    def test_the_other_way_round_too(self) -> None:
        """A boundary that another outside begins with."""
        inner = multipart(b"--abc", b"", b"one", b"--abc--", boundary=b"abc")
        octets = multipart(b"--abcd", inner, b"--abcd", b"", b"two", b"--abcd--", boundary=b"abcd")

        assert outline(octets) == [[b"one"], b"two"]

    def test_an_outer_delimiter_ends_what_is_open_inside(self) -> None:
        """RFC 2046, section 5.1.2: the boundary delimiter of an outer multipart ends unterminated inner ones."""
        inner = multipart(b"--C", b"", b"one", boundary=b"C")
        octets = multipart(b"--B", inner, b"--B", b"", b"two", b"--B--")

        layout = scanned(octets)

        assert outline(octets, layout) == [[b"one"], b"two"]
        (first, _second) = layout.parts or []
        assert codes(*walk(layout)) == [("missing-close-delimiter", first.end)]

    def test_an_outer_close_delimiter_ends_it_too(self) -> None:
        """Several levels at once."""
        innermost = multipart(b"--D", b"", b"one", boundary=b"D")
        inner = multipart(b"--C", innermost, boundary=b"C")
        octets = multipart(b"--B", inner, b"--B--", b"--C", b"", b"no part", b"--D--")

        layout = scanned(octets)

        assert outline(octets, layout) == [[[b"one"]]]
        assert [code for code, _place in codes(*walk(layout))] == ["missing-close-delimiter"] * 2

    def test_a_close_delimiter_ends_only_its_own(self) -> None:
        """The epilogue of the inner one belongs to it."""
        inner = multipart(b"--C", b"", b"one", b"--C--", b"epilogue", b"--C", boundary=b"C")
        octets = multipart(b"--B", inner, b"--B", b"", b"two", b"--B--")

        assert outline(octets) == [[b"one"], b"two"]

    def test_the_same_boundary_twice_is_the_innermost_ones(self) -> None:
        """Nobody can tell whose it is; the innermost that is open takes it, then the one around it."""
        inner = multipart(b"--B", b"", b"one", b"--B--")
        octets = multipart(b"--B", inner, b"--B", b"", b"two", b"--B--")

        layout = scanned(octets)

        assert outline(octets, layout) == [[b"one"], b"two"]
        assert codes(*walk(layout)) == []

    def test_a_part_whose_header_never_ends_ends_at_the_next_delimiter(self) -> None:
        """A delimiter of any open multipart ends a header block."""
        octets = multipart(b"--B", b"Subject: x", b"junk", b"--B", b"A: b", b"--y", b"C: d", b"--B--", b"", b"epilogue")

        layout = scanned(octets)

        first, second = layout.parts or []
        assert (fields_of(octets, first), octets[first.body : first.end]) == (b"Subject: x\n", b"junk")
        assert (fields_of(octets, second), octets[second.body : second.end]) == (b"A: b\n--y\nC: d\n", b"")

    def test_the_parts_of_a_digest_are_messages(self) -> None:
        """RFC 2046, section 5.1.5: in a digest the default Content-Type of a part is message/rfc822."""
        octets = (
            b"Content-Type: multipart/digest; boundary=B\n\n"
            b"--B\n\nSubject: one\n\nfirst\n"
            b"--B\nContent-Type: text/plain\n\nno message\n"
            b"--B\n\nContent-Type: multipart/digest; boundary=C\n\n--C\n\nSubject: two\n\nsecond\n--C--\n"
            b"--B--\n"
        )

        assert outline(octets) == [(b"first",), b"no message", ([(b"second",)],)]

    def test_what_stands_in_a_message_in_a_digest_is_text_again(self) -> None:
        """The default of a digest holds for its direct parts."""
        octets = b"Content-Type: multipart/digest; boundary=B\n\n--B\n\nSubject: x\n\n\n--B--"

        (part,) = scanned(octets).parts or []

        (message,) = part.parts or []
        assert (part.kind.content_type, message.kind.content_type) == ("message/rfc822", "text/plain")

    @pytest.mark.parametrize("kind", [b"message/rfc822", b"MESSAGE/global", b"message/news"])
    def test_a_message_holds_one_message(self, kind: bytes) -> None:
        """RFC 2046, section 5.2.1; RFC 6532, section 3.7."""
        octets = b"Content-Type: " + kind + b"\n\nContent-Type: message/rfc822\n\nSubject: x\n\nbody\n"

        assert outline(octets) == ((b"body\n",),)

    def test_a_message_in_parts_is_a_leaf(self) -> None:
        """RFC 2046, section 5.2.2: message/partial holds a piece of a message."""
        assert outline(b"Content-Type: message/partial\n\nSubject: x\n\nbody") == b"Subject: x\n\nbody"

    def test_a_multipart_in_a_message_ends_at_the_delimiter_around_it(self) -> None:
        """What is open inside a part ends with it, however it is nested."""
        inner = b"Content-Type: message/rfc822\n\n" + multipart(b"--C", b"", b"one", boundary=b"C")
        octets = multipart(b"--B", inner, b"--B", b"", b"two", b"--B--")

        assert outline(octets) == [([b"one"],), b"two"]

    def test_a_message_without_a_body_holds_an_empty_message(self) -> None:
        """A message/rfc822 that ends with its header block."""
        layout = scanned(b"Content-Type: message/rfc822\n")

        (message,) = layout.parts or []
        assert (message.start, message.fields_end, message.body, message.end) == (29, 29, 29, 29)

    def test_an_encoded_message_stays_closed_wild_11(self) -> None:
        """The message in it stands in other octets, which are read when it is asked for."""
        octets = multipart(
            b"--B",
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeQ==",
            b"--B--",
        )

        layout = scanned(octets)

        (part,) = layout.parts or []
        assert (part.parts, part.opaque, codes(part)) == (None, False, [("message-encoded", part.start)])

    def test_a_message_that_says_base64_in_clear_is_opened_wild_11(self) -> None:
        """A field name and its colon are no base64."""
        octets = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: x\n\ny"

        assert outline(octets) == (b"y",)

    def test_a_header_block_that_runs_beyond_its_part_ends_with_it(self) -> None:
        """The head of a message may begin at a delimiter, and the body of a part cannot begin behind one."""
        octets = multipart(b"--B", b"Content-Type: message/rfc822", b"--B", b"", b"two", b"--B--")

        layout = scanned(octets)

        assert outline(octets, layout) == [(b"",), b"two"]


class TestLimits:
    """What the policy bounds."""

    def test_nesting_beyond_the_limit_is_left_unopened_wild_16(self) -> None:
        """A limit ends in an opaque leaf and a defect."""
        inner = multipart(b"--C", b"", b"one", b"--C--", boundary=b"C")
        octets = multipart(b"--B", inner, b"--B", b"", b"two", b"--B--")

        layout = scanned(octets, max_depth=1)
        opened = scanned(octets, max_depth=2)

        assert (codes(layout), layout.opaque, layout.parts) == ([("depth-limit", layout.body)], True, None)
        assert codes(*walk(opened)) == [("depth-limit", (opened.parts or [])[0].body)]
        assert outline(octets, opened) == [inner[43:], b"two"]
        assert codes(*walk(scanned(octets, max_depth=3))) == []
        assert [defect.rfc for defect in layout.defects] == ["RFC 2046, section 5.1.2"]

    def test_a_message_counts_as_a_level(self) -> None:
        """RFC 2046, section 5.1.2: nesting is of multiparts and of messages."""
        octets = b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\ny"

        layout = scanned(octets, max_depth=2)

        (inner,) = layout.parts or []
        assert (inner.opaque, codes(layout, inner)) == (True, [("depth-limit", inner.body)])
        assert octets[inner.body : inner.end] == b"Subject: x\n\ny"

    def test_parts_beyond_the_limit_are_one_unopened_part(self) -> None:
        """SECURITY: a part costs objects; the rest of the multipart is kept in one."""
        octets = multipart(b"--B", b"", b"1", b"--B", b"A: b", b"", b"2", b"--B", b"", b"3", b"--B--", b"epilogue")

        layout = scanned(octets, max_parts=2)

        assert outline(octets, layout) == [b"1", b"2\n--B\n\n3"]
        last = (layout.parts or [])[-1]
        assert (last.opaque, codes(last), codes(layout)) == (True, [("part-limit", last.start)], [])
        assert [defect.rfc for defect in last.defects] == ["RFC 2046, section 5.1"]

    def test_an_unopened_part_ends_at_the_delimiter_around_it(self) -> None:
        """What is beyond the limit inside one part takes nothing from the next."""
        inner = multipart(b"--C", b"", b"1", b"--C", b"", b"2", boundary=b"C")
        octets = multipart(b"--B", inner, b"--B", b"", b"3", b"--B", b"", b"4", b"--B--")

        layout = scanned(octets, max_parts=3)

        assert outline(octets, layout) == [[b"1", b"2"], b"3\n--B\n\n4"]

    @pytest.mark.parametrize(
        ("octets", "count"),
        [
            pytest.param(
                b"".join(
                    b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (number, number) for number in range(500)
                ),
                501,
                id="500 multiparts",
            ),
            pytest.param(b"Content-Type: message/rfc822\n\n" * 1_000, 1_001, id="1000 messages"),
        ],
    )
    def test_deep_nesting_is_read_without_recursion_wild_16(self, octets: bytes, count: int) -> None:
        """500 nested multiparts, 1,000 nested messages: no recursion."""
        assert len(walk(scanned(octets))) == count


@given(anything())
def test_the_spans_of_a_tree_touch_and_nest(octets: bytes) -> None:
    """Every octet of an entity is a mark, a header line, an empty line, a delimiter, or in one part or body."""
    for entity in walk(scanned(octets)):
        assert entity.start <= entity.fields <= entity.fields_end <= entity.body <= entity.end
        if entity.parts is None:
            continue
        if entity.kind.is_message:
            assert [(part.start, part.end) for part in entity.parts] == [(entity.body, entity.end)]
            continue
        assert [end for _start, end in entity.seams] == [part.start for part in entity.parts]
        assert entity.body <= entity.seams[0][0]
        last = entity.close[0] if entity.close else entity.end
        assert [part.end for part in entity.parts] == [*(start for start, _end in entity.seams[1:]), last]
