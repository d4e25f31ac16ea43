"""Content to message to octets to message to content: the identity, for each content manager.

What stands here is one content in one part; `test_round_trip_trees` builds whole messages of them.
"""

from __future__ import annotations

import copy
import email
import email.message
import email.policy
import html.parser
import io
import pickle
import re
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import (
    Audio,
    BadValue,
    Calendar,
    FileManager,
    Image,
    MIMEMessage,
    MIMEPart,
    Policy,
    RawDataManager,
    Video,
    Webpage,
    charsets,
    policy,
)
from mimekit.content.media import Media
from mimekit.content.objects import ObjectManager
from mimekit.values.disposition import safe_filename
from tests import strategies
from tests.laws.seen import content, shape

_MANAGERS = {"raw": RawDataManager, "objects": ObjectManager}
managers = pytest.mark.parametrize("manager", _MANAGERS.values(), ids=_MANAGERS)


def _filled(chosen: Policy, *args: object, **kw: object) -> MIMEMessage:
    """A message with that content."""
    return MIMEMessage(policy=chosen).set_content(*args, content_manager=None, **kw)


def _readings(message: MIMEMessage) -> list[MIMEMessage]:
    """The message as everybody may have it: built, copied, parsed by both doors, written as another policy asks."""
    chosen, octets = message.policy, bytes(message)
    assert bytes(message) == octets
    narrow = message.as_bytes(policy=policy.SMTP) if octets.isascii() or not chosen.utf8 else octets
    return [
        message,
        copy.copy(message),
        pickle.loads(pickle.dumps(message)),  # noqa: S301 -- our own
        mimekit.parse(octets, policy=chosen),
        mimekit.parse_file(io.BytesIO(octets), policy=chosen),
        mimekit.parse(narrow, policy=chosen),
    ]


def _contents(message: MIMEMessage) -> list[Any]:
    return [one.get_content() for one in _readings(message)]


def _theirs(octets: bytes) -> email.message.EmailMessage:
    found = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


# -- text ----------------------------------------------------------------------------------------------


@managers
class TestText:
    """A `str` of any characters: CRLF comes back as LF, a lone CR is kept, no newline is added."""

    @given(chosen=strategies.policies(), text=strategies.bodies(), subtype=strategies.text_subtypes())
    def test_it_comes_back(self, manager: type[RawDataManager], chosen: Policy, text: str, subtype: str) -> None:
        """Under every policy, by both doors."""
        message = _filled(chosen.replace(content_manager=manager), text, subtype)

        assert set(_contents(message)) == {_lines(text)}
        assert message.get_content_type() == f"text/{subtype.lower()}"

    @given(chosen=strategies.policies(), text=strategies.bodies(), charset=strategies.charset_labels())
    def test_in_any_charset(self, manager: type[RawDataManager], chosen: Policy, text: str, charset: str) -> None:
        """The charset asked for is a wish: it is taken where it gives the same text back."""
        message = _filled(chosen.replace(content_manager=manager), text, charset=charset)

        assert set(_contents(message)) == {_lines(text)}
        assert message.get_content_charset() is not None

    @given(
        chosen=strategies.policies(),
        text=strategies.bodies(),
        cte=strategies.transfer_encodings(),
        charset=strategies.charset_labels(),
    )
    def test_in_any_transfer_encoding_that_can_carry_it(
        self, manager: type[RawDataManager], chosen: Policy, text: str, cte: str, charset: str
    ) -> None:
        """RFC 2045, section 6: base64 and quoted-printable carry any text; the others do, or are refused."""
        try:
            message = _filled(chosen.replace(content_manager=manager), text, cte=cte, charset=charset)
        except BadValue:
            assert cte.lower() in {"7bit", "8bit"}
            return

        assert message["Content-Transfer-Encoding"] == cte.lower()
        assert set(_contents(message)) == {_lines(text)}

    @given(text=strategies.bodies(), surrogate=st.characters(categories=["Cs"]), charset=strategies.charset_labels())
    def test_what_is_no_character_is_refused(
        self, manager: type[RawDataManager], text: str, surrogate: str, charset: str
    ) -> None:
        """RFC 3629, section 3: a lone surrogate is no character of any charset."""
        message = MIMEMessage(policy=policy.default.replace(content_manager=manager)).set_content("before")
        before = bytes(message)

        with pytest.raises(BadValue):
            message.set_content(f"{text}{surrogate}", charset=charset)

        assert bytes(message) == before

    @given(chosen=strategies.policies(), text=strategies.bodies(), charset=strategies.charset_labels())
    def test_what_came_back_can_be_set_again(
        self, manager: type[RawDataManager], chosen: Policy, text: str, charset: str
    ) -> None:
        """And is then written in the same octets, but where a lone CR before a CRLF made one of the LF it became."""
        chosen = chosen.replace(content_manager=manager)
        once = _filled(chosen, re.sub("\r+", "\r", text), charset=charset)

        again = _filled(chosen, mimekit.parse(bytes(once)).get_content(), charset=charset)

        assert bytes(again) == bytes(once)

    @given(chosen=strategies.policies(), text=strategies.bodies(), charset=strategies.charset_labels())
    def test_the_standard_library_reads_the_same(
        self, manager: type[RawDataManager], chosen: Policy, text: str, charset: str
    ) -> None:
        """By its octets and the charset they are in."""
        message = _filled(chosen.replace(content_manager=manager), text, charset=charset)

        theirs = _theirs(bytes(message))

        assert theirs.get_payload(decode=True) == mimekit.parse(bytes(message)).octets
        # it keeps the byte order mark of UTF-8 in the text
        assert _lines(theirs.get_content()).lstrip("\ufeff") == _lines(text).lstrip("\ufeff")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


