"""The manager that gives the most control: text and octets, with every MIME detail in the caller's hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from .. import charsets, transfer
from .._grammar import check_str, check_text
from ..entity import Content, Entity
from ..errors import BadValue, Forbidden
from ..values.contenttype import ContentType
from ..values.disposition import Disposition
from .manager import ContentManager

_CONTENT_FIELDS = frozenset({"content-type", "content-transfer-encoding", "mime-version"})
# RFC 6838 4.2
MAIN_TYPES = frozenset(
    {"application", "audio", "example", "font", "haptics", "image", "message", "model", "multipart", "text", "video"}
)
Headers = Mapping[str, object] | Iterable[str]


class RawDataManager(ContentManager):
    """Content as `str` or `bytes`, with its type and parameters said by the caller.

    ::

        set_content(str, subtype="plain", cte=None, disposition=None, filename=None, cid=None, params=None)
        set_content(bytes, maintype, subtype, cte=None, disposition=None, filename=None, cid=None, params=None)
        set_content(message, subtype="rfc822", cte=None, disposition=None, filename=None, cid=None, params=None)
        set_content(parts, subtype, boundary=None, params=None)

    The type of octets follows from *filename* if it is not given. All take ``headers=`` for further fields, and text
    takes ``charset=``, which gives way to utf-8 where it cannot hold the text. A list of parts makes a multipart.
    ``get_content()`` gives `str` for text, the message for a message/rfc822, and `bytes` for everything else.
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_get_handler("text", get_text)
        self.add_get_handler("multipart", get_multipart)
        self.add_get_handler("message", get_message)
        self.add_get_handler("", get_octets)
        self.add_set_handler(str, set_text)
        for kind in (bytes, bytearray, memoryview):
            self.add_set_handler(kind, set_octets)
        self.add_set_handler(Entity, set_message)
        self.add_set_handler(list, set_parts)
        self.add_set_handler(tuple, set_parts)


# -- getting ---------------------------------------------------------------------------------------


def get_text(part: Entity) -> str:
    r"""The text of a part, its line ends as ``\n``, whatever its charset claims."""
    kind = part._kind()
    text = charsets.read(part.text_octets(), kind.charset, html=kind.subtype == "html")
    # as text.replace("\\r\\n", "\\n"), in two thirds of the time
    return "\n".join(text.split("\r\n")) if "\r" in text else text


def decode_text(part: Entity) -> charsets.Decoded:
    """The text of a part with what is known of its charset: the rule that fired, and defects."""
    kind = part._kind()
    return charsets.decode(part.text_octets(), kind.charset, html=kind.subtype == "html")


def get_octets(part: Entity) -> bytes:
    """The octets of a part, its transfer encoding undone."""
    return part.octets


def get_message(part: Entity) -> object:
    """The message inside a message/rfc822; the octets of another message type."""
    return part.parts[0] if part.is_multipart() else part.octets


def get_multipart(part: Entity) -> bytes:
    """The octets of a multipart that could not be opened.

    Raises:
        Forbidden: it has parts, which are no single content.
    """
    if part.is_multipart():
        raise Forbidden(
            f"{part.get_content_type()} holds parts; "
            'get_body(("html", "text")) finds the text, iter_attachments() and iter_parts() the rest'
        )
    return part.octets


# -- setting ---------------------------------------------------------------------------------------


