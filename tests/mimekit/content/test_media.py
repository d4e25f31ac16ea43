"""Image, Audio, Video, Calendar: octets that bring their media type."""

from __future__ import annotations

import copy
import io
import os
import pickle
import sys
import wave
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import Audio, BadValue, Calendar, Image, MIMEPart, MissingFile, RawDataManager, Video
from mimekit.content.media import Media
from mimekit.entity import Entity

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
MP4 = b"\0\0\0\x14ftypisom\0\0\0\0mp42"

INVITATION = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260101T000000Z
DTSTART:20260102T090000Z
SUMMARY:Käse
END:VEVENT
END:VCALENDAR
"""


def sound() -> bytes:
    """A wave file of the standard library's making."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(bytes(8))
    return file.getvalue()


def calendar(*lines: str) -> str:
    """A calendar of these lines."""
    return "".join(f"{line}\n" for line in ("BEGIN:VCALENDAR", *lines, "END:VCALENDAR"))


class TestSources:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO])
    def test_octets_or_a_file_of_them(self, kind: type[bytes | IO[bytes]]) -> None:
        """What holds octets, or gives them when it is read, has no name of its own."""
        image = Image(kind(PNG))  # type: ignore[call-arg]  # of whichever type

        assert (image.octets, image.content_type, image.filename) == (PNG, "image/png", None)

    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_path_gives_the_name_too(self, kind: type[str | Path], tmp_path: Path) -> None:
        """The file name is the last part of the path: where it stood is nobody's affair (RFC 2183, section 2.3)."""
        path = tmp_path / "Käse.png"
        path.write_bytes(PNG)

        image = Image(kind(path))

        assert (image.octets, image.content_type, image.filename) == (PNG, "image/png", "Käse.png")

    @pytest.mark.parametrize("kind", [Image, Audio, Video, Calendar])
    def test_a_missing_file_is_named(self, kind: type[Image | Audio | Video | Calendar], tmp_path: Path) -> None:
        """A file that cannot be read is an exception naming it."""
        with pytest.raises(MissingFile) as caught:
            kind(tmp_path / "none")

        assert caught.value.filename == str(tmp_path / "none")

    @pytest.mark.parametrize("source", [3, None, io.StringIO("text"), "a\0b"], ids=["number", "none", "text", "NUL"])
    def test_what_is_no_source_is_refused(self, source: object) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue):
            Image(source)  # type: ignore[arg-type]  # the mistake looked at

    def test_a_name_is_said_where_there_is_none(self) -> None:
        """A picture that was drawn here has a name if it is given one."""
        assert Image(PNG, filename="logo.png").filename == "logo.png"

    def test_a_name_that_is_said_counts(self, tmp_path: Path) -> None:
        """What it is saved as need not be what it was called here."""
        path = tmp_path / "x1"
        path.write_bytes(PNG)

        assert Image(path, filename="logo.png").filename == "logo.png"

    @pytest.mark.parametrize("filename", ["a\nb", "a\0", "\udc80", 3])
    def test_a_name_that_no_field_can_hold_is_refused(self, filename: str) -> None:
        """CR, LF, NUL and lone surrogates in a value are refused when set."""
        with pytest.raises(BadValue):
            Image(PNG, filename=filename)

    @pytest.mark.skipif(sys.platform != "linux", reason="file names are octets on Linux only")
    def test_a_file_whose_name_is_no_text_needs_another(self, tmp_path: Path) -> None:
        """A name on disk may be any octets; in mail it is text."""
        path = tmp_path / os.fsdecode(b"\xff.png")
        path.write_bytes(PNG)

        with pytest.raises(BadValue, match="lone surrogate"):
            Image(path)
        assert Image(path, filename="a.png").filename == "a.png"


