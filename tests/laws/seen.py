"""What there is to see of a message: every way of reading it by name, and all it says as one comparable value."""

from __future__ import annotations

import copy
import functools
import io
import itertools
import pickle
import wave
from collections.abc import Callable

from mimekit import Forbidden, MIMEPart, Webpage, policy
from mimekit.values.base import HeaderValue

_PREFERENCES = (("related", "html", "text"), ("html",), ("plain", "html"), ("text",))
_CAN_RAISE = Forbidden  # a multipart with parts has no single content


@functools.cache
def attributes(kind: type) -> tuple[str, ...]:
    """The names of what a kind of header value tells."""
    return tuple(sorted(name for name in dir(kind) if isinstance(getattr(kind, name), property)))


def meaning(value: HeaderValue) -> tuple[object, ...]:
    """What a header value says: its text, and each attribute but its defects and the spelling of its name."""
    names = (name for name in attributes(type(value)) if name not in {"name", "defects"})
    return (type(value), str(value), *(getattr(value, name) for name in names))


def shape(message: MIMEPart, *, fields: bool = True) -> list[tuple[object, ...]]:
    """Every entity in the order of `walk`: its type, what its fields say, and its octets if it holds no parts."""
    return [
        (
            part.get_content_type(),
            part.is_multipart(),
            [(field.name.lower(), meaning(field.value)) for field in part.headers] if fields else [],
            None if part.is_multipart() else part.octets,
        )
        for part in message.walk()
    ]


def _values(message: MIMEPart) -> object:
    return [meaning(field.value) for part in message.walk() for field in part.headers]


def _names(message: MIMEPart) -> object:
    return [(part.keys(), part.values(), part.items(), len(part), list(part), "x" in part) for part in message.walk()]


def _fields(message: MIMEPart) -> object:
    return [
        (list(part.raw_items()), part.get_all("received"), part["subject"], part.field("to")) for part in message.walk()
    ]


def _bodies(message: MIMEPart) -> object:
    return [message.get_body(preferences) for preferences in _PREFERENCES]


def _files(message: MIMEPart) -> object:
    found = [*message.iter_attachments(), *message.iter_attachments(recursive=True)]
    return [(part.get_filename(), part.get_filename(safe=True), part.is_attachment()) for part in found]


def _types(message: MIMEPart) -> object:
    return [
        (
            *(part.get_content_type(), part.get_content_maintype(), part.get_content_subtype()),
            *(part.get_content_charset(), part.get_content_disposition(), part.get_boundary(), part.get_param("name")),
        )
        for part in message.walk()
    ]


def _contents(message: MIMEPart) -> object:
    return [content(part) for part in message.walk()]


def content(part: MIMEPart) -> object:
    """What `get_content` gives, what is a reader or blocks of fields as what is in it; None for what has parts."""
    try:
        found = part.get_content()
        if isinstance(found, Webpage):
            # texts that it shows are octets, whose line ends are those of what they stand in
            shown = {cid: bytes(getattr(one, "octets", b"")).split() for cid, one in found.resources.items()}
            return found.html.replace("\r\n", "\n"), shown
        if isinstance(found, wave.Wave_read):
            return found.getparams(), found.readframes(found.getnframes())
        return list(map(bytes, found)) if isinstance(found, list) else found
    except _CAN_RAISE:
        assert part.is_multipart()
        return None


def _written(message: MIMEPart) -> object:
    file = io.BytesIO()
    message.write_to(file)
    return file.getvalue(), list(message.iter_bytes()), message.as_bytes(policy=policy.SMTPUTF8)


def _parts(message: MIMEPart) -> object:
    return [(part.span, part.source, part.iter_parts(), part.parts, part.get_part("<a@b>")) for part in message.walk()]


#: Every way of reading a message, by name.
READINGS: dict[str, Callable[[MIMEPart], object]] = {
    "values": _values,
    "names": _names,
    "fields": _fields,
    "bodies": _bodies,
    "files": _files,
    "types": _types,
    "contents": _contents,
    "octets": lambda message: [part.octets for part in message.walk()],
    "parts": _parts,
    "walk from behind": lambda message: [part.keys() for part in reversed(list(message.walk()))],
    "every other part": lambda message: [part.octets for part in itertools.islice(message.walk(), 0, None, 2)],
    "defects": lambda message: message.defects,
    "all_defects": lambda message: [(str(defect), hash(defect)) for defect in message.all_defects()],
    "repr": lambda message: [repr(part) for part in message.walk()],
    "str": str,
    "as_string": lambda message: message.as_string(),
    "written": _written,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda message: pickle.loads(pickle.dumps(message)),  # noqa: S301 -- our own
    "==": lambda message: [
        (field.value == "x", hash(field.value)) for part in message.walk() for field in part.headers
    ],
}
