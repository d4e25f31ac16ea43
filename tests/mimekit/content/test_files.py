"""FileManager: a path becomes a part, and a part a file."""

from __future__ import annotations

import copy
import email
import email.message
import email.policy
import os
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import (
    BadValue,
    ChangedFile,
    ContentManager,
    FileManager,
    Forbidden,
    MIMEMessage,
    MIMEPart,
    MissingFile,
    RawDataManager,
    parse,
    policy,
)
from mimekit.content import files as in_files
from mimekit.values.disposition import safe_filename

_PIECE = 1 << 20
_EML = b"From: ana@example.org\r\nSubject: plans\r\n\r\nhello\r\n"
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, octets: bytes) -> Path:
    """A file in the current folder."""
    path = Path(name)
    path.write_bytes(octets)
    return path


def attached(name: str, octets: bytes, **kw: Any) -> MIMEPart:
    """A part made of a file."""
    return MIMEPart().set_content(write(name, octets), content_manager=FileManager, **kw)


def back(part: MIMEPart) -> MIMEMessage:
    """What another reader gets."""
    return parse(bytes(part))


def save(part: MIMEPart, directory: str | None = None) -> str:
    """The file that a part was written into."""
    path = part.get_content(content_manager=FileManager(directory))
    assert isinstance(path, str)
    return path


def files() -> dict[str, bytes]:
    """What stands in the current folder, hidden files too."""
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}


class TestType:
    @pytest.mark.parametrize(
        ("name", "octets", "expected"),
        [
            pytest.param("a.pdf", b"x", "application/pdf", id="by its name"),
            pytest.param("a.txt", b"%PDF-1.7", "text/plain; charset=us-ascii", id="by its name first"),
            pytest.param("a.tar.gz", b"x", "application/gzip", id="compressed"),
            pytest.param("A.PNG", b"x", "image/png", id="in any case"),
            pytest.param("scan", b"%PDF-1.7", "application/pdf", id="by its beginning"),
            pytest.param("README", b"Read me.\n", "text/plain; charset=us-ascii", id="it reads as text"),
            pytest.param("README", "Grüße\n".encode(), "text/plain; charset=utf-8", id="it reads as UTF-8"),
            pytest.param("noise", b"\x01\x02\xff", "application/octet-stream", id="nothing is known"),
            pytest.param("noise.xyzzy", b"a\0", "application/octet-stream", id="nothing is known of the ending"),
        ],
    )
    def test_the_type_follows_from_the_file(self, name: str, octets: bytes, expected: str) -> None:
        """By `mimetypes`, then by sniffing."""
        assert attached(name, octets)["content-type"] == expected

    @pytest.mark.parametrize(
        ("lines", "params", "method"),
        [
            pytest.param("METHOD:REQUEST\n", {}, "REQUEST", id="an invitation"),
            pytest.param("METHOD:REQUEST\n", {"Method": "X-OWN"}, "X-OWN", id="said otherwise"),
            pytest.param("", {}, None, id="none"),
            pytest.param("METHOD:A\nMETHOD:B\n", {}, None, id="damaged"),
        ],
    )
    def test_an_invitation_says_its_method(self, lines: str, params: dict[str, str], method: str | None) -> None:
        """RFC 6047, section 2.4: programs look for it in the type."""
        part = attached("a.ics", f"BEGIN:VCALENDAR\n{lines}END:VCALENDAR\n".encode(), params=params)

        assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", method)

    @pytest.mark.parametrize(
        ("octets", "charset"),
        [
            pytest.param(b"plain", "us-ascii", id="ascii"),
            pytest.param("Grüße, wie geht es".encode(), "utf-8", id="utf-8"),
            pytest.param("Grüße".encode("utf-16"), "utf-16", id="a mark"),
            pytest.param("Grüße".encode("latin-1"), "windows-1252", id="neither"),
            pytest.param("日本語".encode("iso-2022-jp"), "iso-2022-jp", id="escapes"),
        ],
    )
    def test_a_text_says_its_charset(self, octets: bytes, charset: str) -> None:
        """It is worked out, and set as a parameter."""
        part = attached("a.csv", octets)

        assert part["content-type"] == f"text/csv; charset={charset}"
        assert back(part).octets == octets

    def test_a_page_says_it_of_itself(self) -> None:
        """As browsers find it."""
        part = attached("a.html", b"<meta charset=windows-1251>" + "Привет".encode("windows-1251"))

        assert part.get_content_charset() == "windows-1251"
        assert str(back(part).get_content()).endswith("Привет")

    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            pytest.param(b"a\0b", "application/octet-stream", id="anything"),
            pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", id="something known"),
        ],
    )
    def test_a_text_with_nuls_is_none(self, octets: bytes, expected: str) -> None:
        """RFC 2045, section 2.7: no text holds a NUL, unless its charset does."""
        assert attached("a.txt", octets)["content-type"] == expected

    def test_explicit_parameters_win(self) -> None:
        """The proposal: explicit values passed in the params dict override these computed values."""
        part = attached("a.txt", "Grüße".encode("utf-16le"), params={"Charset": "utf-16le", "format": "flowed"})

        assert part["content-type"] == "text/plain; charset=utf-16le; format=flowed"
        assert back(part).get_content() == "Grüße"

    def test_a_parameter_for_what_is_not_known(self) -> None:
        """It is passed on, whatever is found."""
        assert attached("a", b"text", params={"charset": "utf-8"})["content-type"] == "text/plain; charset=utf-8"
        assert attached("b", b"\0", params={"x": "y"})["content-type"] == "application/octet-stream; x=y"

    def test_the_name_people_see_is_asked_first(self) -> None:
        """What is uploaded stands under names that say nothing."""
        assert attached("upload-1.bin", b"x", filename="a.jpg").get_content_type() == "image/jpeg"
        assert attached("b.jpg", b"x", filename="holiday").get_content_type() == "image/jpeg"

    def test_a_large_text_is_told_in_pieces(self) -> None:
        """What its end says counts as well."""
        part = attached("a.txt", b"a" * _PIECE + "é".encode())

        assert part["content-type"] == "text/plain; charset=utf-8"
        assert part["content-transfer-encoding"] == "quoted-printable"