def set_text(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    text: object,
    subtype: str = "plain",
    cte: str | None = None,
    disposition: str | None = None,
    filename: str | None = None,
    cid: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    charset: str = "utf-8",
    headers: Headers | None = None,
) -> None:
    """Make *part* a text. The charset is us-ascii where that holds it, else what was asked, else utf-8.

    Raises:
        BadValue: an unknown charset or transfer encoding, one that cannot carry the text, or a value no field can hold.
    """
    assert isinstance(text, str)  # registered for str
    _check_given(subtype=subtype, charset=charset)
    check_types(params, cte=cte, disposition=disposition, filename=filename, cid=cid)
    if subtype.lower() in MAIN_TYPES:
        raise BadValue(f'a text takes a subtype only, such as subtype="html"; {subtype!r} is a main type')
    others = {name: value for name, value in (params or {}).items() if name.lower() != "charset"}
    asked = next((value for name, value in (params or {}).items() if name.lower() == "charset"), charset)
    canonical = text.replace("\r\n", "\n").replace("\n", "\r\n")
    octets, label = charsets.encode(canonical, asked)
    # a CR beside those pairs, or an octet of a wide character that looks like one, is no line end
    lines = charsets.keeps_ascii(label) and canonical.count("\r") == canonical.count("\r\n")
    content = _content(part, octets, cte, text=lines)
    kind = ContentType.build("text", subtype, {"charset": label, **others})
    fill(part, kind, content, disposition=disposition, filename=filename, cid=cid, headers=headers)


def set_octets(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    octets: object,
    maintype: str | None = None,
    subtype: str | None = None,
    cte: str | None = None,
    disposition: str | None = None,
    filename: str | None = None,
    cid: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    headers: Headers | None = None,
) -> None:
    """Make *part* a leaf of any type. Without *maintype* and *subtype* the type follows from *filename*.

    Raises:
        BadValue: no type, an unknown transfer encoding, one that cannot carry the octets, or a value no field can hold.
    """
    assert isinstance(octets, bytes | bytearray | memoryview)  # registered for these
    check_types(
        params, maintype=maintype, subtype=subtype, cte=cte, disposition=disposition, filename=filename, cid=cid
    )
    data = bytes(octets)
    if maintype is None or subtype is None:
        maintype, subtype = _guess(maintype, subtype, filename)
    kind = ContentType.build(maintype, subtype, params or {})
    if kind.maintype == "multipart":
        raise BadValue(f"octets cannot become {kind.content_type}; give a list of parts, or parse() them")
    if kind.content_type in {"message/rfc822", "message/global"}:
        message = part.parse_part(data)
        set_message(part, message, kind.subtype, cte, disposition, filename, cid, params, headers=headers)
        return
    content = _lines(data, kind, cte) if kind.maintype == "message" else _content(part, data, cte, text=False)
    fill(part, kind, content, disposition=disposition, filename=filename, cid=cid, headers=headers)


def _lines(octets: bytes, kind: ContentType, cte: str | None) -> Content:
    """The content of a message type, which is 7bit or 8bit. RFC 2045, section 6.4."""
    encoding = _encoding_of_lines((octets,), cte, kind)
    if not transfer.is_lines(octets):
        raise BadValue(f"{kind.content_type} is lines of at most 998 octets, without NUL and without a CR on its own")
    return Content(octets, encoding, text=False, asked=True)


def _encoding_of_lines(chunks: Iterable[bytes], cte: str | None, kind: ContentType) -> str:
    """7bit or 8bit, as the caller says it or as it must be; of *chunks* in all."""
    least = "7bit" if all(chunk.isascii() for chunk in chunks) else "8bit"
    encoding = least if cte is None else cte.lower()
    if encoding not in {"8bit", least}:
        raise BadValue(f"{kind.content_type} is carried as 7bit or 8bit, and this not as {cte!r}")
    return encoding


def _guess(maintype: str | None, subtype: str | None, filename: str | None) -> tuple[str, str]:
    if maintype is not None or subtype is not None:
        raise BadValue('give maintype and subtype both, such as "application", "pdf"')
    guessed = type_of_name(filename) if filename else None
    if guessed is None:
        raise BadValue(
            f'no type follows from filename={filename!r}; give maintype and subtype, such as "application", "pdf"'
        )
    main, _slash, sub = guessed.partition("/")
    return main, sub


