"""The door to an mbox: what stood in it comes back, one message at a time."""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import mailbox
import os
import pickle
import re
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import BadValue, MIMEMessage, MissingFile, ParseError, mbox, parse, policy, read_mbox
from tests import corpora, strategies
from tests.laws import work

FROM = b"From ana@example.org Thu Aug 22 12:36:23 2002\n"
_QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)


def written(*messages: bytes) -> bytes:
    """An mbox as an mboxrd writer makes it."""
    return b"".join(FROM + _QUOTED.sub(rb">\1", octets) + b"\n" for octets in messages)


def octets_in(source: bytes, **options: Any) -> list[bytes]:
    """What `read_mbox` finds in *source*."""
    return [bytes(message) for message in read_mbox(io.BytesIO(source), **options)]


@pytest.fixture(params=[1, 7, 64], ids="in pieces of {}".format)
def _in_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "_CHUNK", request.param)


# what a reader takes for a line of its own form, in any order
_lines = st.lists(
    st.sampled_from(
        [
            *(b"From ", b"From me\n", b"From the sea, to the land\n", b">From ", b">>From me\n", b" >From x\n", FROM),
            *(
                b"\n",
                b"\r\n",
                b"\n\n",
                b"\r",
                b">",
                b"a",
                b"Subject: x\n",
                b"Content-Length: 9\n",
                b"x\n",
                b"F",
                b"\xff",
            ),
            *(b">" * 1_500, b"x" * 1_500),
        ]
    ),
    max_size=12,
).map(b"".join)
_messages = st.one_of(_lines, strategies.anything())


