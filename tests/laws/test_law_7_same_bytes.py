"""Law 7: same message, same bytes."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given

import mimekit
from mimekit import ChangedFile, FileManager, MIMEMessage, MIMEPart
from tests import strategies
from tests.laws import real
from tests.laws.seen import shape


@given(strategies.built_messages())
def test_writing_twice_is_writing_once(message: MIMEMessage) -> None:
    """Writing twice gives the same bytes; a boundary is chosen once, whatever is read between."""
    first = bytes(message)

    assert message.written_size() == len(first)
    assert bytes(message) == first
    assert [part.defects for part in message.walk()]
    assert bytes(message) == first


@given(strategies.sources(multipart=True), strategies.sources(multipart=True, lone_cr=False))
def test_reading_what_was_attached_changes_nothing(around: strategies.Source, inside: strategies.Source) -> None:
    """Nor does it where nobody had looked inside before it was written."""
    message = MIMEMessage().set_content("x")
    message.make_mixed(boundary=mimekit.parse(around.octets).get_boundary() if len(around.octets) % 2 else "B1")
    message.attach(mimekit.parse(inside.octets))
    message.attach(MIMEPart().set_content("last"))
    first = bytes(message)

    assert [part.defects for part in message.walk()]

    assert bytes(message) == first
    assert shape(mimekit.parse(first)) == shape(message)


@given(strategies.anything())
def test_copies_of_what_was_parsed_are_written_the_same(octets: bytes) -> None:
    """A copy, shallow, deep or pickled, is the same message."""
    message = mimekit.parse(octets)

    for twin in _copies(message):
        assert bytes(twin) == octets


@given(strategies.built_messages())
def test_copies_of_what_was_built_are_written_the_same(message: MIMEMessage) -> None:
    """A copy is written as its original, whichever is written first."""
    twins = _copies(message)

    assert {bytes(twin) for twin in twins} == {bytes(message)}
    assert all(shape(twin) == shape(message) for twin in twins)


@given(strategies.sources(multipart=True))
def test_copies_of_what_was_edited_are_written_the_same(source: strategies.Source) -> None:
    """An edit goes with the copy, and an edit of the copy stays with it."""
    message = mimekit.parse(source.octets)
    message["X-New"] = "x"
    after = bytes(message)
    assert message.written_size() == len(after)

    for twin in _copies(message):
        assert bytes(twin) == after
        twin["X-New"] = "y"
        twin.make_mixed() if twin.get_content_type() != "multipart/mixed" else twin.remove(twin.parts[0])
        assert bytes(twin) != after

    assert bytes(message) == after


def test_a_boundary_is_chosen_again_only_if_it_collides() -> None:
    """A boundary is chosen once, and again only if it collides; then that one is kept."""
    message = MIMEMessage().set_content([MIMEPart().set_content("x")], "mixed", boundary="b")
    assert b"--b--" in bytes(message)
    assert message.get_boundary() == "b"

    message.attach(MIMEPart().set_content("--b"))

    after = bytes(message)
    assert message.get_boundary() != "b"
    assert bytes(message) == after


def test_a_boundary_that_is_chosen_again_does_not_collide_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen anew may begin as a boundary around it does; then that is chosen anew before it is written."""
    chosen = iter(["aa2", "c1"])
    monkeypatch.setattr("mimekit._boundary.choose", lambda: next(chosen))
    inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"
    message = mimekit.parse(b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" + inner + b"--a--\r\n")

    message.parts[0].attach(MIMEPart().set_content("--b"))
    first = bytes(message)

    assert bytes(message) == first
    assert (message.get_boundary(), message.parts[0].get_boundary()) == ("c1", "aa2")


def test_a_file_that_changed_is_an_error_and_not_another_message(tmp_path: Path) -> None:
    """A file attached by path that changed meanwhile; as long as it has not, the same message is the same bytes."""
    path = tmp_path / "plan.txt"
    path.write_bytes(b"one\n")
    message = MIMEMessage().set_content("x")
    message.add_attachment(path, content_manager=FileManager)

    assert {bytes(message)} == set(map(bytes, _copies(message)))

    path.write_bytes(b"two, and longer\n")
    for change in (bytes, _first_copy):
        with pytest.raises(ChangedFile, match=r"plan\.txt"):
            change(message)


def _first_copy(message: MIMEMessage) -> bytes:
    return bytes(copy.copy(message))


def _copies(message: MIMEMessage) -> list[MIMEMessage]:
    return [copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))]  # noqa: S301 -- our own


@pytest.mark.corpus
@real.every_batch
def test_real_messages_are_written_the_same_twice(batch: real.Batch) -> None:
    """Edited or not, copied or not: the same message, the same bytes."""

    def law(octets: bytes) -> None:
        message = mimekit.parse(octets)
        message["Subject"] = "x"
        after = bytes(message)
        assert {after} == {bytes(message), *map(bytes, _copies(message))}

    real.hold(batch, law)