class TestTypes:
    @pytest.mark.parametrize(
        ("media", "expected"),
        [
            pytest.param(Image(PNG), ("image/png", "image", "png"), id="image"),
            pytest.param(Audio(sound()), ("audio/vnd.wave", "audio", "vnd.wave"), id="audio"),
            pytest.param(Video(MP4), ("video/mp4", "video", "mp4"), id="video"),
            pytest.param(Calendar(INVITATION), ("text/calendar", "text", "calendar"), id="calendar"),
        ],
    )
    def test_the_type_is_what_the_octets_begin_as(self, media: Media, expected: tuple[str, str, str]) -> None:
        """Main type and subtype, in lower case."""
        assert (media.content_type, media.maintype, media.subtype) == expected

    @pytest.mark.parametrize("octets", [PNG, b"no picture at all", b""])
    def test_a_subtype_that_is_said_counts(self, octets: bytes) -> None:
        """Whoever knows better is believed, whatever the octets are."""
        assert Image(octets, subtype="X-Mine").content_type == "image/x-mine"

    def test_what_can_hold_films_can_be_sound(self) -> None:
        """An MP4 without a film is known to whoever made it."""
        assert Audio(MP4, subtype="mp4").content_type == "audio/mp4"

    @pytest.mark.parametrize("kind", [Image, Audio, Video])
    def test_octets_of_no_known_type_need_a_subtype(self, kind: type[Image | Audio | Video]) -> None:
        """A clear error where nothing fits and no type was given."""
        with pytest.raises(BadValue, match=r"known .* begin with b'plain text'; say subtype="):
            kind(b"plain text")
        with pytest.raises(BadValue, match="are none"):
            kind(b"")

    def test_octets_of_another_main_type_are_refused(self) -> None:
        """A picture is no sound."""
        with pytest.raises(BadValue, match="expected audio, and the octets begin as image/png; with subtype="):
            Audio(PNG)
        with pytest.raises(BadValue, match="expected an image, and the octets begin as application/pdf"):
            Image(b"%PDF-1.7")

    @pytest.mark.parametrize("subtype", ["image/png", "", "a b", "ä", 3])
    def test_a_subtype_is_a_token(self, subtype: str) -> None:
        """RFC 6838, section 4.2: what stands behind the slash, and it alone."""
        with pytest.raises(BadValue):
            Image(PNG, subtype=subtype)


class TestValues:
    def test_equal_by_meaning(self) -> None:
        """Values: octets, type and name are all there is to one."""
        assert Image(PNG) == Image(io.BytesIO(PNG), subtype="PNG")
        assert hash(Image(PNG)) == hash(Image(io.BytesIO(PNG), subtype="PNG"))

    @pytest.mark.parametrize(
        "other",
        [Image(PNG + b"\0"), Image(PNG, subtype="x"), Image(PNG, filename="a"), PNG, Video(PNG, subtype="png")],
        ids=["octets", "type", "name", "no media", "main type"],
    )
    def test_unequal_in_any_of_them(self, other: object) -> None:
        """Two that make different parts are different."""
        assert Image(PNG) != other

    @pytest.mark.parametrize("media", [Image(PNG, filename="a.png"), Calendar(INVITATION)], ids=["image", "calendar"])
    def test_copied_and_pickled(self, media: Media) -> None:
        """A value goes through a queue as it is."""
        assert copy.copy(media) == media == copy.deepcopy(media)
        assert pickle.loads(pickle.dumps(media)) == media  # noqa: S301 -- our own

    @pytest.mark.parametrize("name", ["octets", "content_type", "filename", "params", "colour"])
    def test_frozen(self, name: str) -> None:
        """What another holds does not change."""
        with pytest.raises(AttributeError):
            setattr(Image(PNG), name, "x")

    def test_shown_without_the_octets(self) -> None:
        """A debugger shows what it is, not what is in it."""
        assert repr(Image(PNG, filename="a.png")) == "<Image image/png, 16 octets, 'a.png'>"
        assert repr(Audio(MP4 * 999, subtype="mp4")) == "<Audio audio/mp4, 19980 octets>"
        assert repr(Calendar(INVITATION)).startswith("<Calendar text/calendar; charset=utf-8; method=REQUEST, ")

    def test_one_handler_serves_them_all(self) -> None:
        """What a setter needs is there: octets, type, parameters, name."""

        def set_media(part: Entity, media: Media) -> None:
            RawDataManager().set_content(
                part, media.octets, media.maintype, media.subtype, filename=media.filename, params=media.params
            )

        manager = RawDataManager()
        manager.add_set_handler(Media, set_media)

        for media in (Image(PNG, filename="a.png"), Audio(sound()), Video(MP4), Calendar(INVITATION)):
            part = MIMEPart().set_content(media, content_manager=manager)
            assert (part.octets, part.get_content_type()) == (media.octets, media.content_type)
            assert part.get_filename() == media.filename
        assert str(part["Content-Type"]) == "text/calendar; charset=utf-8; method=REQUEST"