class TestLaw:
    @given(st.lists(_messages.map(lambda octets: octets + b"\n"), max_size=5), st.sampled_from([1, 3, 50, 1 << 18]))
    def test_what_a_quoting_writer_wrote_comes_back(self, messages: list[bytes], chunk: int) -> None:
        """mboxrd: octet for octet, wherever the file is cut while it is read."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mbox, "_CHUNK", chunk)

            assert octets_in(written(*messages), variant="mboxrd") == messages

    @given(st.lists(strategies.sources().map(lambda source: source.octets), max_size=4))
    def test_what_the_standard_library_wrote_comes_back(
        self, tmp_path_factory: pytest.TempPathFactory, messages: list[bytes]
    ) -> None:
        """`mailbox.mbox` quotes as mboxo, makes line ends the platform's and ends each message with one."""
        path = tmp_path_factory.mktemp("mbox") / "box"
        kept = [octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n") + b"\n" for octets in messages]
        kept = [octets for octets in kept if not re.search(rb"^>*From ", octets, re.MULTILINE)]
        with contextlib.closing(mailbox.mbox(path)) as box:
            for octets in kept:
                box.add(octets)

        assert [bytes(message) for message in read_mbox(path)] == kept

    @pytest.mark.corpus
    @pytest.mark.parametrize("crlf", [False, True], ids=["as it is", "crlf"])
    def test_real_messages_come_back(self, crlf: bool) -> None:
        """Every real message, in one mbox."""
        found = [real.octets for real in corpora.required_messages() if real.crlf is crlf]
        kept = [octets if octets.endswith(b"\n") else octets + b"\n" for octets in found]

        assert octets_in(written(*kept)) == kept

    @given(_messages)
    def test_no_octets_behind_a_separator_raise(self, octets: bytes) -> None:
        """No byte string makes reading raise."""
        for message in read_mbox(io.BytesIO(FROM + octets)):
            assert message.all_defects() is not None

    @given(st.lists(_messages, max_size=4), st.sampled_from([None, "mboxrd", "mboxo", "mboxcl", "mboxcl2"]))
    def test_where_the_file_is_cut_makes_no_difference(self, messages: list[bytes], variant: str | None) -> None:
        """The same messages, whatever is read at a time."""
        source = b"".join(FROM + octets for octets in messages)
        found = []
        for chunk in (1, 100, 1 << 18):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(mbox, "_CHUNK", chunk)
                found.append(octets_in(source, variant=variant))

        assert found[0] == found[1] == found[2]


@pytest.mark.usefixtures("_in_pieces")
class TestSeparators:
    @pytest.mark.parametrize(
        ("source", "messages"),
        [
            pytest.param(b"", [], id="an empty file"),
            pytest.param(b"\n\r\n", [], id="empty lines alone"),
            pytest.param(FROM, [b""], id="a separator alone"),
            pytest.param(b"From ", [b""], id="half a separator"),
            pytest.param(
                FROM + b"A: b\n\nc\n\n" + FROM + b"D: e\n\nf\n\n", [b"A: b\n\nc\n", b"D: e\n\nf\n"], id="usual"
            ),
            pytest.param(b"\n\n" + FROM + b"A: b\n\nc\n\n", [b"A: b\n\nc\n"], id="an empty line in front"),
            pytest.param(FROM + b"A: b\n\nc", [b"A: b\n\nc"], id="no line end at the end"),
            pytest.param(FROM + b"A: b\n\nc\n", [b"A: b\n\nc\n"], id="no empty line at the end"),
            pytest.param(FROM + b"A: b\n\nc\n\n\n", [b"A: b\n\nc\n\n"], id="an empty line of its own"),
            pytest.param(FROM + FROM + b"A: b\n", [b"", b"A: b\n"], id="nothing between"),
            pytest.param(
                FROM + b"A: b\n\nc\n" + FROM + b"D: e\n", [b"A: b\n\nc\n", b"D: e\n"], id="no empty line, a date"
            ),
            pytest.param(b"From x\nA: b\n\nFrom y\nC: d\n", [b"A: b\n", b"C: d\n"], id="no date, a field"),
            pytest.param(b"From x\n\na\n\nFrom y\n\nb\n", [b"\na\n", b"\nb\n"], id="one word, no fields"),
            pytest.param(
                b"From - Fri, 11 Apr 1997 1:02\r\nA: b\r\n\r\nc\r\n\r\nFrom y z\r\nD: e\r\n\r\n",
                [b"A: b\r\n\r\nc\r\n", b"D: e\r\n"],
                id="CRLF",
            ),
            pytest.param(
                FROM + b"A: b\n\nFrom the sea.\nFrom x\nA: b\n", [b"A: b\n\nFrom the sea.\nFrom x\nA: b\n"], id="prose"
            ),
            pytest.param(
                FROM + b"\nFrom " + b"x" * 999 + b"\nA: b\n", [b"\nFrom " + b"x" * 999 + b"\nA: b\n"], id="long"
            ),
            pytest.param(FROM + b"\nFrom the sea\nx" * 3, [b"\nFrom the sea\nx" * 3], id="no field behind it"),
            pytest.param(FROM + b" From x\nFrom\n", [b" From x\nFrom\n"], id="no such lines"),
        ],
    )
    def test_a_file_is_divided(self, source: bytes, messages: list[bytes]) -> None:
        """RFC 4155, appendix A: a line "From ", a message, an empty line."""
        assert octets_in(source) == messages

    def test_each_message_knows_its_separator(self) -> None:
        """What it says of sender and time of delivery is nowhere else."""
        found = list(read_mbox(io.BytesIO(FROM + b"A: b\n\n" + b"From \xfc\r\nA: b\n")))

        assert [message.get_unixfrom() for message in found] == [FROM.decode().strip(), "From ü"]

    @pytest.mark.parametrize(
        "source", [b"Subject: x\n\nFrom me\n", b"x", b">From x\n", b"From " + b"x" * 1_500 + b"\n"]
    )
    def test_what_is_no_mbox_is_refused(self, source: bytes) -> None:
        """Something before the first separator would be lost, silently."""
        with pytest.raises(BadValue, match="expected an mbox"):
            read_mbox(io.BytesIO(source))


@pytest.mark.usefixtures("_in_pieces")
class TestVariants:
    BODY = b"A: b\n\n>From c\n>>From d\n>>>From e\nx >From\n"

    @pytest.mark.parametrize(
        ("variant", "found"),
        [
            (None, b"A: b\n\nFrom c\n>From d\n>>From e\nx >From\n"),
            ("mboxrd", b"A: b\n\nFrom c\n>From d\n>>From e\nx >From\n"),
            ("mboxo", b"A: b\n\nFrom c\n>>From d\n>>>From e\nx >From\n"),
            ("mboxcl", b"A: b\n\nFrom c\n>>From d\n>>>From e\nx >From\n"),
            ("mboxcl2", BODY),
        ],
    )
    def test_quotes_are_taken_off_as_they_were_put_on(self, variant: str | None, found: bytes) -> None:
        """Each form quotes in its own way."""
        assert octets_in(FROM + self.BODY + b"\n", variant=variant) == [found]

    @pytest.mark.parametrize("variant", ["mboxrd", "mboxo"])
    def test_these_know_no_content_length(self, variant: str) -> None:
        """What was quoted has no length that is true."""
        body = b"a\n" + FROM + b"b\n"
        message = b"Content-Length: %d\n\n" % len(body) + body

        assert len(octets_in(FROM + message + b"\n" + FROM, variant=variant)) == 3

    def test_by_default_a_length_says_that_nothing_is_quoted(self) -> None:
        """mboxcl2: the octets stand as they are."""
        body = b">From a\n\n" + FROM + b"b\n>From c\n"
        message = b"A: b\ncontent-LENGTH : %d \n\n" % len(body) + body

        found = octets_in(FROM + message + b"\n" + FROM + b">From d\n")

        assert found == [message, b"From d\n"]

    def test_mboxcl_quotes_beside_the_length(self) -> None:
        """The length counts the quoted octets."""
        body = b">From a\n>>From b\n" + FROM
        message = b"Content-Length: %d\n\n" % len(body) + body

        assert octets_in(FROM + message + b"\n", variant="mboxcl") == [message.replace(b"\n>From", b"\nFrom")]

    @pytest.mark.parametrize("variant", ["mbox", "", 3, ["mboxo"]])
    def test_others_are_refused(self, variant: Any) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue, match="mboxrd"):
            read_mbox(io.BytesIO(), variant=variant)


