"""Law 8: what cannot be kept is refused, with an error of ours, and the message is as it was."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import (
    BadValue,
    Forbidden,
    MimeError,
    MIMEMessage,
    MIMEPart,
    MissingField,
    NoHandler,
    Policy,
    RawDataManager,
)
from mimekit.entity import Entity
from tests import strategies
from tests.laws import real
from tests.laws.seen import shape


def _built() -> MIMEMessage:
    message = MIMEMessage().set_content("text")
    message["Subject"] = "x"
    message.add_alternative("<p>", subtype="html")
    message.add_attachment(b"x", "application", "pdf", filename="a.pdf")
    return message


_SOURCES = {
    "nothing": b"",
    "leaf": b"Subject: x\nTo: a@b.c\n\nbody\n",
    "mixed": b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nX: y\n\n<p>\n--b--\nepi",
    "alternative": b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n",
    "related": b"Content-Type: multipart/related; boundary=b\n\n--b\n\none\n--b--\n",
    "signed": b"Content-Type: multipart/signed; boundary=b\n\n--b\n\none\n--b\nContent-Type: x/y\n\ns\n--b--\n",
    "message": b"Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n",
}
_MESSAGES: dict[str, Callable[[], MIMEMessage]] = {
    "built": _built,
    **{name: (lambda octets=octets: mimekit.parse(octets)) for name, octets in _SOURCES.items()},  # type: ignore[misc]  # bound now
}

#: What no message takes, whatever it is.
_ALWAYS: dict[str, tuple[type[MimeError], Callable[[MIMEMessage], object]]] = {
    "CR in a value": (BadValue, lambda m: m.set_header("Subject", "a\rBcc: x@y.z")),
    "LF in a value": (BadValue, lambda m: m.set_header("Subject", "a\nBcc: x@y.z")),
    "CRLF in an added value": (BadValue, lambda m: m.add_header("X-Tag", "a\r\nBcc: x@y.z")),
    "NUL in a value": (BadValue, lambda m: m.__setitem__("Subject", "a\0")),
    "lone surrogate in a value": (BadValue, lambda m: m.__setitem__("Subject", "a\udc80")),
    "no text": (BadValue, lambda m: m.__setitem__("Subject", 5)),
    "None": (BadValue, lambda m: m.__setitem__("Subject", None)),
    "empty name": (BadValue, lambda m: m.__setitem__("", "x")),
    "space in a name": (BadValue, lambda m: m.__setitem__("X Tag", "x")),
    "colon in a name": (BadValue, lambda m: m.__setitem__("X:", "x")),
    "line end in a name": (BadValue, lambda m: m.__setitem__("X\r\nBcc", "x")),
    "name in another script": (BadValue, lambda m: m.__setitem__("Größe", "x")),
    "name too long for a line": (BadValue, lambda m: m.__setitem__("X" * 998, "x")),
    "non-ASCII local part": (BadValue, lambda m: m.__setitem__("To", Address("jürgen"))),
    "two senders": (BadValue, lambda m: m.__setitem__("Sender", "a@b.c, d@e.f")),
    "no address": (BadValue, lambda m: m.__setitem__("To", "a@b.c, <")),
    "CR in an address": (BadValue, lambda m: m.__setitem__("To", "a\r@b.c")),
    "no date": (BadValue, lambda m: m.__setitem__("Date", "tomorrow")),
    "no identifier": (BadValue, lambda m: m.__setitem__("Message-ID", "<a b>")),
    "identifier longer than a line": (BadValue, lambda m: m.__setitem__("Message-ID", f"<{'a' * 999}@b>")),
    "nothing to replace": (MissingField, lambda m: m.replace_header("X-None", "x")),
    "nothing to take a parameter": (MissingField, lambda m: m.set_param("a", "b", "X-None")),
    "parameters of a text": (BadValue, lambda m: m.add_header("X-Tag", "x", a="b")),
    "parameter that is no token": (BadValue, lambda m: m.set_param("a b", "x")),
    "LF in a parameter": (BadValue, lambda m: m.set_param("p", "x\ny")),
    "no handler": (NoHandler, lambda m: _emptied(m).set_content(object())),
    "a message of the standard library that cannot be written": (
        BadValue,
        lambda m: _emptied(m).set_content(_unwritable()),
    ),
    "no content": (BadValue, lambda m: _emptied(m).set_content()),
    "unknown charset": (BadValue, lambda m: _emptied(m).set_content("x", charset="nobody-has-this")),
    "refused charset": (BadValue, lambda m: _emptied(m).set_content("x", charset="utf-7")),
    "unknown transfer encoding": (BadValue, lambda m: _emptied(m).set_content("x", cte="x-own")),
    "uuencode": (BadValue, lambda m: _emptied(m).set_content(b"x", "a", "b", cte="uuencode")),
    "7bit for 8-bit octets": (BadValue, lambda m: _emptied(m).set_content(b"\xff", "a", "b", cte="7bit")),
    "8bit for a long line": (BadValue, lambda m: _emptied(m).set_content("x" * 999, cte="8bit")),
    "lone surrogate in a body": (BadValue, lambda m: _emptied(m).set_content("a\ud800")),
    "no maintype": (BadValue, lambda m: _emptied(m).set_content(b"x")),
    "a type without its other half": (BadValue, lambda m: _emptied(m).set_content(b"x", "image")),
    "a type that is no token": (BadValue, lambda m: _emptied(m).set_content(b"x", "a b", "c")),
    "octets as a multipart": (BadValue, lambda m: _emptied(m).set_content(b"x", "multipart", "mixed")),
    "LF in a file name": (BadValue, lambda m: _emptied(m).set_content(b"x", "a", "b", filename="a\nb")),
    "NUL in a file name": (BadValue, lambda m: _emptied(m).set_content(b"x", "a", "b", filename="a\0b")),
    "LF in a Content-ID": (BadValue, lambda m: _emptied(m).set_content(b"x", "a", "b", cid="a\nb")),
    "a disposition that is no token": (BadValue, lambda m: _emptied(m).set_content("x", disposition="a b")),
    "a header line without a colon": (BadValue, lambda m: _emptied(m).set_content("x", headers=["nonsense"])),
    "LF in a header": (BadValue, lambda m: _emptied(m).set_content("x", headers={"X-A": "b\nc"})),
    "a header that is no text": (BadValue, lambda m: _emptied(m).set_content("x", headers=[("X-A", "b")])),
    "a header name that is no text": (BadValue, lambda m: _emptied(m).set_content("x", headers={5: "b"})),
    "headers that are one text": (BadValue, lambda m: _emptied(m).set_content("x", headers="X-A: b")),
    "headers that are none": (BadValue, lambda m: _emptied(m).set_content("x", headers=5)),
    "no subtype": (BadValue, lambda m: _emptied(m).set_content("x", subtype=None)),
    "no charset": (BadValue, lambda m: _emptied(m).set_content("x", charset=None)),
    "an empty file name": (BadValue, lambda m: m.add_attachment(b"x", "a", "b", filename="")),
    "a transfer encoding nobody knows": (BadValue, lambda m: m.set_header("Content-Transfer-Encoding", "zip")),
    "a list of no parts": (BadValue, lambda m: _emptied(m).set_content(["x"], "mixed")),
    "a list without a subtype": (BadValue, lambda m: _emptied(m).set_content([MIMEPart()])),
    "a boundary that ends in a space": (
        BadValue,
        lambda m: _emptied(m).set_content([MIMEPart()], "mixed", boundary="a "),
    ),
    "a boundary of 71 characters": (BadValue, lambda m: _emptied(m).set_content([], "mixed", boundary="a" * 71)),
    "a message in base64": (BadValue, lambda m: _emptied(m).set_content(MIMEMessage(), cte="base64")),
    "no text wanted of a body": (BadValue, lambda m: m.get_body(("related",))),
    "an attachment with a bad name": (BadValue, lambda m: m.add_attachment(b"x", "a", "b", filename="a\nb")),
    "an attachment of no type": (BadValue, lambda m: m.add_attachment(b"x")),
    "an attachment nobody handles": (NoHandler, lambda m: m.add_attachment(object())),
    "itself": (Forbidden, lambda m: m.add_attachment(m)),
    "a part that has a place": (Forbidden, lambda m: m.add_attachment(_built().parts[0])),
    "removing what is no part": (Forbidden, lambda m: m.remove(MIMEPart())),
    "removing a text": (BadValue, lambda m: m.remove("x")),  # type: ignore[arg-type]  # the mistake
    "removing itself": (Forbidden, lambda m: m.remove(m)),
}


class Address(mimekit.Address):
    """An address with a local part of its own."""

    def __init__(self, username: str) -> None:
        super().__init__("", username, "example.org")


def _unwritable() -> EmailMessage:
    message = EmailMessage()
    message.set_payload([3])  # type: ignore[list-item]  # what a caller may do
    return message


def _emptied(message: MIMEMessage) -> MIMEPart:
    """A leaf of the message, or the message itself where it is one."""
    return next((part for part in message.walk() if not part.is_multipart() and not _is_signed(part)), message)


def _is_signed(part: MIMEPart) -> bool:
    around = part._parent
    return around is not None and around.get_content_type() == "multipart/signed"


@pytest.mark.parametrize("made", _MESSAGES.values(), ids=_MESSAGES)
@pytest.mark.parametrize(("error", "mistake"), _ALWAYS.values(), ids=_ALWAYS)
def test_a_mistake_is_refused_and_changes_nothing(
    made: Callable[[], MIMEMessage], error: type[MimeError], mistake: Callable[[MIMEMessage], object]
) -> None:
    """A mistake: an exception of ours that also derives from the builtin it resembles, and the message as it was."""
    message = made()
    before, seen, defects = bytes(message), shape(message), message.all_defects()
    composed = message.composed

    with pytest.raises((error, Forbidden)) as caught:
        mistake(message)

    assert isinstance(caught.value, ValueError | LookupError)
    assert str(caught.value)
    assert bytes(message) == before
    assert shape(message) == seen
    assert message.all_defects() == defects
    assert message.composed is composed


@pytest.mark.corpus
@real.every_batch
def test_a_mistake_changes_no_real_message(batch: real.Batch) -> None:
    """Some of these mistakes with each: refused, and every octet is as it was."""

    def law(octets: bytes) -> None:
        message = mimekit.parse(octets)
        for name in real.chance(octets).sample(sorted(_ALWAYS), 9):
            error, mistake = _ALWAYS[name]
            with pytest.raises((error, Forbidden)):
                mistake(message)
        assert bytes(message) == octets
        assert not message.composed

    real.hold(batch, law)


_MATRIX = {
    "related": {"make_related"},
    "alternative": {"make_related", "make_alternative", "add_related"},
    "mixed": {"make_related", "make_alternative", "make_mixed", "add_related", "add_alternative"},
    "signed": {"make_related", "make_alternative", "add_related", "add_alternative"},
}
_CALLS: dict[str, Callable[[MIMEMessage], object]] = {
    "make_related": lambda m: m.make_related(),
    "make_alternative": lambda m: m.make_alternative(),
    "make_mixed": lambda m: m.make_mixed(),
    "add_related": lambda m: m.add_related(b"x", "image", "png"),
    "add_alternative": lambda m: m.add_alternative("x"),
    "add_attachment": lambda m: m.add_attachment(b"x", "image", "png"),
}


@pytest.mark.parametrize("call", _CALLS)
@pytest.mark.parametrize("kind", _MATRIX)
def test_the_matrix_is_strict(kind: str, call: str) -> None:
    """What the matrix does not allow raises, the error names the call that helps, and the message is as it was."""
    message = mimekit.parse(_SOURCES[kind])

    if call not in _MATRIX[kind]:
        _CALLS[call](message)
        assert bytes(message) != _SOURCES[kind]
        return
    with pytest.raises(Forbidden, match=r"\(\)"):
        _CALLS[call](message)
    assert bytes(message) == _SOURCES[kind]


@pytest.mark.parametrize("kind", ["mixed", "alternative", "related", "signed"])
def test_parts_are_not_lost_by_setting_content(kind: str) -> None:
    """Never a silently lost attachment: ``set_content`` does not drop parts."""
    message = mimekit.parse(_SOURCES[kind])

    with pytest.raises(Forbidden, match="clear_content"):
        message.set_content("x")

    assert bytes(message) == _SOURCES[kind]


@pytest.mark.parametrize("kind", ["mixed", "alternative", "related", "signed"])
def test_the_boundary_of_parts_is_not_set(kind: str) -> None:
    """The boundary of a parsed multipart cannot be set."""
    message = mimekit.parse(_SOURCES[kind])

    with pytest.raises(Forbidden):
        message.set_param("boundary", "other")
    with pytest.raises(Forbidden):
        message["Content-Type"] = "multipart/mixed; boundary=other"

    assert bytes(message) == _SOURCES[kind]


def test_a_part_that_was_refused_can_be_used_elsewhere() -> None:
    """What was handed to a call that refused it is as it was, too."""
    part = MIMEPart().set_content("x")
    alternative, mixed = mimekit.parse(_SOURCES["alternative"]), mimekit.parse(_SOURCES["mixed"])
    with pytest.raises(Forbidden):
        alternative.add_related(part)
    with pytest.raises(BadValue):
        mixed.add_attachment(part, "more")

    mixed.attach(part)

    assert mixed.parts[-1] is part


def test_a_message_that_cannot_be_attached_is_as_it_was() -> None:
    """RFC 2046, section 5.2.1: a header line that no message can carry is refused before anything is encoded anew."""
    octets = b"Subject: " + b"y" * 1_200 + b"\n\n" + b"z" * 1_500 + b"\n"
    attached, message = mimekit.parse(octets), MIMEMessage().set_content("x")
    before = bytes(message)

    with pytest.raises(BadValue):
        message.add_attachment(attached)

    assert bytes(attached) == octets
    assert bytes(message) == before


def _fail(part: Entity, _content: object) -> None:
    part.set_header("X-Half", "done")
    raise ZeroDivisionError


class _Failing(RawDataManager):
    """A manager that fails when it is half done."""

    def __init__(self) -> None:
        super().__init__()
        self.add_set_handler(str, _fail)


@pytest.mark.parametrize("made", [_MESSAGES["leaf"], _MESSAGES["nothing"]], ids=["leaf", "nothing"])
def test_a_manager_that_fails_half_way_changes_nothing(made: Callable[[], MIMEMessage]) -> None:
    """Whatever is raised while content is set, the message is as it was."""
    message = made()
    before = bytes(message)

    with pytest.raises(ZeroDivisionError):
        message.set_content("x", content_manager=_Failing)

    assert bytes(message) == before


_MISTAKES: dict[str, Callable[[], object]] = {
    "a source that is no octets": lambda: mimekit.parse(5),  # type: ignore[arg-type]  # the mistake
    "a text no octets stand for": lambda: mimekit.parse("\ud800"),
    "a path to nothing": lambda: mimekit.parse_file("no-such-file.eml"),
    "a line end there is none of": lambda: Policy(linesep="\r"),
    "a limit below one": lambda: Policy(max_depth=0),
    "an option there is none of": lambda: mimekit.policy.default.replace(colour="red"),
    "CR in a display name": lambda: mimekit.Address("a\rb", "x", "y"),
    "an address without a local part": lambda: mimekit.Address("a", "", "example.org"),
    "no address in a group": lambda: mimekit.Group("g", ["a@b.c"]),  # type: ignore[list-item]  # the mistake
}


@pytest.mark.parametrize("mistake", _MISTAKES.values(), ids=_MISTAKES)
def test_a_mistake_at_the_door_is_an_error_of_ours(mistake: Callable[[], object]) -> None:
    """One ``except MimeError`` is always enough, and each error is also the builtin it resembles."""
    with pytest.raises(MimeError) as caught:
        mistake()

    assert isinstance(caught.value, ValueError | LookupError | OSError)


@given(strategies.built_messages(), st.text(), st.text())
def test_a_field_is_kept_or_refused(message: MIMEMessage, name: str, value: str) -> None:
    """Never a silently lost header or character: a field comes back as it was given, or was refused."""
    before = bytes(message)

    try:
        message.add_header(f"X-{name}", value)
    except BadValue:
        assert bytes(message) == before
        return

    assert mimekit.parse(bytes(message)).get_all(f"X-{name}", [])[-1:] == [value]  # type: ignore[index]  # a list was given
