"""ObjectManager: text, messages, sound, and octets where Python has no object."""

from __future__ import annotations

import gzip
import io
import tempfile
import wave
from email.message import EmailMessage, Message
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, Calendar, Forbidden, Image, MIMEMessage, MIMEPart, NoHandler, Webpage, parse
from mimekit.content.objects import ObjectManager

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))
OBJECTS = ObjectManager()


def filled(*args: Any, **kw: Any) -> MIMEPart:
    """A part with content of this manager's."""
    return MIMEPart().set_content(*args, content_manager=OBJECTS, **kw)


def back(part: MIMEPart) -> Any:
    """What another reader gets."""
    return parse(bytes(part)).get_content(content_manager=OBJECTS)


def sound(frames: bytes, *, channels: int = 2, width: int = 2, rate: int = 8_000) -> wave.Wave_read:
    """A reader of these frames."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, width, rate, 0, "NONE", "not compressed"))
        writer.writeframes(frames)
    reader: wave.Wave_read = wave.open(io.BytesIO(file.getvalue()))  # noqa: SIM115 -- handed on
    return reader


class TestText:
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
    def test_text_comes_back(self, text: str) -> None:
        """Its CRLFs as LF; no line end is added."""
        assert back(filled(text)) == text.replace("\r\n", "\n")

    def test_it_takes_what_rawdata_takes(self) -> None:
        """Parameters too: RFC 3676 has defined some for text since the proposal."""
        part = filled("<p>", "html", cid="a@b", filename="a.html", charset="latin-1", headers={"X-A": "b"})

        assert (part.get_content_type(), part.get_content_charset(), part.get_filename()) == (
            "text/html",
            "us-ascii",
            "a.html",
        )
        assert (part["content-id"], part["x-a"]) == ("<a@b>", "b")
        assert filled("x", params={"format": "flowed"}).get_param("format") == "flowed"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("x", id="text"),
        pytest.param(b"x", id="octets"),
        pytest.param(io.BytesIO(PNG), id="file"),
        pytest.param(MIMEMessage(), id="message"),
        pytest.param(EmailMessage(), id="message of the standard library"),
        pytest.param(Image(PNG), id="image"),
        pytest.param(Calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), id="calendar"),
        pytest.param(sound(b""), id="sound"),
        pytest.param([], id="parts"),
        pytest.param(Webpage("x"), id="page"),
    ],
)
def test_an_argument_that_nobody_takes_is_refused(content: Any) -> None:
    """A caller's mistake is a BadValue that says what is taken, be it handed on or not."""
    with pytest.raises(BadValue, match="'colour'; it takes"):
        filled(content, colour="red")


class TestOctets:
    @pytest.mark.parametrize(
        ("args", "kw", "expected"),
        [
            pytest.param(("image", "png"), {}, "image/png", id="both"),
            pytest.param(("pdf",), {}, "application/pdf", id="a subtype of application"),
            pytest.param((), {"filename": "a.pdf"}, "application/pdf", id="by name"),
            pytest.param((), {}, "image/png", id="by content"),
            pytest.param((), {"filename": "no-type"}, "image/png", id="by content, the name says nothing"),
            pytest.param((), {"maintype": "image", "subtype": "x-own"}, "image/x-own", id="by keyword"),
            pytest.param((), {"subtype": "zip"}, "application/zip", id="a subtype by keyword"),
            pytest.param(("image", "png", "quoted-printable"), {}, "image/png", id="and a transfer encoding"),
        ],
    )
    def test_the_type_is_said_or_follows(self, args: tuple[str, ...], kw: dict[str, Any], expected: str) -> None:
        """Two words, one, or none."""
        part = filled(PNG, *args, **kw)

        assert part.get_content_type() == expected
        assert back(part) == PNG

    @pytest.mark.parametrize(
        ("args", "kw"),
        [
            pytest.param(("image",), {}, id="a main type alone"),
            pytest.param(("png",), {"maintype": "image"}, id="said twice"),
            pytest.param((), {"maintype": "image"}, id="half"),
            pytest.param(("image/png",), {}, id="in one word"),
            pytest.param((), {"filename": 5}, id="a name that is none"),
        ],
    )
    def test_what_makes_no_type_is_refused(self, args: tuple[str, ...], kw: dict[str, Any]) -> None:
        """A caller's mistake is a BadValue."""
        with pytest.raises(BadValue):
            filled(PNG, *args, **kw)

    def test_octets_that_are_nothing_known_need_a_type(self) -> None:
        """The error says what is wanted."""
        with pytest.raises(BadValue, match="no type follows from these octets"):
            filled(b"what is this")

    @pytest.mark.parametrize("kind", [bytearray, memoryview])
    def test_whatever_holds_octets_is_taken(self, kind: Any) -> None:
        """As in RawDataManager."""
        assert back(filled(kind(PNG))) == PNG