class TestFields:
    def test_the_name_is_that_of_the_file(self) -> None:
        """Without the path that leads to it."""
        Path("folder").mkdir()

        part = attached("folder/Pläne.pdf", b"x")

        assert part.get_filename() == back(part).get_filename() == "Pläne.pdf"
        assert part.get_content_disposition() == "attachment"

    def test_all_keywords_are_taken(self) -> None:
        """Those of `RawDataManager` that say nothing of the type."""
        part = attached(
            "a.png",
            b"x",
            cte="BASE64",
            disposition="inline",
            filename="b.png",
            cid="logo",
            params={"x": "y"},
            headers={"Content-Description": "the logo"},
        )

        assert [(name, str(value)) for name, value in part.items()] == [
            ("Content-Type", "image/png; x=y"),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", "inline; filename=b.png"),
            ("Content-ID", "<logo>"),
            ("Content-Description", "the logo"),
        ]

    def test_they_can_be_given_by_their_places(self) -> None:
        """In the order of the proposal, its types left out."""
        write("a.png", b"x")

        part = MIMEPart().set_content("a.png", "base64", "inline", "b.png", "c", content_manager=FileManager)

        assert (part["content-disposition"], part["content-id"]) == ("inline; filename=b.png", "<c>")

    def test_the_proposals_example(self) -> None:
        """``add_related`` and ``add_attachment`` take it as a class."""
        write("myimage.jpg", b"\xff\xd8\xff")
        write("spreadsheet.xml", b"<a/>")
        msg = MIMEMessage().set_content("My test [image1]\n")
        rel = MIMEMessage().set_content("<p>My test</p>\n", "html")
        rel.add_related("myimage.jpg", cid="image1", content_manager=FileManager)
        msg.make_alternative()
        msg.add_alternative(rel)
        msg.add_attachment("spreadsheet.xml", content_manager=FileManager)

        image, sheet = (part for part in parse(bytes(msg)).walk() if part.get_filename())

        assert (image["content-disposition"], image["content-id"]) == ("inline; filename=myimage.jpg", "<image1>")
        assert (sheet["content-disposition"], sheet.octets) == ("attachment; filename=spreadsheet.xml", b"<a/>")

    def test_as_the_policys_manager(self) -> None:
        """Every text is a path then."""
        write("a.pdf", b"x")
        msg = MIMEMessage(policy=policy.default.replace(content_manager=FileManager))

        msg.set_content("a.pdf")

        assert msg["mime-version"] == "1.0"
        with pytest.raises(MissingFile):
            msg.set_content("Hello")
        assert msg.octets == b"x"