@pytest.mark.parametrize("crlf", [False, True], ids=["LF", "CRLF"])
@pytest.mark.parametrize("ahead", [0, 1 << 24], ids=["sought", "read ahead"])
@pytest.mark.usefixtures("_in_pieces")
class TestContentLength:
    BODY = b"a\n\n" + FROM + b"B: c\n\nd\n"

    def _found(self, source: bytes, *, crlf: bool) -> list[bytes]:
        octets = octets_in(source.replace(b"\n", b"\r\n") if crlf else source)
        return [found.replace(b"\r\n", b"\n") for found in octets] if crlf else octets

    def _measured(self, body: bytes, *, crlf: bool, more: int = 0) -> bytes:
        return b"Content-Length: %d\n\n" % (len(body) + crlf * body.count(b"\n") + more) + body

    @pytest.mark.parametrize(
        "behind",
        [
            pytest.param(b"\n" + FROM + b"E: f\n", id="an empty line and a separator"),
            pytest.param(FROM + b"E: f\n", id="a separator"),
            pytest.param(b"From x\nE: f\n", id="a plain separator"),
            pytest.param(b"", id="the end"),
            pytest.param(b"\n", id="an empty line and the end"),
        ],
    )
    def test_a_true_one_is_believed(
        self, monkeypatch: pytest.MonkeyPatch, ahead: int, behind: bytes, crlf: bool
    ) -> None:
        """A separator, or the end of the file, stands just behind that many octets."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = self._measured(self.BODY, crlf=crlf)

        found = self._found(FROM + message + behind, crlf=crlf)

        assert found == [message, *([b"E: f\n"] if b"E" in behind else [])]

    @pytest.mark.parametrize("more", [-5, -1, 3, 5, 100, 10**14])
    def test_one_that_is_not_is_not(self, monkeypatch: pytest.MonkeyPatch, ahead: int, more: int, crlf: bool) -> None:
        """Its message ends where the next separator stands."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = self._measured(self.BODY, crlf=crlf, more=more)

        found = self._found(FROM + message + b"\n" + FROM + b"E: f\n", crlf=crlf)

        assert found == [message[: -len(FROM + b"B: c\n\nd\n") - 1], b"B: c\n\nd\n", b"E: f\n"]

    def test_the_last_message_needs_no_line_end(self, monkeypatch: pytest.MonkeyPatch, ahead: int, crlf: bool) -> None:
        """The end of the file is just behind it."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = self._measured(self.BODY + b">From", crlf=crlf)

        assert self._found(FROM + message, crlf=crlf) == [message]

    def test_prose_is_no_separator_there(self, monkeypatch: pytest.MonkeyPatch, ahead: int, crlf: bool) -> None:
        """What is none behind an empty line is none behind so many octets."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = self._measured(b"a\n", crlf=crlf) + b"\nFrom the sea.\n\nb\n"

        assert self._found(FROM + message + b"\n" + FROM, crlf=crlf) == [message, b""]

    def test_one_without_a_body_is_none(self, monkeypatch: pytest.MonkeyPatch, ahead: int, crlf: bool) -> None:
        """It counts what stands behind the empty line, and here is no such line."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = b"Content-Length: 0\n"

        assert self._found(FROM + message + FROM + message, crlf=crlf) == [message, message]

    def test_one_in_the_body_is_none(self, monkeypatch: pytest.MonkeyPatch, ahead: int, crlf: bool) -> None:
        """Only a field counts."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        message = b"A: b\n\nContent-Length: 46\n\nx\n"

        assert self._found(FROM + message + b"\n" + FROM, crlf=crlf) == [message, b""]