def type_of_name(filename: str) -> str | None:
    """The type that follows from the extension of a file name, as ``"maintype/subtype"``; None where none does."""
    import mimetypes  # noqa: PLC0415 -- it takes longer to import than all of mimekit's managers, and few need it

    guessed, compression = mimetypes.guess_type(f"./{filename}")
    return f"application/{compression}" if compression else guessed


def set_message(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    message: object,
    subtype: str = "rfc822",
    cte: str | None = None,
    disposition: str | None = None,
    filename: str | None = None,
    cid: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    headers: Headers | None = None,
) -> None:
    """Make *part* a message/rfc822 that holds *message* itself, not a copy.

    RFC 2046, section 5.2.1: it is 7bit or 8bit. Where a line in it is too long for that, the leaf
    with that line is transfer encoded anew.

    Raises:
        BadValue: another subtype or transfer encoding, or 7bit for what has 8-bit octets.
        Forbidden: *message* stands elsewhere already, or a signed part of it cannot be carried.
    """
    assert isinstance(message, Entity)  # registered for it
    _check_given(subtype=subtype)
    check_types(params, cte=cte, disposition=disposition, filename=filename, cid=cid)
    if cte is not None and cte.lower() not in {"7bit", "8bit"}:
        raise BadValue(f"a message is carried as 7bit or 8bit, not {cte!r}")
    kind = ContentType.build("message", subtype, params or {})
    if kind.content_type not in {"message/rfc822", "message/global"}:
        raise BadValue(f"a message becomes message/rfc822 or message/global, not {kind.content_type}")
    part.set_header("Content-Type", kind)
    part.put_parts([message])
    encoding = _encoding_of_lines(part.body_chunks(), cte, kind)
    _describe(part, kind, encoding, disposition=disposition, filename=filename, cid=cid, headers=headers)


def set_parts(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    parts: object,
    subtype: str | None = None,
    boundary: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    headers: Headers | None = None,
) -> None:
    """Make *part* a multipart of a list of parts.

    A signed, an encrypted and a report say of which kind they are, as that follows from their parts, unless *params*
    do. RFC 1847, section 2; RFC 6522, section 3.

    Raises:
        BadValue: no *subtype*, or a boundary that RFC 2046, section 5.1.1 does not allow.
        Forbidden: a part stands elsewhere already.
    """
    assert isinstance(parts, list | tuple)  # registered for these
    check_types(params, subtype=subtype, boundary=boundary)
    if subtype is None:
        raise BadValue(
            'a list makes one multipart, and needs a subtype, such as "mixed"; several files are added one by one'
        )
    for item in parts:
        if not isinstance(item, Entity):
            paths = isinstance(item, str) or hasattr(item, "__fspath__")
            advice = "; content_manager=FileManager takes paths" if paths else ""
            raise BadValue(f"expected a list of parts, found {type(item).__qualname__} in it{advice}")
    kind = ContentType.build("multipart", subtype, params or {})
    for name, value in _following(kind.subtype, parts).items():
        if name not in kind.params:
            kind = kind.with_param(name, value)
    part.set_header("Content-Type", kind.without_param("boundary"))
    _add_headers(part, headers, ())
    part.put_parts(parts, boundary=boundary or kind.params.get("boundary"))


def _following(subtype: str, parts: Sequence[Entity]) -> dict[str, str]:
    """The parameters of a multipart that follow from its parts."""
    if subtype == "encrypted" and parts:
        return {"protocol": parts[0].get_content_type()}
    if subtype == "signed" and len(parts) > 1:
        return {"protocol": parts[1].get_content_type()}
    if subtype == "report" and len(parts) > 1:
        return {"report-type": parts[1].get_content_type().partition("/")[2]}
    return {}


# -- what they share -------------------------------------------------------------------------------


def _check_given(**words: object) -> None:
    """Refuse what is no text where text must stand, None too."""
    for name, word in words.items():
        if not isinstance(word, str):
            raise BadValue(f"{name} is a str, not {type(word).__name__} ({str(word)[:60]!r})")