class TestPaths:
    def test_paths_start_in_the_directory(self, tmp_path: Path) -> None:
        """A relative one does; an absolute one stays itself."""
        Path("in").mkdir()
        write("in/a", b"inner")
        write("a", b"outer")
        manager = FileManager(Path("in"))

        for given_path, expected in (("a", b"inner"), ("../a", b"outer"), (tmp_path / "a", b"outer")):
            assert MIMEPart().set_content(given_path, content_manager=manager).octets == expected

    def test_managers_are_equal_by_meaning(self) -> None:
        """So that policies are."""
        other = FileManager("a")
        other.add_set_handler(dict, RawDataManager.set_content)

        assert FileManager("a") == FileManager(Path("a"))
        assert FileManager("a") != FileManager("b")
        assert FileManager("a") != other
        assert FileManager() != ContentManager()
        assert len({FileManager(), FileManager()}) == 2
        assert policy.default.replace(content_manager=FileManager) == policy.default.replace(
            content_manager=FileManager
        )

    @pytest.mark.parametrize("content", [3, None, b"a.pdf", bytearray(b"a.pdf"), {}])
    def test_what_is_no_path_is_refused(self, content: object) -> None:
        """Octets are not taken for a path."""
        part = MIMEPart().set_content("before")

        with pytest.raises(BadValue, match="expected a path"):
            part.set_content(content, content_manager=FileManager)
        assert part.get_content() == "before"

    @pytest.mark.parametrize("content", ["a.txt", ["a.txt"]])
    def test_an_argument_that_nobody_takes_is_refused(self, content: object) -> None:
        """A caller's mistake is a BadValue that says what is taken."""
        write("a.txt", b"x")

        with pytest.raises(BadValue, match="'colour'; it takes"):
            MIMEPart().set_content(content, "mixed", colour="red", content_manager=FileManager)
        with pytest.raises(BadValue, match="too many positional arguments; it takes"):
            MIMEPart().set_content(content, *range(9), content_manager=FileManager)

    def test_a_name_that_no_field_can_hold_is_refused(self, tmp_path: Path) -> None:
        """The error says what to do."""
        odd = tmp_path / "a\nb"
        try:
            odd.write_bytes(b"%PDF-")
        except OSError:
            pytest.skip("no file can be called so here")

        with pytest.raises(BadValue, match=r"\(filename= gives it another\): a line feed"):
            MIMEPart().set_content(odd, content_manager=FileManager)
        assert MIMEPart().set_content(odd, filename="a.pdf", content_manager=FileManager).get_filename() == "a.pdf"

    def test_what_gives_octets_is_no_path(self) -> None:
        """Nor as a directory."""

        class Odd:
            def __fspath__(self) -> bytes:
                return b"a"

        with pytest.raises(BadValue, match="expected a path"):
            FileManager(Odd())  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("path", "error"), [("none.pdf", MissingFile), ("folder", BadValue), ("a\0b", BadValue), ("pipe", BadValue)]
    )
    def test_a_file_that_cannot_be_taken_changes_nothing(self, path: str, error: type[Exception]) -> None:
        """The message is as it was before."""
        Path("folder").mkdir()
        os.mkfifo("pipe")
        msg = MIMEMessage().set_content("x")
        before = bytes(msg)

        with pytest.raises(error):
            msg.add_attachment(path, content_manager=FileManager)
        assert bytes(msg) == before

    @pytest.mark.parametrize("name", ["a\nb", "a\udcff"])
    def test_a_name_that_mail_cannot_carry_is_refused(self, name: str) -> None:
        """Law 8; another name can be said."""
        with pytest.raises(BadValue):
            attached(name, b"x")
        assert attached(name, b"x", filename="a").octets == b"x"

    @pytest.mark.parametrize("cte", ["7bit", "8bit", "nonsense"])
    @pytest.mark.parametrize("size", [999, 3 * _PIECE])
    def test_an_encoding_that_does_not_carry_it_is_refused(self, cte: str, size: int) -> None:
        """As everywhere, and without looking at all of it."""
        with pytest.raises(BadValue):
            attached("a", b"x" * size, cte=cte)