class TestFiles:
    def test_a_file_is_read_and_called_as_it_is(self, tmp_path: Path) -> None:
        """Its name, without the folder, gives type and file name."""
        path = tmp_path / "a b.png"
        path.write_bytes(PNG)

        with path.open("rb") as file:
            part = filled(file)

        assert (part.get_content_type(), part.get_filename(), back(part)) == ("image/png", "a b.png", PNG)

    def test_without_a_buffer_too(self, tmp_path: Path) -> None:
        """What a file is opened as makes no difference; its rest is read."""
        path = tmp_path / "a"
        path.write_bytes(b"..." + PNG)

        with path.open("rb", buffering=0) as file:
            file.seek(3)
            part = filled(file, "image", "png", filename="b.png")

        assert (part.get_filename(), back(part)) == ("b.png", PNG)

    def test_a_name_that_is_not_its_own_is_not_taken(self, tmp_path: Path) -> None:
        """What unpacks a file gives other octets than the file has; a temporary name says nothing."""
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress(PNG))

        with gzip.open(path) as file, tempfile.NamedTemporaryFile() as temporary:
            temporary.write(PNG)
            temporary.seek(0)
            parts = [filled(file), filled(temporary)]

        assert [(part.get_content_type(), part.get_filename()) for part in parts] == [("image/png", None)] * 2

    def test_what_has_no_name_gets_none(self) -> None:
        """Such as octets in memory."""
        part = filled(io.BytesIO(PNG))

        assert (part.get_content_type(), part.get_filename()) == ("image/png", None)

    def test_a_file_that_gives_nothing_is_refused(self) -> None:
        """Such as one that does not wait."""

        class Empty(io.RawIOBase):
            def readall(self) -> Any:
                return None

            def read(self, size: int = -1) -> Any:
                del size

        with pytest.raises(BadValue, match="gave NoneType"):
            filled(Empty(), "pdf")

    def test_a_text_file_is_refused(self) -> None:
        """It may be in any charset; the error says what to do."""
        with pytest.raises(NoHandler, match=r"file\.read\(\)"):
            filled(io.StringIO("x"))


class TestMessages:
    def test_a_message_comes_back(self) -> None:
        """As message/rfc822."""
        inner = MIMEMessage().set_content("hello")
        inner["Subject"] = "inner"

        part = filled(inner)

        assert part.get_content_type() == "message/rfc822"
        assert back(part)["subject"] == "inner"

    @pytest.mark.parametrize("kind", [EmailMessage, Message])
    def test_the_standard_librarys_is_one(self, kind: type[Message]) -> None:
        """Without importing it."""
        theirs = kind()
        theirs["Subject"] = "theirs"
        theirs.set_payload("hello")

        part = filled(theirs, filename="a.eml")

        assert (part.get_content_type(), part.get_filename()) == ("message/rfc822", "a.eml")
        assert back(part)["subject"] == "theirs"

    def test_and_what_derives_from_it(self) -> None:
        """Found along its ancestors."""
        assert back(filled(MIMEText("hello"))).get_content() == "hello"

    def test_one_that_cannot_be_written_is_refused(self) -> None:
        """The standard library raises whatever its parts raise."""
        theirs = Message()
        theirs.set_payload([3])  # type: ignore[list-item]  # what a caller may do

        with pytest.raises(BadValue, match="cannot write this message"):
            filled(theirs)

    def test_a_delivery_status_is_blocks_of_fields(self) -> None:
        """RFC 3464, section 2.1: one for the message, one for each recipient."""
        octets = b"Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; x@y\nAction: failed\n \n\nAction: delayed\n"
        part = parse(b"Content-Type: message/delivery-status\n\n" + octets)

        blocks: Any = part.get_content(content_manager=OBJECTS)

        assert [block.items() for block in blocks] == [
            [("Reporting-MTA", "dns; a")],
            [("Final-Recipient", "rfc822; x@y"), ("Action", "failed")],
            [("Action", "delayed")],
        ]

    @pytest.mark.parametrize("octets", [b"", b"\n\n"])
    def test_an_empty_status_has_none(self, octets: bytes) -> None:
        """Whatever stands there is read."""
        part = parse(b"Content-Type: message/delivery-status\n\n" + octets)

        assert part.get_content(content_manager=OBJECTS) == []

    def test_a_piece_of_a_message_is_octets(self) -> None:
        """RFC 2046, section 5.2.2: a message/partial is no message."""
        part = parse(b"Content-Type: message/partial; id=a; number=2\n\npiece")

        assert part.get_content(content_manager=OBJECTS) == b"piece"

    def test_a_multipart_has_no_single_content(self) -> None:
        """The error names what gets at it."""
        part = filled([MIMEPart().set_content("x")], "mixed")

        with pytest.raises(Forbidden, match="get_body"):
            part.get_content(content_manager=OBJECTS)


