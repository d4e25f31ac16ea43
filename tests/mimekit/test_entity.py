"""The contract between a message and those who work on it."""

from __future__ import annotations

from mimekit import MIMEPart, RawDataManager, parse
from mimekit._scanner import Layout, Source, head, scan
from mimekit.entity import Content, Entity, Frame, Raw

SOURCE = (
    b"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b  \n\none\n\n--b\n"
    b"Content-Type: image/png\n\ntwo\n--b--\t\nepilogue"
)
CUT = SOURCE[: SOURCE.index(b"--b--")]


def scanned(octets: bytes) -> Raw:
    """A source with all its parts found."""
    source, layout = Source(octets), Layout(0, len(octets))
    head(source, layout, max_header_size=1_000)
    scan(source, layout, max_depth=9, max_parts=9, max_header_size=1_000)
    return Raw(source, layout)


def _is_abstract(member: object) -> bool:
    return bool(getattr(member, "__isabstractmethod__", False))


class TestEntity:
    def test_it_is_a_contract_and_what_people_see_keeps_it(self) -> None:
        """Here stands the state of an entity, and what workers may ask of it."""
        asked = {name for name in dir(Entity) if _is_abstract(getattr(Entity, name))}

        assert asked > {"headers", "parts", "set_header"}
        assert [name for name in asked if _is_abstract(getattr(MIMEPart, name))] == []

    def test_a_manager_needs_to_know_nothing_more(self) -> None:
        """A worker knows an `Entity`; whatever keeps the contract can be filled."""
        part: Entity = MIMEPart()

        RawDataManager().set_content(part, "text")

        assert part.octets == b"text"


class TestRaw:
    def test_the_body_is_a_span_of_the_source(self) -> None:
        """Nothing is copied until it is asked for."""
        raw = scanned(b"Subject: a\n\nbody\n")

        assert raw.octets == b"body\n"


class TestContent:
    def test_a_composed_leaf_is_content_and_its_encoding(self) -> None:
        """The transfer encoding is still to be done."""
        content = Content(b"a\r\nb", "base64", text=True)

        assert (content.octets, content.encoding, content.text) == (b"a\r\nb", "base64", True)


class TestFrame:
    def test_a_received_frame_is_all_that_stands_around_the_parts(self) -> None:
        """RFC 2046, section 5.1.1: the line end before a delimiter belongs to it; padding may follow it."""
        raw = scanned(SOURCE)

        frame = Frame.received(raw.source, raw.layout)

        assert frame.boundary == b"b"
        assert frame.preamble == b"preamble"
        assert frame.seams == [b"\n--b  \n", b"\n--b\n"]
        assert (frame.close, frame.epilogue) == (b"\n--b--", b"\t\nepilogue")
        assert frame.closed

    def test_frame_and_parts_together_are_the_body(self) -> None:
        """No octet is in two places, and none in none."""
        raw = scanned(SOURCE)
        frame, data = Frame.received(raw.source, raw.layout), raw.source.data
        parts = [data[part.start : part.end] for part in raw.layout.parts or ()]

        pieces = [(seam or b"") + part for seam, part in zip(frame.seams, parts, strict=True)]

        assert b"".join([frame.preamble, *pieces, frame.close or b"", frame.epilogue]) == raw.octets

    def test_a_frame_that_was_never_closed_stays_open(self) -> None:
        """A missing closing delimiter is missing when it is written back."""
        raw = scanned(CUT)

        frame = Frame.received(raw.source, raw.layout)

        assert (frame.closed, frame.close, frame.epilogue) == (False, None, b"")

    def test_a_copy_is_changed_apart(self) -> None:
        """Two trees never share a frame."""
        raw = scanned(SOURCE)
        frame = Frame.received(raw.source, raw.layout)

        twin = frame.copy()
        twin.seams.pop()

        assert len(frame.seams) == 2
        assert [getattr(twin, name) for name in Frame.__slots__ if name != "seams"] == [
            getattr(frame, name) for name in Frame.__slots__ if name != "seams"
        ]

    def test_a_composed_frame_is_closed_and_ours(self) -> None:
        """RFC 2046, section 5.1.1: what is written ends in a closing delimiter."""
        frame = Frame(b"b")

        assert (frame.closed, frame.close, frame.seams) == (True, None, [])


def test_what_holds_nothing_is_written_as_an_empty_body() -> None:
    """An entity to which nothing was set is an empty header and an empty line."""
    assert bytes(MIMEPart()) == b"\r\n"
    assert parse(bytes(MIMEPart())).octets == b""