# -- octets --------------------------------------------------------------------------------------------


@managers
class TestOctets:
    """Bytes of any type come back octet for octet."""

    @given(chosen=strategies.policies(), octets=strategies.octets(), kind=strategies.leaf_types())
    def test_they_come_back(
        self, manager: type[RawDataManager], chosen: Policy, octets: bytes, kind: tuple[str, str]
    ) -> None:
        """Under every policy, by both doors, in whatever type."""
        message = _filled(chosen.replace(content_manager=manager), octets, *kind)

        assert {one.octets for one in _readings(message)} == {octets}
        assert mimekit.parse(bytes(message)).get_content_type() == "/".join(kind).lower()
        if kind[0].lower() != "text":
            assert mimekit.parse(bytes(message)).get_content() == octets

    @given(
        chosen=strategies.policies(),
        octets=strategies.octets(),
        kind=strategies.leaf_types(),
        cte=strategies.transfer_encodings(),
    )
    def test_in_any_transfer_encoding_that_can_carry_them(
        self, manager: type[RawDataManager], chosen: Policy, octets: bytes, kind: tuple[str, str], cte: str
    ) -> None:
        """RFC 2045, section 6.2: what 7bit and 8bit do not carry is refused, binary, base64 and the other carry all."""
        try:
            message = _filled(chosen.replace(content_manager=manager), octets, *kind, cte=cte)
        except BadValue:
            assert cte.lower() in {"7bit", "8bit"}
            return

        assert {one.octets for one in _readings(message)} == {octets}

    @given(octets=strategies.octets(), kind=strategies.leaf_types(), cte=st.none() | strategies.transfer_encodings())
    def test_the_standard_library_reads_the_same(
        self, manager: type[RawDataManager], octets: bytes, kind: tuple[str, str], cte: str | None
    ) -> None:
        """Whatever stands in it."""
        try:
            message = _filled(policy.default.replace(content_manager=manager), octets, *kind, cte=cte)
        except BadValue:
            return

        theirs = _theirs(bytes(message))

        assert theirs.get_content_type() == message.get_content_type()
        assert theirs.get_payload(decode=True) == octets

    @pytest.mark.parametrize("size", [0, 1, 57, 58, 998, 999, 65_535, 65_536, 65_537, 3_000_000])
    def test_of_any_size(self, manager: type[RawDataManager], size: int) -> None:
        """Around the sizes in which they are read, encoded and written."""
        octets = (bytes(range(256)) * (size // 256 + 1))[:size]
        message = _filled(policy.default.replace(content_manager=manager), octets, "application", "x-own")

        assert {one.octets for one in _readings(message)} == {octets}
        assert _theirs(bytes(message)).get_payload(decode=True) == octets

    @given(chosen=strategies.policies(), octets=strategies.octets(), said=strategies.said_of_parts())
    def test_with_all_that_is_said_of_them(
        self, manager: type[RawDataManager], chosen: Policy, octets: bytes, said: dict[str, Any]
    ) -> None:
        """File name, Content-ID, disposition and parameters, of any characters."""
        message = _filled(chosen.replace(content_manager=manager), octets, "application", "pdf", **said)

        wanted = said.get("disposition") or ("attachment" if "filename" in said else None)
        for one in _readings(message):
            assert one.octets == octets
            assert one.get_filename() == said.get("filename")
            assert one.get_content_disposition() == (wanted and wanted.lower())
            assert one["Content-ID"] == (said.get("cid") and f"<{said['cid']}>")
            assert "cid" not in said or one.get_part(said["cid"]) is one
            assert {name: one.get_param(name) for name in said.get("params", ())} == said.get("params", {})

    @given(octets=strategies.octets(), name=strategies.plain_file_names(), cid=strategies.message_ids())
    def test_the_standard_library_reads_the_same_names(
        self, manager: type[RawDataManager], octets: bytes, name: str, cid: str
    ) -> None:
        """RFC 2231, RFC 2392: it takes white space off the ends of a name, and tells no controls."""
        chosen = policy.default.replace(content_manager=manager)
        message = _filled(chosen, octets, "application", "pdf", filename=name, cid=cid)

        theirs = _theirs(bytes(message))

        assert theirs.get_filename() == name
        assert theirs["Content-ID"] == cid


# -- objects -------------------------------------------------------------------------------------------

objects = strategies.policies().map(lambda chosen: chosen.replace(content_manager=ObjectManager))


@given(
    chosen=objects,
    octets=strategies.octets(),
    name=strategies.file_names(),
    opened=st.sampled_from(["whole", "rest", "raw"]),
)
def test_a_file_comes_back(
    tmp_path_factory: pytest.TempPathFactory, chosen: Policy, octets: bytes, name: str, opened: str
) -> None:
    """What is left to read in it, octet for octet; by its own name, or another that it is given."""
    path = tmp_path_factory.getbasetemp() / "any.pdf"
    path.write_bytes(octets)
    with path.open("rb", buffering=0 if opened == "raw" else -1) as file:
        file.seek(len(octets) // 2 if opened == "rest" else 0)
        own = _filled(chosen, file)
        file.seek(0)
        given_ = _filled(chosen, file, "image", "png", filename=name)

    wanted = octets[len(octets) // 2 if opened == "rest" else 0 :]
    assert _contents(own) == [wanted] * 6
    assert (own.get_content_type(), own.get_filename()) == ("application/pdf", "any.pdf")
    assert _contents(given_) == [octets] * 6
    assert mimekit.parse(bytes(given_)).get_filename() == name


@given(chosen=objects, sound=strategies.sounds(), place=st.integers(0, 50))
def test_sound_comes_back(chosen: Policy, sound: strategies.Sound, place: int) -> None:
    """All of it, wherever its reader stands, to be played as it was; the standard library hears the same."""
    reader = wave.open(io.BytesIO(sound.octets))  # noqa: SIM115 -- of octets in memory
    reader.setpos(min(place, reader.getnframes()))

    message = _filled(chosen, reader)

    theirs = wave.open(io.BytesIO(_theirs(bytes(message)).get_content()))  # noqa: SIM115 -- of octets in memory
    for found in (*_contents(message), theirs):
        assert found.getparams() == reader.getparams()
        assert found.readframes(found.getnframes()) == sound.frames


@given(chosen=objects, media=strategies.media())
def test_media_come_back(chosen: Policy, media: Image | Audio | Video) -> None:
    """A picture, a sound, a film: as what it is, with its name; the standard library has the same octets."""
    message = _filled(chosen, media)

    for one in _readings(message):
        assert (one.get_content_type(), one.get_filename()) == (media.content_type, media.filename)
        assert one.octets == media.octets
        assert type(media)(one.octets, subtype=one.get_content_subtype(), filename=one.get_filename()) == media
    assert _theirs(bytes(message)).get_content() == media.octets


@given(chosen=objects, calendar=strategies.calendars())
def test_an_invitation_comes_back(chosen: Policy, calendar: Calendar) -> None:
    """RFC 6047, section 2.4: with the method that it says; what comes back makes the same again."""
    message = _filled(chosen, calendar)

    for one in _readings(message):
        assert (one.get_content_type(), one.get_filename()) == ("text/calendar", calendar.filename)
        assert one.get_param("method") == calendar.method
        assert Calendar(str(one.get_content()), filename=one.get_filename()) == calendar


@given(chosen=objects, blocks=strategies.status_blocks())
def test_a_delivery_status_comes_back(chosen: Policy, blocks: list[list[tuple[str, str]]]) -> None:
    """RFC 3464, section 2.1: blocks of fields; the standard library finds the same."""
    octets = b"\r\n".join("".join(f"{name}: {value}\r\n" for name, value in block).encode() for block in blocks)
    message = _filled(chosen, octets, "message", "delivery-status")

    for found in _contents(message):
        assert [[(name, str(value)) for name, value in block.items()] for block in found] == blocks
    assert [block.items() for block in _theirs(bytes(message)).iter_parts()] == blocks


# -- messages in messages ------------------------------------------------------------------------------


@managers
class TestMessages:
    """A message in a message in a message comes back from its depth with all that was in it."""

    @given(
        chosen=strategies.policies(),
        inner=strategies.built_messages(max_parts=1),
        depth=st.integers(0, 4),
        attached=st.booleans(),
    )
    def test_ours_come_back(
        self, manager: type[RawDataManager], chosen: Policy, inner: MIMEMessage, depth: int, attached: bool
    ) -> None:
        """RFC 2046, section 5.2.1: as content, or beside a text."""
        chosen = chosen.replace(content_manager=manager)
        wanted, message = _told(inner), inner
        for level in range(depth):
            message = _around(message, f"around {level}", chosen, attached=attached)

        for found in map(_innermost, _readings(message)):
            assert _told(found) == wanted

    @given(chosen=strategies.policies(), inner=strategies.built_messages(max_parts=1, messages=False))
    def test_octets_of_one_are_one(self, manager: type[RawDataManager], chosen: Policy, inner: MIMEMessage) -> None:
        """Given as bytes it is opened, and comes back octet for octet."""
        octets = bytes(inner)

        message = _filled(chosen.replace(content_manager=manager), octets, "message", "rfc822")

        for found in _readings(message):
            assert shape(found.parts[0]) == shape(inner)
            assert found.parts[0].source == octets

    @given(
        inner=strategies.built_messages(max_parts=1, messages=False), depth=st.integers(1, 4), attached=st.booleans()
    )
    def test_the_standard_library_finds_the_same(
        self, manager: type[RawDataManager], inner: MIMEMessage, depth: int, attached: bool
    ) -> None:
        """The same types in the same order, the same octets in what holds no parts."""
        chosen = policy.default.replace(content_manager=manager)
        message = inner
        for level in range(depth):
            message = _around(message, f"around {level}", chosen, attached=attached)

        theirs, ours = _theirs(bytes(message)), list(mimekit.parse(bytes(message)).walk())

        assert [part.get_content_type() for part in theirs.walk()] == [part.get_content_type() for part in ours]
        assert [part.get_payload(decode=True) for part in theirs.walk() if not part.is_multipart()] == [
            part.octets for part in ours if not part.is_multipart()
        ]


def _around(message: MIMEMessage, subject: str, chosen: Policy, *, attached: bool) -> MIMEMessage:
    around = MIMEMessage(policy=chosen)
    around["Subject"] = subject
    if not attached:
        return around.set_content(message)
    around.set_content("see the message").add_attachment(message)
    return around


def _told(message: MIMEMessage) -> list[tuple[object, ...]]:
    """Every entity: its type, its fields but the transfer encoding, which follows the policy, and its content."""
    return [
        (
            part.get_content_type(),
            [(name, str(value)) for name, value in part.items() if name.lower() != "content-transfer-encoding"],
            None if part.is_multipart() else content(part),
        )
        for part in message.walk()
    ]


def _innermost(message: Any) -> MIMEMessage:
    while str(message["Subject"]).startswith("around "):
        message = message.parts[-1] if message.get_content_type() == "multipart/mixed" else message
        message = message.get_content()
    assert isinstance(message, MIMEMessage)
    return message


@given(chosen=objects, depth=st.integers(0, 4), text=strategies.bodies(), subject=strategies.tokens())
def test_messages_of_the_standard_librarys_come_back(chosen: Policy, depth: int, text: str, subject: str) -> None:
    """One in the other, and one of ours around them all: as the standard library writes them.

    What it writes of many words in other scripts has lost spaces between them, so the subject is one word.
    """
    theirs = email.message.EmailMessage()
    theirs["Subject"] = subject
    theirs.set_content(text.encode(), "application", "octet-stream")
    for _ in range(depth):
        around = email.message.EmailMessage()
        around.set_content(theirs)
        theirs = around

    for found in _contents(_filled(chosen, theirs)):
        innermost = list(found.walk())[-1]
        assert len(list(found.walk())) == 1 + depth
        assert innermost["Subject"] == subject
        assert innermost.get_content() == text.encode()


# -- files ---------------------------------------------------------------------------------------------


_ALIKE = st.sampled_from(["a.pdf", "A.PDF", "a.PDF", " a.pdf", ".a.pdf", "a (2).pdf", "a (3).pdf", "a", "A"])


class TestFiles:
    """A file, given by its path, becomes a file of the same octets, under a safe name."""

    @given(chosen=strategies.policies(), octets=strategies.octets(), name=strategies.disk_names())
    def test_it_comes_back(self, folder: Path, chosen: Policy, octets: bytes, name: str) -> None:
        """Whatever is in it, and whatever a file system lets it be called."""
        message = _of_file(folder, name, octets, chosen)

        for one in _readings(message):
            assert one.get_filename() == name
            assert _saved(one) == (safe_filename(name), octets)

    @given(chosen=strategies.policies(), text=strategies.bodies(), charset=strategies.charset_labels())
    def test_a_text_in_any_charset(self, folder: Path, chosen: Policy, text: str, charset: str) -> None:
        """Its octets stay what they are; they are read in the charset that was said."""
        octets, label = charsets.encode(text, charset)
        message = _of_file(folder, "a.txt", octets, chosen, params={"charset": label})

        for one in _readings(message):
            assert one.get_content(content_manager=RawDataManager) == _lines(text)
            assert _saved(one) == ("a.txt", octets)

    @given(chosen=strategies.policies(), text=strategies.bodies(), charset=strategies.charset_labels())
    def test_a_text_whose_charset_is_told(self, folder: Path, chosen: Policy, text: str, charset: str) -> None:
        """What is UTF-8 is told, and read as that."""
        octets, label = charsets.encode(text, charset)
        message = _of_file(folder, "a.csv", octets, chosen)

        for one in _readings(message):
            assert _saved(one) == ("a.csv", octets)
            if label == "utf-8" and one.get_content_charset() == "utf-8":
                assert one.get_content(content_manager=RawDataManager) == _lines(text)

    @given(chosen=strategies.policies(), source=strategies.sources(max_depth=2), ending=st.sampled_from(["", "\n"]))
    def test_a_message_on_disk(self, folder: Path, chosen: Policy, source: strategies.Source, ending: str) -> None:
        """It stands in the message as it stood in the file, whether as a message or as octets."""
        octets = source.octets + ending.encode()
        message = _of_file(folder, "a.eml", octets, chosen)

        for one in _readings(message):
            assert _saved(one) == ("a.eml", octets)
            if one.get_content_type() == "message/rfc822":
                assert one.parts[0].source == octets

    @given(
        octets=strategies.octets_around(57 * 1_024, 2 * 57 * 1_024, 1 << 20),
        name=st.sampled_from(["a.bin", "a.txt", "a.html", "a"]),
        cte=st.none() | strategies.transfer_encodings(),
    )
    def test_it_is_of_any_size(self, folder: Path, octets: bytes, name: str, cte: str | None) -> None:
        """Around the sizes of the pieces in which it is read, encoded, written and decoded."""
        try:
            message = _of_file(folder, name, octets, policy.default, cte=cte)
        except BadValue:
            assert cte is not None
            assert cte.lower() in {"7bit", "8bit"}
            return
        written = bytes(message)

        assert _saved(mimekit.parse(written)) == (name, octets)
        assert _theirs(written).get_payload(decode=True) == octets

    @given(octets=strategies.octets(), name=strategies.disk_names(told=True))
    def test_the_standard_library_reads_the_same(self, folder: Path, octets: bytes, name: str) -> None:
        """The octets, and the name but for white space around it."""
        message = MIMEMessage().set_content("x")
        message.add_attachment(_on_disk(folder, name, octets), content_manager=FileManager)

        [theirs] = _theirs(bytes(message)).iter_attachments()

        assert theirs.get_filename() == name
        if theirs.get_content_maintype() != "message":
            assert theirs.get_payload(decode=True) == octets

    @given(
        chosen=strategies.policies(),
        octets=st.lists(strategies.octets() | st.none(), max_size=4),
        subtype=st.sampled_from(["mixed", "alternative", "digest", "x-own"]),
    )
    def test_lists_of_paths_and_parts(
        self, folder: Path, chosen: Policy, octets: list[bytes | None], subtype: str
    ) -> None:
        """In their order; what is None is a part."""
        items = [
            MIMEPart().set_content("text") if one is None else _on_disk(folder, f"{number}.bin", one)
            for number, one in enumerate(octets)
        ]
        message = MIMEMessage(policy=chosen)
        message.set_content(items, subtype, content_manager=FileManager)

        wanted = [("part.txt", b"text") if one is None else (f"{number}.bin", one) for number, one in enumerate(octets)]
        for one in _readings(message):
            if items:
                assert [_saved(part) for part in one.parts] == wanted

    @given(
        names=st.lists(_ALIKE | strategies.disk_names(), max_size=8), octets=strategies.octets(), opened=st.booleans()
    )
    def test_many_saved_in_one_folder(self, names: list[str], octets: bytes, opened: bool) -> None:
        """None takes the place of another, though they are called alike, or but for case."""
        message = MIMEMessage().set_content("x")
        for number, name in enumerate(names):
            message.add_attachment(octets + b"%d" % number, "application", "pdf", filename=name)
        message = mimekit.parse(bytes(message)) if opened else message

        with tempfile.TemporaryDirectory() as place:
            manager = FileManager(place)
            paths = [str(part.get_content(content_manager=manager)) for part in message.iter_attachments()]

            assert [Path(path).read_bytes() for path in paths] == [
                octets + b"%d" % number for number in range(len(names))
            ]
            assert sorted(map(str, Path(place).iterdir())) == sorted(paths)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files are that are attached."""
    return tmp_path_factory.mktemp("files")


def _on_disk(folder: Path, name: str, octets: bytes) -> Path:
    path = folder / name
    path.write_bytes(octets)
    return path


def _of_file(folder: Path, name: str, octets: bytes, chosen: Policy, **said: Any) -> MIMEMessage:
    """A message whose content stands in a file."""
    return _filled(chosen.replace(content_manager=FileManager), str(_on_disk(folder, name, octets)), **said)


def _saved(part: MIMEPart) -> tuple[str, bytes]:
    """The name and the octets of the file that a part becomes in a folder with nothing in it."""
    with tempfile.TemporaryDirectory() as place:
        path = part.get_content(content_manager=FileManager(place))
        [found] = Path(place).iterdir()
        assert str(found) == path
        return found.name, found.read_bytes()


# -- pages ---------------------------------------------------------------------------------------------

_WAYS: dict[str, Any] = {
    "set": lambda message, page: message.set_content(page),
    "set without a text": lambda message, page: message.set_content(page, alternative=False),
    "set with a text": lambda message, page: message.set_content(page, text="for others"),
    "an alternative": lambda message, page: message.set_content("text").add_alternative(page),
    "related to a text": lambda message, page: message.set_content("text").add_related(page),
    "attached": lambda message, page: message.set_content("text").add_attachment(page),
    "attached with a text": lambda message, page: message.set_content("text").add_attachment(page, text="for others"),
    "in a list": lambda message, page: message.set_content([MIMEPart().set_content(page)], "mixed"),
}


class TestPages:
    """A page comes back with all that it shows, however it came into the message."""

    @pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS)
    @given(chosen=objects, page=strategies.webpages(min_size=1))
    def test_it_comes_back(self, way: Any, chosen: Policy, page: Webpage) -> None:
        """The same page, the same objects under the same Content-IDs; the standard library finds the same."""
        message = MIMEMessage(policy=chosen)
        way(message, page)

        for one in _readings(message):
            assert _related(one).get_content() == page
        root, *others = _related(_theirs(bytes(message))).iter_parts()
        # it keeps the byte order mark of UTF-8 in the text
        assert _lines(root.get_content()).lstrip("\ufeff") == _lines(page.html).lstrip("\ufeff")
        assert {
            str(part["Content-ID"]): (part.get_content_type(), part.get_payload(decode=True)) for part in others
        } == {f"<{cid}>": (found.content_type, found.octets) for cid, found in _media(page).items()}

    @given(chosen=objects, page=strategies.webpages(min_size=1))
    def test_what_came_back_can_be_set_again(self, chosen: Policy, page: Webpage) -> None:
        """And is the same page in the same octets, but for boundaries, and a CR before a CRLF that became an LF."""
        page = Webpage(re.sub("\r+", "\r", page.html), page.resources)
        once = _filled(chosen, page, text="", boundary="B")

        again = _filled(chosen, _related(mimekit.parse(bytes(once))).get_content(), text="", boundary="B")

        assert [part.octets for part in _leaves(again)] == [part.octets for part in _leaves(once)]
        assert [part.items() for part in _leaves(again)] == [part.items() for part in _leaves(once)]

    @given(chosen=objects, page=strategies.shown_pages(), alternative=st.booleans())
    def test_it_is_saved_with_its_images(self, chosen: Policy, page: Webpage, alternative: bool) -> None:
        """Each of them once, octet for octet, where the page that is written looks for it."""
        message = _filled(chosen, page, alternative=alternative)

        for one in _readings(message):
            with tempfile.TemporaryDirectory() as place:
                path: Any = _related(one).get_content(content_manager=FileManager(place))
                wanted = [found.octets for found in _media(page).values()]
                assert [Path(place, source).read_bytes() for source in _sources(path)] == wanted
                assert sum(found.is_file() for found in Path(place).rglob("*")) == 1 + len(wanted)


def _media(page: Webpage) -> dict[str, Media]:
    return {cid: found for cid, found in page.resources.items() if isinstance(found, Media)}


def _related(message: Any) -> Any:
    """The page with its objects, wherever it stands."""
    [found] = (part for part in message.walk() if _begins_with_a_page(part))
    return found


def _begins_with_a_page(part: Any) -> bool:
    if part.get_content_type() != "multipart/related":
        return False
    return bool(next(part.iter_parts()).get_content_type() == "text/html")


def _leaves(message: MIMEMessage) -> Iterator[MIMEPart]:
    return (part for part in message.walk() if not part.is_multipart())


def _sources(path: str) -> list[str]:
    """What the images of a page lead to, in their order."""
    found: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "img":
                found.append(unquote(dict(attrs)["src"] or ""))

    Reader().feed(Path(path).read_text(encoding="utf-8"))
    return found