class TestSound:
    @given(
        st.binary(max_size=60).map(lambda frames: frames * 4),
        st.sampled_from([1, 2]),
        st.sampled_from([1, 2]),
        st.integers(1, 48_000),
    )
    def test_sound_comes_back(self, frames: bytes, channels: int, width: int, rate: int) -> None:
        """All of it, and as it is played."""
        reader = sound(frames, channels=channels, width=width, rate=rate)

        found = back(filled(reader))

        assert found.getparams() == reader.getparams()
        assert found.readframes(found.getnframes()) == frames

    def test_the_reader_stands_where_it_stood(self) -> None:
        """It is the caller's."""
        reader = sound(b"abcd" * 9)
        reader.setpos(4)

        part = filled(reader, filename="a.wav")

        assert (reader.tell(), part.get_content_type(), part.get_filename()) == (4, "audio/wav", "a.wav")
        assert back(part).getnframes() == 9

    def test_one_that_is_closed_is_refused(self, tmp_path: Path) -> None:
        """There is nothing to read."""
        path = tmp_path / "a.wav"
        path.write_bytes(filled(sound(b"abcd")).octets)
        reader = wave.open(str(path))  # noqa: SIM115 -- closed below
        reader.close()

        with pytest.raises(BadValue, match="cannot be read"):
            filled(reader)

    def test_a_length_that_is_not_true_does_no_harm(self) -> None:
        """Such as that of sound from a pipe."""
        octets = filled(sound(b"abcd" * 3)).octets
        place = octets.index(b"data") + 4
        part = filled(octets[:place] + b"\xff\xff\xff\xff" + octets[place + 4 :], "audio", "wav")

        again = back(filled(part.get_content(content_manager=OBJECTS)))

        assert again.readframes(again.getnframes()) == b"abcd" * 3

    @pytest.mark.parametrize(
        "octets",
        [b"", b"RIFF", b"no sound at all", b"RIFF\x24\0\0\0WAVELIST\x88\x13\0\0" + b"ab" * 10],
        ids=["nothing", "four octets", "text", "a chunk too long"],
    )
    def test_what_cannot_be_read_is_octets(self, octets: bytes) -> None:
        """Bad mail is never an exception."""
        assert back(filled(octets, "audio", "x-wav")) == octets

    def test_other_sound_is_octets(self) -> None:
        """Python has no object for it."""
        assert back(filled(b"OggS....", "audio", "ogg")) == b"OggS...."


class TestMedia:
    def test_an_image_comes_as_it_is(self, tmp_path: Path) -> None:
        """Type and file name are its own."""
        path = tmp_path / "a.png"
        path.write_bytes(PNG)

        part = filled(Image(path))

        assert (part.get_content_type(), part.get_filename(), back(part)) == ("image/png", "a.png", PNG)

    def test_what_is_said_goes_before(self) -> None:
        """As everywhere."""
        part = filled(Image(PNG), "inline", filename="b.png", cid="a@b", params={"x-a": "1"})

        assert (part.get_content_disposition(), part.get_filename()) == ("inline", "b.png")
        assert (part.get_param("x-a"), part["content-id"]) == ("1", "<a@b>")

    def test_an_invitation_says_its_method(self) -> None:
        """RFC 6047, section 2.4: the parameter has the value of the property."""
        text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Café\r\nEND:VCALENDAR\r\n"

        part = filled(Calendar(text))

        assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "REQUEST")
        assert part.get_content_charset() == "utf-8"
        assert back(part) == text.replace("\r\n", "\n")

    def test_it_can_be_embedded(self) -> None:
        """By the name that the page has for it."""
        message = MIMEMessage().set_content('<img src="cid:a@b">', "html")

        message.embed(Image(PNG), cid="a@b", content_manager=OBJECTS)

        part = message.get_part("a@b")
        assert part is not None
        assert (part.get_content_type(), part.get_content_disposition(), part.octets) == ("image/png", "inline", PNG)
