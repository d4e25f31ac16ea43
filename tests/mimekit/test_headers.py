"""mimekit.headers: the fields of one entity, in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._block import divide
from mimekit._scanner import Source
from mimekit.field import Field
from mimekit.headers import Headers
from mimekit.values import registry

_LINES = (
    *(b"Subject: a", b"subject :b", b"SUBJECT:", b" folded", b"\tfolded", b"X-Subject: c", b"Subject-X: d", b"To: e"),
    *(b"junk", b"--x: y", b"--B", b": no name", b"a b: c", b"caf\xe9: x", b"Subject", b">From x", b"", b"Subject: a\r"),
)
blocks = st.lists(st.sampled_from(_LINES)).flatmap(
    lambda lines: st.sampled_from([b"\n", b"\r\n", b"\r"]).map(lambda eol: eol.join(lines))
)
names = st.sampled_from(
    [
        "subject",
        "Subject",
        "x-subject",
        "to",
        "Subject ",
        "--x",
        "",
        "a b",
        "a",
        "caf\xe9",
        " folded",
        "junk",
        "x\nto",
        "TO:",
    ]
)


def received(block: bytes) -> Headers:
    """A header block as it came, behind something else."""
    data = b"..." + block
    return Headers(divide(data, 3, len(data), newline=Source(data).form.newline))


def composed(name: str, value: str) -> Field:
    """A field that is set."""
    return Field(name, registry.compose_value(name, value))


def lines_of(headers: Headers) -> list[bytes]:
    """What stands in the block, as it would be written."""
    return [item.write() if isinstance(item, Field) else item for item in headers.items()]


class TestReading:
    """Fields found by name."""

    @pytest.mark.parametrize("name", ["Subject", "subject", "SUBJECT"])
    def test_names_are_found_without_regard_to_case(self, name: str) -> None:
        """RFC 5322, section 1.2.2: field names are compared without regard to case."""
        headers = received(b"To: x\r\nSubject: a\r\nsubject: b\r\n")

        assert [field.raw for field in headers.fields(name)] == [b"Subject: a\r\n", b"subject: b\r\n"]
        first = headers.first(name)
        assert first is not None
        assert (first.name, first.value) == ("Subject", "a")

    @pytest.mark.parametrize(
        ("block", "raw", "body"),
        [
            pytest.param(b"A: b\nX: c\nD: e\n", b"X: c\n", " c", id="usual: LF"),
            pytest.param(b"A: b\r\nX: c\r\n", b"X: c\r\n", " c", id="usual: CRLF"),
            pytest.param(
                b"X: c\r\n\td\r\n e\r\nF: g\r\n", b"X: c\r\n\td\r\n e\r\n", " c\r\n\td\r\n e", id="usual: folded"
            ),
            pytest.param(b"A: b\rX: c\rD: e\r", b"X: c\r", " c", id="odd: CR alone"),
            pytest.param(b"X: c\r d\rD: e\r", b"X: c\r d\r", " c\n d", id="odd: CR alone, folded"),
            pytest.param(b"X: c\r\r\nD: e\r\r\n", b"X: c\r\r\n", " c", id="odd: CR CR LF"),
            pytest.param(b"A: b\nX: c", b"X: c", " c", id="odd: no line end"),
            pytest.param(b"A: b\nX: c\n d", b"X: c\n d", " c\n d", id="odd: no line end, folded"),
            pytest.param(b"X \t:c\n", b"X \t:c\n", "c", id="odd: white space before the colon"),
            pytest.param(b"X:\n", b"X:\n", "", id="odd: empty"),
            pytest.param(b"X:  c  \n", b"X:  c  \n", "  c  ", id="odd: spacing after the colon"),
            pytest.param(b"X: caf\xe9\n", b"X: caf\xe9\n", " caf\xe9", id="odd: 8-bit"),
            pytest.param(b"Xy: b\nA: x: b\n x: y\nX: c\n", b"X: c\n", " c", id="hostile: the name elsewhere"),
        ],
    )
    def test_a_field_keeps_its_octets_and_its_place_wild_01(self, block: bytes, raw: bytes, body: str) -> None:
        """An untouched field: empty ones, spacing after the colon, 8-bit, folds and line ends as they came."""
        headers = received(block)

        field = headers.first("x")

        assert field is not None
        assert (field.raw, field.raw_body) == (raw, body)
        place = 3 + block.index(raw)
        assert field.span == (place, place + len(raw))

    @pytest.mark.parametrize(
        ("block", "name"),
        [
            pytest.param(b"A: b\n", "x", id="usual: none of that name"),
            pytest.param(b"", "x", id="usual: nothing"),
            pytest.param(b": b\n", "", id="odd: a colon and no name"),
            pytest.param(b"--x: y\n", "--x", id="odd: what may be a delimiter"),
            pytest.param(b"a b: c\n", "a b", id="odd: a space in the name"),
            pytest.param(b"x : c\n", "x ", id="odd: the space before the colon"),
            pytest.param(b"a:b: c\n", "a:b", id="hostile: a colon in the name"),
            pytest.param(b"x\na\nb: c\n", "a\nb", id="hostile: a line end in the name"),
            pytest.param(b"A: b\n x: c\n", " x", id="hostile: a continuation line"),
            pytest.param(b"caf\xe9: c\n", "caf\xe9", id="hostile: 8-bit"),
        ],
    )
    def test_what_is_no_field_is_not_found(self, block: bytes, name: str) -> None:
        """RFC 5322, section 3.6.8: a name is printable ASCII without colon and space."""
        headers = received(block)

        assert (headers.fields(name), headers.first(name)) == ((), None)

    def test_asking_twice_gives_the_same_field(self) -> None:
        """A field becomes an object once, whether it is asked for by name or with all the others."""
        headers = received(b"A: b\nX: c\n")

        field, other = headers.first("x"), headers.first("a")

        assert headers.first("X") is field
        assert headers.first("A") is other
        assert list(headers)[1] is field
        assert headers.first("x") is field

    def test_all_fields_come_in_order_and_stray_lines_do_not_show_wild_12(self) -> None:
        """Lines that are no field are kept in their places, and never show."""
        headers = received(b"From x Mon\nA: b\n c\n>From y\nX :d\n--B\n: e\n")

        assert [field.name for field in headers] == ["A", "X"]
        assert len(headers) == 2
        assert lines_of(headers) == [b"From x Mon\n", b"A: b\n c\n", b">From y\n", b"X :d\n", b"--B\n: e\n"]

    def test_without_a_source_there_are_no_fields(self) -> None:
        """A composed entity begins so."""
        headers = Headers()

        assert (list(headers), len(headers), headers.fields("x"), headers.items()) == ([], 0, (), ())

    @given(blocks, names)
    def test_search_and_division_agree(self, block: bytes, name: str) -> None:
        """A field asked for by name is the one found when the whole block is divided."""
        wanted = name.lower()

        searched, divided = received(block), received(block)
        everything = [field for field in divided if field.name.lower() == wanted]

        found = searched.fields(name)
        assert [(field.raw, field.raw_body, field.span) for field in found] == [
            (field.raw, field.raw_body, field.span) for field in everything
        ]
        assert b"".join(lines_of(searched)) == block
        assert searched.fields(name) == found


class TestEditing:
    """Fields added, replaced and dropped."""

    def test_an_added_field_stands_last(self) -> None:
        """One field edited: only that field changes."""
        headers = received(b"A: b\r\njunk\r\nC: d\r\n")

        headers._append(composed("X", "e"))

        assert lines_of(headers) == [b"A: b\r\n", b"junk\r\n", b"C: d\r\n", b"X: e\r\n"]

    def test_a_replaced_field_stands_where_the_first_stood_wild_02(self) -> None:
        """All others keep their places and their octets."""
        headers = received(b"A: b\nX:  c\njunk\nx: d\nE: f\nX: g\n")

        headers._replace("x", composed("X", "new"))

        assert lines_of(headers) == [b"A: b\n", b"X: new\r\n", b"junk\n", b"E: f\n"]

    def test_a_field_to_be_replaced_may_be_missing(self) -> None:
        """Then it stands last."""
        headers = received(b"A: b\n")

        headers._replace("x", composed("X", "new"))

        assert lines_of(headers) == [b"A: b\n", b"X: new\r\n"]

    def test_every_field_of_a_name_is_dropped(self) -> None:
        """And nothing else."""
        headers = received(b"X: a\njunk\nx: d\nB: c\n")

        headers._remove("X")

        assert lines_of(headers) == [b"junk\n", b"B: c\n"]
        assert headers.first("x") is None

    def test_a_line_behind_the_last_field_goes_before_it(self) -> None:
        """RFC 5322, section 2.2: it is no field, and with none behind it would be read as the body."""
        headers = received(b"A: a\nB: b\njunk\nmore\nx: d\n")

        headers._remove("X")

        assert lines_of(headers) == [b"A: a\n", b"junk\nmore\n", b"B: b\n"]

    def test_a_line_without_any_field_goes_with_the_last(self) -> None:
        """RFC 5322, section 2.2: without a field there is no header it could stand in."""
        headers = received(b"junk\nx: d\n")

        headers._remove("X")

        assert lines_of(headers) == []

    @pytest.mark.parametrize(
        ("block", "kept"),
        [
            pytest.param(
                b"x: 1\n\xef\xbb\xbfB: 2\nA: a\nB: b\n", [b"A: a\n", b"\xef\xbb\xbfB: 2\n", b"B: b\n"], id="others"
            ),
            pytest.param(
                b"x: 1\n\xef\xbb\xbfB: 2\nA: a\n", [b"A: a\n"], id="one other, and behind it it would be body"
            ),
        ],
    )
    def test_a_line_that_begins_with_a_byte_order_mark_does_not_come_first(
        self, block: bytes, kept: list[bytes]
    ) -> None:
        """There its mark would be that of the message, and the rest of the line a field (RFC 5322, section 2.2)."""
        headers = received(block)

        headers._remove("X")

        assert lines_of(headers) == kept
        assert len(headers) == len(list(headers))

    def test_dropping_what_is_not_there_changes_nothing(self) -> None:
        """There is nothing to complain about."""
        headers = received(b"junk\nA: b\n")

        headers._remove("x")

        assert lines_of(headers) == [b"junk\n", b"A: b\n"]

    def test_fields_are_taken_by_the_beginning_of_their_names(self) -> None:
        """The Content-* fields move together, in order, when a content gets a part of its own."""
        headers = received(b"content-type: a/b\nSubject: c\nContent-ID: <d>\njunk\nX-Content-Y: e\n")

        taken = headers._take("content-")

        assert [field.name for field in taken] == ["content-type", "Content-ID"]
        assert lines_of(headers) == [b"Subject: c\n", b"junk\n", b"X-Content-Y: e\n"]

    @pytest.mark.parametrize("divided", [True, False])
    def test_a_copy_is_changed_apart(self, divided: bool) -> None:
        """Fields are frozen and shared; which there are is not."""
        headers = received(b"A: b\nX: c\n")
        if divided:
            headers.items()

        twin = headers.copy()
        twin._remove("x")

        assert (lines_of(twin), lines_of(headers)) == ([b"A: b\n"], [b"A: b\n", b"X: c\n"])