def check_types(params: object, **words: object) -> None:
    """Refuse what is no text where text may stand, such as a path for a file name.

    Raises:
        BadValue: one of *words*, or of *params*, is none, or *params* is no mapping.
    """
    _check_given(**{name: word for name, word in words.items() if word is not None})
    filename = words.get("filename")
    if filename == "":
        raise BadValue("a file name has at least one character; leave filename= out where there is none")
    if isinstance(filename, str):
        check_text(filename, "filename")
    if params is None:
        return
    if not isinstance(params, Mapping):
        raise BadValue(f"params is a mapping, not {type(params).__name__}")
    for name, word in params.items():
        if not (isinstance(name, str) and isinstance(word, str)):
            raise BadValue(f"params holds str, not {name!r}: {word!r}")


def _content(part: Entity, octets: bytes, cte: str | None, *, text: bool) -> Content:
    asked = cte is not None
    if cte is None:
        cte = transfer.choose(octets, text=text, allow_8bit=part.options.cte_type == "8bit")
    else:
        cte = cte.lower()
        transfer.check(octets, cte, text=text)
    return Content(octets, cte, text=text, asked=asked)


def fill(  # noqa: PLR0913 -- one place for what three setters share
    part: Entity,
    kind: ContentType,
    content: Content,
    *,
    disposition: str | None,
    filename: str | None,
    cid: str | None,
    headers: Headers | None,
) -> None:
    """Make *part* a leaf that holds *content*, with its type and what else was said.

    Raises:
        BadValue: a value that no field can hold.
    """
    _describe(part, kind, content.encoding, disposition=disposition, filename=filename, cid=cid, headers=headers)
    part.put_content(content)


def _describe(  # noqa: PLR0913 -- as fill
    part: Entity,
    kind: ContentType,
    encoding: str,
    *,
    disposition: str | None,
    filename: str | None,
    cid: str | None,
    headers: Headers | None,
) -> None:
    if filename is not None and part.options.outlook_names and not filename.isascii() and "name" not in kind.params:
        # QUIRK: programs that know no RFC 2231 take the name from here, as it was done before that
        names = {**kind.params, "name": filename}
        kind = ContentType.build(kind.maintype, kind.subtype, names, rfc2047_name=True)
    part.set_header("Content-Type", kind)
    part.set_header("Content-Transfer-Encoding", encoding)
    if filename is not None and disposition is None:
        disposition = "attachment"
    if disposition is not None:
        names = {} if filename is None else {"filename": filename}
        part.set_header("Content-Disposition", Disposition.build(disposition, names))
    if cid is not None:
        part.set_header("Content-ID", cid)
    said = (disposition and "content-disposition", cid and "content-id")
    _add_headers(part, headers, said)


def _add_headers(part: Entity, headers: Headers | None, said: Collection[str | None]) -> None:
    """Add *headers*; *said* are the fields that arguments of their own have set."""
    if headers is None:
        return
    for name, value in _pairs(headers):
        check_str(name, "a field name")
        if name.lower() in _CONTENT_FIELDS:
            # set here, it would give the octets another meaning
            raise BadValue(f"{name} follows from the content; params=, charset= and cte= choose it")
        if name.lower() in said:
            raise BadValue(f"{name} is said twice: in headers=, and by disposition=, filename= or cid=")
        part[name] = value


def _pairs(headers: Headers) -> Iterable[tuple[str, object]]:
    if isinstance(headers, Mapping):
        return headers.items()
    if isinstance(headers, str) or not isinstance(headers, Iterable):
        raise BadValue(f"headers is a mapping, or a list of 'Name: value', not {headers!r:.80}")
    return map(_divided, headers)


def _divided(line: str) -> tuple[str, str]:
    if not isinstance(line, str):
        raise BadValue(f"expected 'Name: value', found {line!r:.80}")
    name, colon, value = line.partition(":")
    if not colon:
        raise BadValue(f"expected 'Name: value', found {line!r}")
    return name, value.strip(" \t")