class TestOctets:
    @given(st.data())
    def test_octets_come_back_octet_for_octet(self, data: st.DataObject) -> None:
        """From a path to a message, to bytes, to a message, to a file: whatever they are and are called."""
        octets = data.draw(
            st.binary() | st.lists(st.sampled_from([b"a\r\n", b"\r", b"\n", b"\0", b"--b"])).map(b"".join)
        )
        stem = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=60)
        ending = st.sampled_from(["", ".txt", ".html", ".eml", ".bin", ".gz", ".csv"])
        name = (data.draw(stem) + data.draw(ending)).strip() or "a"
        if name in {".", ".."}:
            return
        folder = Path("in")
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(octets)
        msg = MIMEMessage().set_content("x")
        msg.add_attachment(name, content_manager=FileManager("in"))
        Path("out").mkdir(exist_ok=True)

        [part] = parse(bytes(msg)).iter_attachments()
        path = Path(save(part, "out"))

        assert path.read_bytes() == octets
        assert path.parent == Path("out")
        assert path.name == safe_filename(name)
        path.unlink()
        (folder / name).unlink()

    @pytest.mark.parametrize("linesep", ["\r\n", "\n"])
    @pytest.mark.parametrize("octets", [b"one\ntwo\n", b"one\r\ntwo\r\n", b"one\rtwo", b"\n", b"", b"x" * 2000, b" \t"])
    def test_line_ends_stay_what_they_are(self, octets: bytes, linesep: str) -> None:
        """The transfer encoding takes care of it."""
        part = attached("a.txt", octets)

        written = part.as_bytes(policy=policy.default.replace(linesep=linesep))

        assert parse(written).octets == octets == part.octets

    @pytest.mark.parametrize("name", ["a.bin", "a.txt"])
    @pytest.mark.parametrize("octets", [b"\xff\0" * 700_000, "Grüße\n".encode() * 300_000], ids=["octets", "text"])
    def test_the_standard_library_reads_the_same(self, name: str, octets: bytes) -> None:
        """Over more than one piece."""
        msg = MIMEMessage().set_content("x")
        msg.add_attachment(write(name, octets), content_manager=FileManager)

        theirs = email.message_from_bytes(bytes(msg), policy=email.policy.default)

        assert isinstance(theirs, email.message.EmailMessage)
        [part] = theirs.iter_attachments()
        assert part.get_payload(decode=True) == octets
        assert part.get_filename() == name

    @pytest.mark.parametrize("octets", [bytes(range(256)) * 9_000, b"a b" * 800_000], ids=["octets", "text"])
    def test_it_is_written_as_octets_are(self, octets: bytes) -> None:
        """In pieces, and that does not show."""
        part = attached("a.bin", octets)

        whole = MIMEPart().set_content(octets, "application", "octet-stream", filename="a.bin")

        assert bytes(part) == bytes(whole)

    @pytest.mark.parametrize("cte", ["binary", "7bit", "8bit", "base64", "quoted-printable"])
    def test_every_encoding_can_be_asked_for(self, cte: str) -> None:
        """Where it carries the file."""
        part = attached("a", b"short", cte=cte)

        assert (part["content-transfer-encoding"], back(part).octets) == (cte, b"short")

    def test_a_policy_lets_what_is_short_stay_8bit(self) -> None:
        """And another one narrows it."""
        wide = MIMEPart(policy=policy.SMTPUTF8).set_content(write("a", "ü".encode()), content_manager=FileManager)

        assert wide.as_bytes().endswith(b"\r\n\r\n\xc3\xbc")
        assert wide.as_bytes(policy=policy.SMTP).isascii()

    def test_other_managers_get_it_too(self) -> None:
        """A part made of a file is a part."""
        part = attached("a.txt", "Grüße".encode())

        assert part.octets == "Grüße".encode()
        assert part.get_content() == "Grüße"
        assert part.get_content(content_manager=RawDataManager) == "Grüße"

    def test_its_encoding_can_be_set(self) -> None:
        """If that carries it."""
        part = attached("a.txt", b"one\ntwo")

        part["Content-Transfer-Encoding"] = "base64"

        assert back(part).octets == b"one\ntwo"
        with pytest.raises(BadValue):
            part["Content-Transfer-Encoding"] = "7bit"

    def test_copies_are_the_same(self) -> None:
        """A copy shares the file; what is pickled has the octets, for it may be read elsewhere."""
        msg = MIMEMessage().set_content("x")
        path = write("a.bin", b"\xff\0")
        msg.add_attachment(path, content_manager=FileManager)

        twins = [copy.copy(msg), copy.deepcopy(msg)]
        pickled = pickle.dumps(msg)

        assert [bytes(twin) for twin in twins] == [bytes(msg)] * 2
        path.unlink()
        assert [part.octets for part in pickle.loads(pickled).iter_attachments()] == [b"\xff\0"]  # noqa: S301 -- ours

    def test_a_boundary_in_the_file_is_not_taken(self) -> None:
        """RFC 2046, section 5.1.1: it must not occur; also where pieces of the file meet."""
        line = b"\r\n--B1\r\n"
        for place in (0, _PIECE - 4, 2 * _PIECE + 70_000):
            write("a", b"x" * place + line + b"y" * _PIECE)
            msg = MIMEMessage()
            msg.make_mixed(boundary="B1")
            msg.add_attachment("a", cte="binary", content_manager=FileManager)

            [part] = parse(bytes(msg)).parts

            assert part.octets == Path("a").read_bytes()
            assert msg.get_boundary() != "B1"