class _Pipe(io.RawIOBase):
    """Octets that come a few at a time, and only once."""

    def __init__(self, octets: bytes) -> None:
        self._left = octets
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """At most three."""
        found, self._left = self._left[: min(size, 3)], self._left[min(size, 3) :]
        self.taken += len(found)
        return found

    def seekable(self) -> bool:
        """It is none."""
        return False


class TestFiles:
    def test_a_path_is_read(self, tmp_path: Path) -> None:
        """``read_mbox(path_or_file)``."""
        path = tmp_path / "box"
        path.write_bytes(written(b"A: b\n", b"C: d\n"))

        assert [[str(m["a"]) for m in read_mbox(given)] for given in (path, str(path))] == [["b", "None"]] * 2

    def test_a_file_is_read_from_where_it_stands_and_stays_open(self) -> None:
        """It is the caller's."""
        file = io.BytesIO(b"1234" + written(b"A: b\n"))
        file.seek(4)

        assert [bytes(message) for message in read_mbox(file)] == [b"A: b\n"]
        assert not file.closed

    @pytest.mark.parametrize("ahead", [0, 1 << 24])
    def test_a_pipe_is_read(self, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
        """What cannot be sought in is read ahead, so far and no further."""
        monkeypatch.setattr(mbox, "_AHEAD", ahead)
        body = b"a\n\n" * 2_000 + FROM + b"x\n"
        source = FROM + b"Content-Length: %d\n\n" % len(body) + body
        pipe: Any = _Pipe(source)

        assert len(list(read_mbox(pipe))) == (1 if ahead else 2)

    def test_a_claim_does_not_fill_the_memory(self) -> None:
        """SECURITY: a Content-Length is anybody's."""
        pipe: Any = _Pipe(written(b"Content-Length: 999999999\n\n", *[b"A: b\n\n" + b"x" * 900 + b"\n"] * 50))

        next(iter(read_mbox(pipe)))

        assert pipe.taken < 5_000

    def test_a_real_pipe_is_read(self) -> None:
        """As in ``zcat box.gz | ...``."""
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as target:
            target.write(written(b"A: b\n"))
            target.close()
            found = [bytes(message) for message in read_mbox(source)]

        assert found == [b"A: b\n"]

    def test_a_missing_file_is_missed_at_once(self, tmp_path: Path) -> None:
        """Not when the first message is asked for."""
        with pytest.raises(MissingFile) as caught:
            read_mbox(tmp_path / "none")

        assert caught.value.filename == str(tmp_path / "none")

    @pytest.mark.parametrize("given", [None, 3, b"box", io.StringIO("From x\n"), policy])
    def test_what_is_no_file_is_refused(self, given: Any) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue, match="expected a"):
            read_mbox(given)

    def test_what_is_no_policy_is_refused(self) -> None:
        """At once as well."""
        given: Any = "SMTP"

        with pytest.raises(BadValue, match="expected a mimekit Policy"):
            read_mbox(io.BytesIO(), policy=given)

    @pytest.mark.parametrize("taken", [0, 1, 3])
    def test_the_file_is_closed_when_the_iterator_is_dropped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
    ) -> None:
        """Whether it was begun, left half way, or used up."""
        path = tmp_path / "box"
        path.write_bytes(written(b"A: b\n", b"A: c\n"))
        files: list[BinaryIO] = []

        def noted(name: Path, mode: str) -> BinaryIO:
            files.append(Path(name).open("rb"))  # noqa: SIM115 -- whether it is closed is the question
            assert mode == "rb"
            return files[-1]

        monkeypatch.setattr("mimekit._file.open", noted, raising=False)

        messages = read_mbox(path)
        list(itertools.islice(messages, taken))
        del messages

        assert [file.closed for file in files] == [True]

    def test_memory_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        """Constant memory: a message, and what is read at a time."""
        path = tmp_path / "box"
        with path.open("wb") as file:
            for _ in range(10):
                file.write(written(b"A: b\n\n" + b"x\n" * 400_000))

        def peak(count: int) -> int:
            with work.peak_memory() as memory:
                for _message in itertools.islice(read_mbox(path), count):
                    pass
            return memory.peak

        assert peak(10) < peak(2) + 1_000_000 < 6_000_000

    @pytest.mark.parametrize(
        "unit", [b"\nFrom ", b"\nFrom x y\n", b">", b"\n>From ", b"\nFrom x", b"Mon ", b"\n", b"\r"]
    )
    def test_a_million_of_anything_is_read(self, unit: bytes) -> None:
        """Time grows with the size of the file: what takes the square of it would not end here."""
        source = FROM + unit * (1_000_000 // len(unit))

        assert list(read_mbox(io.BytesIO(source), variant="mboxcl2"))


class TestMessages:
    def test_strict_raises_the_first_defect(self) -> None:
        """``strict=True`` raises the first defect, of the message it stands in."""
        messages = read_mbox(
            io.BytesIO(written(b"A: b\n\n", b"nonsense\n")), policy=policy.default.replace(strict=True)
        )
        next(messages)

        with pytest.raises(ParseError):
            next(messages)

    def test_the_policy_is_theirs(self) -> None:
        """As with `parse`."""
        (message,) = read_mbox(io.BytesIO(written(b"A: b\n")), policy=policy.SMTP)

        assert message.policy is policy.SMTP

    @pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301 -- our own
    def test_a_copy_keeps_the_separator(self, twin: Any) -> None:
        """Nothing is silently lost."""
        (message,) = read_mbox(io.BytesIO(written(b"A: b\n")))

        assert twin(message).get_unixfrom() == message.get_unixfrom() == FROM.decode().strip()
        assert bytes(twin(message)) == b"A: b\n"

    @pytest.mark.parametrize("message", [parse(b"A: b\n"), MIMEMessage()], ids=["parsed", "composed"])
    def test_others_have_none(self, message: MIMEMessage) -> None:
        """Only an mbox has such lines."""
        assert message.get_unixfrom() is None
        assert copy.copy(message).get_unixfrom() is None

    def test_it_can_be_edited(self) -> None:
        """A message as any other."""
        (message,) = mimekit.read_mbox(io.BytesIO(written(b"A: b\n\nc\n")))

        message["Subject"] = "x"

        assert bytes(message) == b"A: b\nSubject: x\n\nc\n"