class TestCalendar:
    def test_it_is_kept_as_it_is_sent(self) -> None:
        """RFC 5545, section 3.1: content lines are delimited by a CRLF sequence; section 3.1.4: UTF-8."""
        invitation = Calendar(INVITATION)

        assert invitation.octets == INVITATION.replace("\n", "\r\n").encode()
        assert invitation.text == INVITATION
        assert invitation.params == {"charset": "utf-8", "method": "REQUEST"}
        assert invitation.method == "REQUEST"

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(INVITATION.encode(), id="LF"),
            pytest.param(INVITATION.replace("\n", "\r\n").encode(), id="CRLF"),
            pytest.param(INVITATION.encode("utf-8-sig"), id="a byte order mark"),
            pytest.param(INVITATION.encode().strip(), id="no last line end"),
            pytest.param(b"\r\n" + INVITATION.encode() + b"\n\n", id="empty lines around it"),
        ],
    )
    def test_every_form_of_one_calendar_is_equal(self, octets: bytes) -> None:
        """Line ends and byte order marks are the writer's habit."""
        assert Calendar(octets) == Calendar(io.BytesIO(octets)) == Calendar(INVITATION)

    def test_a_file_has_a_name(self, tmp_path: Path) -> None:
        """An invitation is called invite.ics, for programs that save it."""
        path = tmp_path / "invite.ics"
        path.write_text(INVITATION, encoding="utf-8")

        assert Calendar(path) == Calendar(INVITATION, filename="invite.ics")
        assert Calendar(path, filename="a.ics").filename == "a.ics"

    def test_a_text_is_never_a_path(self, tmp_path: Path) -> None:
        """Nobody's text opens a file."""
        path = tmp_path / "invite.ics"
        path.write_text(INVITATION, encoding="utf-8")

        with pytest.raises(BadValue, match="expected BEGIN:VCALENDAR"):
            Calendar(str(path))

    @pytest.mark.parametrize(
        ("lines", "method"),
        [
            pytest.param(("METHOD:REQUEST",), "REQUEST", id="plain"),
            pytest.param(("method:Cancel ",), "Cancel", id="in any case"),
            pytest.param(("METHOD;X-A=b:REPLY",), "REPLY", id="with a parameter"),
            pytest.param(('METHOD;X-A="a:b;c":REPLY',), "REPLY", id="with a colon in quotes"),
            pytest.param(("MET", " HOD:REQ", "\tUEST"), "REQUEST", id="folded"),
            pytest.param(("VERSION:2.0",), None, id="none"),
            pytest.param(("X-METHOD:REQUEST", "METHODS:ADD"), None, id="names that only look so"),
            pytest.param(("BEGIN:VEVENT", "METHOD:X", "END:VEVENT"), None, id="of something in it"),
            pytest.param(("BEGIN:VEVENT", "END:VEVENT", "METHOD:ADD"), "ADD", id="behind something in it"),
            pytest.param(("DESCRIPTION:one", " METHOD:CANCEL"), None, id="in a text that is folded"),
            pytest.param(("no property", "", "METHOD:ADD"), "ADD", id="behind lines that are none"),
        ],
    )
    def test_the_method_is_read_from_the_text(self, lines: tuple[str, ...], method: str | None) -> None:
        """RFC 5545, section 3.7.2: METHOD must be the same as the Content-Type "method" parameter value."""
        invitation = Calendar(calendar(*lines))

        assert invitation.method == method == invitation.params.get("method")

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="nothing"),
            pytest.param("invite.ics", id="no calendar"),
            pytest.param("BEGIN:VCALENDAR\nMETHOD:ADD\n", id="cut short"),
            pytest.param("BEGIN:VCARD\nEND:VCARD\n", id="a card"),
            pytest.param(calendar("METHOD:ADD", "METHOD:ADD"), id="two methods"),
            pytest.param(calendar("METHOD:"), id="an empty method"),
            pytest.param(calendar("METHOD:a b"), id="two words"),
            pytest.param(calendar("METHOD:ADD") + calendar("METHOD:REPLY"), id="calendars of two methods"),
            pytest.param(calendar("METHOD:ADD") + calendar(), id="calendars with one and without"),
            pytest.param(calendar("A:b\rc"), id="a lone CR"),
            pytest.param(calendar("A:\0"), id="a NUL"),
            pytest.param(calendar("A:\ud800"), id="a lone surrogate"),
        ],
    )
    def test_what_is_no_calendar_is_refused(self, text: str) -> None:
        """What cannot be kept is refused, and so is what its parameters could not describe."""
        with pytest.raises(BadValue):
            Calendar(text)

    def test_calendars_of_one_method_share_it(self) -> None:
        """RFC 6047, section 2.4: objects of different methods are parts of their own; these need not be."""
        assert Calendar(calendar("METHOD:PUBLISH") + calendar("METHOD:publish")).method == "PUBLISH"

    def test_octets_that_are_no_utf_8_are_refused_with_their_place(self) -> None:
        """RFC 5545, section 3.1.4: the charset is UTF-8."""
        with pytest.raises(BadValue, match="UTF-8, and 0xe4 at 18"):
            Calendar(b"BEGIN:VCALENDAR\nX:\xe4\nEND:VCALENDAR")

    def test_a_character_that_was_folded_in_the_middle_is_whole_again(self) -> None:
        """RFC 5545, section 3.1: unfold lines so as to restore the original sequence."""
        octets = "BEGIN:VCALENDAR\r\nX:ä\r\nEND:VCALENDAR\r\n".encode().replace(b"\xc3", b"\xc3\r\n ")

        assert Calendar(octets).text == "BEGIN:VCALENDAR\nX:ä\nEND:VCALENDAR\n"

    def test_one_without_a_method_says_none(self) -> None:
        """RFC 5545, section 3.7.2: without METHOD no scheduling transaction is assumed."""
        assert Calendar(calendar("VERSION:2.0")).params == {"charset": "utf-8"}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=200))
def test_what_stands_in_a_calendar_is_kept(text: str) -> None:
    """Line ends apart, a calendar comes back as it was given."""
    given_text = calendar("METHOD:ADD", f"DESCRIPTION:{text}")

    assert Calendar(given_text).text == given_text
    assert Calendar(Calendar(given_text).octets) == Calendar(given_text)


@given(
    st.binary(max_size=99) | st.binary(max_size=99).map(lambda inside: b"BEGIN:VCALENDAR\n%b\nEND:VCALENDAR" % inside)
)
def test_any_octets_are_a_calendar_or_refused(octets: bytes) -> None:
    """Nothing but BadValue is raised, whatever is given."""
    try:
        made = Calendar(octets)
    except BadValue:
        return
    assert Calendar(made.text) == made