class TestMessages:
    def test_a_message_is_attached_as_one(self) -> None:
        """A ``.eml`` is a message/rfc822, as it stands."""
        msg = MIMEMessage().set_content("x")
        msg.add_attachment(write("a.eml", _EML), content_manager=FileManager)

        [part] = parse(bytes(msg)).iter_attachments()

        assert part["content-type"] == "message/rfc822"
        assert part.parts[0]["subject"] == "plans"
        assert Path(save(part)).name == "a (2).eml"
        assert files() == {"a.eml": _EML, "a (2).eml": _EML}

    @pytest.mark.parametrize("octets", [_EML + b"\0", _EML + b"x" * 999, b"a: b\n\na\rb", b"a: b", b""])
    def test_what_cannot_stand_in_one_is_a_file(self, octets: bytes) -> None:
        """RFC 2046, section 5.2.1: a message is 7bit or 8bit, and no octet of it is to change."""
        part = attached("a.eml", octets)

        assert part.get_content_type() == "application/octet-stream"
        assert back(part).octets == octets

    @pytest.mark.parametrize("depth", [1, 2])
    def test_what_would_not_be_read_as_one_is_a_file(self, depth: int) -> None:
        """A policy may allow too little."""
        part = MIMEPart(policy=policy.default.replace(max_depth=depth))

        part.set_content(write("a.eml", _EML), content_manager=FileManager)

        assert (part.get_content_type(), part.octets) == ("application/octet-stream", _EML)

    def test_it_takes_the_encodings_of_a_message(self) -> None:
        """And no others."""
        assert attached("a.eml", _EML, cte="8bit", cid="c")["content-id"] == "<c>"
        with pytest.raises(BadValue, match="7bit or 8bit"):
            attached("a.eml", _EML, cte="base64")

    def test_other_types_of_messages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lists of types know some; a multipart no file is."""
        import mimetypes  # noqa: PLC0415 -- to be told more

        monkeypatch.setitem(mimetypes.types_map, ".u8dsn", "message/global-delivery-status")
        monkeypatch.setitem(mimetypes.types_map, ".vpm", "multipart/voice-message")

        assert attached("a.u8dsn", b"a: b\r\n")["content-type"] == "message/global-delivery-status"
        assert attached("a.vpm", b"\1").get_content_type() == "application/octet-stream"

    def test_a_part_is_set_as_a_message(self) -> None:
        """As `RawDataManager` does it."""
        message = parse(_EML)

        part = MIMEPart().set_content(message, content_manager=FileManager)

        assert part.get_content() is message

    def test_a_message_with_a_file_in_it_is_looked_at_in_pieces(self) -> None:
        """RFC 2046, section 5.2.1: whether its lines can stand in a message is seen without holding it."""
        inner = MIMEMessage().set_content("x")
        inner["Subject"] = "plans"
        inner.add_attachment(write("a.bin", bytes(range(256)) * 40_000), content_manager=FileManager)
        tracemalloc.start()

        part = MIMEMessage().set_content("y").add_attachment(inner)

        assert tracemalloc.get_traced_memory()[1] < 8_000_000
        tracemalloc.stop()
        assert part["content-transfer-encoding"] == "7bit"

    def test_a_composed_message_is_saved_as_it_is_written(self) -> None:
        """Also one that is not parsed."""
        inner = MIMEMessage().set_content("x")
        inner.add_attachment(write("a.bin", b"\0"), content_manager=FileManager)
        part = MIMEPart().set_content(inner)

        path = save(part)

        assert path == "part.eml"
        assert Path(path).read_bytes() == bytes(inner)


class TestLists:
    def test_paths_and_parts_make_a_multipart(self) -> None:
        """Lists of messages *and* of paths, with a subtype."""
        write("a.pdf", b"%PDF")
        write("b.txt", b"text")
        text = MIMEPart().set_content("x")

        msg = MIMEMessage().set_content(
            [text, "a.pdf", Path("b.txt")], "mixed", "B", {"x": "y"}, content_manager=FileManager
        )

        assert msg["content-type"] == "multipart/mixed; x=y; boundary=B"
        assert [part.get_filename() for part in parse(bytes(msg)).parts] == [None, "a.pdf", "b.txt"]
        assert type(msg.parts[1]) is MIMEPart

    def test_a_tuple_will_do(self) -> None:
        """And they start in the directory."""
        Path("in").mkdir()
        write("in/a", b"x")

        msg = MIMEMessage().set_content(("a",), subtype="digest", content_manager=FileManager("in"))

        assert [part.octets for part in msg.parts] == [b"x"]

    @pytest.mark.parametrize("items", [["none"], [3]])
    def test_what_cannot_be_taken_changes_nothing(self, items: list[object]) -> None:
        """The message is as it was."""
        msg = MIMEMessage().set_content("before")

        with pytest.raises((BadValue, MissingFile)):
            msg.set_content(items, "mixed", content_manager=FileManager)
        assert msg.get_content() == "before"

    def test_a_subtype_is_needed(self) -> None:
        """The proposal: how they relate to each other cannot be known a priori."""
        write("a", b"x")

        with pytest.raises(BadValue, match="needs a subtype"):
            MIMEMessage().set_content(["a"], content_manager=FileManager)


class TestChanges:
    def test_a_changed_file_is_an_error_before_anything_is_written(self, tmp_path: Path) -> None:
        """Law 7: a file attached by path that changed meanwhile is an error, not another message."""
        msg = MIMEMessage().set_content("x")
        part = msg.add_attachment(write("a.bin", b"\xff"), content_manager=FileManager)
        write("a.bin", b"\xfe\xfe")

        with (tmp_path / "out").open("wb") as file:
            for use in (msg.as_bytes, lambda: msg.write_to(file), lambda: part.octets, lambda: save(part)):
                with pytest.raises(ChangedFile, match=r"a\.bin is not what it was"):
                    use()
        assert files() == {"a.bin": b"\xfe\xfe", "out": b""}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            pytest.param(b"x" * 3 * _PIECE, b"", id="emptied"),
            pytest.param(b"\xff" * 3 * _PIECE, b"\xff" * _PIECE, id="truncated"),
            pytest.param(b"x\n" * 2 * _PIECE, b"x\n" * 3 * _PIECE, id="grown"),
            pytest.param(b"", b"x", id="filled"),
        ],
    )
    @pytest.mark.parametrize("cte", [None, "base64", "quoted-printable", "binary"])
    def test_a_file_that_changes_while_it_is_written_is_an_error(
        self, before: bytes, after: bytes, cte: str | None
    ) -> None:
        """No message ends as if it were whole."""
        part = attached("a.bin", before, cte=cte)
        chunks = part.iter_bytes()
        assert next(chunks)

        write("a.bin", after)

        with pytest.raises(ChangedFile):
            list(chunks)

    def test_a_file_that_is_gone_is_missed(self) -> None:
        """And named."""
        msg = MIMEMessage().set_content(write("a.bin", b"\xff"), content_manager=FileManager)
        Path("a.bin").unlink()

        with pytest.raises(MissingFile, match=r"a\.bin"):
            bytes(msg)

    def test_what_was_replaced_is_not_looked_for(self) -> None:
        """Content that is no more is no matter."""
        msg = MIMEMessage().set_content(write("a.bin", b"\xff"), content_manager=FileManager)
        Path("a.bin").unlink()

        msg.set_content("x")

        assert parse(bytes(msg)).get_content() == "x"


def named(name: str | None, octets: bytes = b"x") -> MIMEPart:
    """A received part with a file name that a stranger chose."""
    part = MIMEPart().set_content(octets, "application", "pdf")
    if name is not None:
        part.add_header("Content-Disposition", "attachment", filename=name)
    return back(part)


class TestSaving:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            pytest.param("../../x", "x", id="hostile-up"),
            pytest.param("..\\..\\x.exe", "x.exe", id="hostile-up-windows"),
            pytest.param("/etc/passwd", "passwd", id="hostile-absolute"),
            pytest.param("C:\\x", "x", id="hostile-drive"),
            pytest.param("CON", "_CON", id="hostile-device"),
            pytest.param("nul.txt", "_nul.txt", id="hostile-device-with-ending"),
            pytest.param(".bashrc", "bashrc", id="hostile-hidden"),
            pytest.param("a.pdf. . .", "a.pdf", id="hostile-trailing-dots"),
            pytest.param("..", "attachment", id="hostile-dots"),
            pytest.param("", "part.pdf", id="odd-empty"),
            pytest.param("///", "attachment", id="odd-nothing-but-slashes"),
            pytest.param("x" * 300 + ".pdf", "x" * 251 + ".pdf", id="hostile-long"),
            pytest.param("é" * 300 + ".pdf", "é" * 125 + ".pdf", id="hostile-long-in-octets"),
            pytest.param("a\u202efdp.exe", "afdp.exe", id="hostile-right-to-left"),
            pytest.param("Übersicht (3) 日本.pdf", "Übersicht (3) 日本.pdf", id="usual-readable"),
            pytest.param("README", "README", id="usual-no-ending"),
        ],
    )
    def test_a_name_leads_nowhere_else(self, name: str, expected: str) -> None:
        """SECURITY: never outside the directory, never a device or hidden name; readable characters kept."""
        Path("out").mkdir()

        assert save(named(name), "out") == f"out/{expected}"
        assert files() == {}
        assert os.listdir("out") == [expected]  # noqa: PTH208 -- names

    @pytest.mark.parametrize(
        "field", [b'attachment; filename="a\0b.pdf"', b"attachment; filename*=utf-8''a%00b.pdf"], ids=["plain", "coded"]
    )
    def test_a_nul_in_a_name(self, field: bytes) -> None:
        """It ends no name."""
        assert save(parse(b"Content-Disposition: " + field + b"\n\nx")) == "a\N{REPLACEMENT CHARACTER}b.pdf"

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("application/pdf", "part.pdf"),
            ("text/plain", "part.txt"),
            ("text/x-nobody", "part.txt"),
            ("message/rfc822", "part.eml"),
            ("application/x-nobody", "part.bin"),
            ("application/octet-stream", "part.bin"),
        ],
    )
    def test_without_a_name_the_type_gives_the_ending(self, kind: str, expected: str) -> None:
        """The proposal: `mimetypes` determines the extension if the part has no name or filename parameter."""
        assert save(parse(b"Content-Type: " + kind.encode() + b"\n\nx")) == expected

    def test_a_name_in_the_type_is_one(self) -> None:
        """``name`` is what older programs write."""
        assert save(parse(b"Content-Type: application/pdf; name=a.pdf\n\nx")) == "a.pdf"

    def test_one_name_for_several(self) -> None:
        """A number makes it another one; a link is a file as any other."""
        Path("a (2).pdf").symlink_to("nowhere")

        paths = [save(named("a.pdf", octets)) for octets in (b"1", b"2", b"3")]

        assert paths == ["a.pdf", "a (3).pdf", "a (4).pdf"]
        assert files() == {"a.pdf": b"1", "a (3).pdf": b"2", "a (4).pdf": b"3"}

    def test_whoever_waits_is_told_how_far_it_is(self) -> None:
        """The octets that are written, piece after piece."""
        heard: list[int] = []

        in_files.save(named("a.bin", b"x" * 3 * _PIECE), "", told=heard.append)

        assert heard[-1] == 3 * _PIECE
        assert heard == sorted(heard)
        assert len(heard) > 1

    def test_the_octets_are_written_as_they_stand(self) -> None:
        """A text is in its own charset and has its own line ends."""
        part = parse(
            b"Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=0D\n"
        )

        assert Path(save(part)).read_bytes() == b"Gr\xfc\r\n"

    def test_a_text_that_was_set_is_written_too(self) -> None:
        """A message need not have been parsed."""
        assert Path(save(MIMEPart().set_content("Grüße\n"))).read_bytes() == "Grüße\r\n".encode()

    def test_what_was_edited_is_written_as_it_is_now(self) -> None:
        """A message that stands encoded in another, which is changed there."""
        import base64  # noqa: PLC0415 -- here only

        part = parse(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(_EML))
        part.parts[0].set_header("Subject", "b")

        assert Path(save(part)).read_bytes() == _EML.replace(b"plans", b"b")

    @pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/signed", "multipart/alternative"])
    def test_a_multipart_is_no_file(self, kind: str) -> None:
        """The proposal: it is the responsibility of the content manager to throw an error."""
        message = parse(b"Content-Type: " + kind.encode() + b"; boundary=B\n\n--B\n\nx\n--B--\n")

        with pytest.raises(Forbidden, match="holds parts"):
            save(message)
        assert files() == {}

    def test_a_multipart_that_cannot_be_opened_is_one(self) -> None:
        """It has no parts, and the octets are there."""
        assert Path(save(parse(b"Content-Type: multipart/mixed\n\nx"))).read_bytes() == b"x"

    def test_a_folder_that_is_not_there_is_named(self) -> None:
        """And is not made."""
        with pytest.raises(MissingFile, match="'no/such'"):
            save(named("a.pdf"), "no/such")
        assert files() == {}

    def test_a_mapped_message_is_saved_in_pieces(self) -> None:
        """What is not looked at is not read."""
        octets = bytes(range(256)) * 40_000
        msg = MIMEMessage().set_content("x")
        msg.add_attachment(write("a.bin", octets), content_manager=FileManager)
        with Path("a.eml").open("wb") as file:
            msg.write_to(file)
        tracemalloc.start()

        [part] = mimekit.parse_file("a.eml", mmap=True).iter_attachments()
        path = save(part)

        assert tracemalloc.get_traced_memory()[1] < len(octets)
        tracemalloc.stop()
        assert Path(path).read_bytes() == octets
