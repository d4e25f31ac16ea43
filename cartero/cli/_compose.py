"""A message composed of a text, a page, files, and what the command line says."""

from __future__ import annotations

import os

from mimekit import Address, FileManager, MimeError, MIMEMessage, MIMEPart
from mimekit.sniff import sniff
from mimekit.values.registry import is_unique

from .._reason import reason_of
from ..errors import BadMessage
from ._addresses import addresses, given_sender, recipients
from ._exits import NoInputError, UsageError
from ._report import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from mimekit import Webpage

    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH110, PTH112, PTH113, PTH119, PTH123


def composed(text: str, options: Options) -> MIMEMessage:
    """The message that *options* describe, with *text*.

    Raises:
        UsageError: the options do not say what is needed.
        NoInputError: a file cannot be read.
        BadMessage: a file cannot be sent.
        BadEnvelope: something in the options is no address.
        MimeError: something in the options cannot stand in mail.
    """
    to = recipients(options)
    if not (to or options.cc or options.bcc):
        raise UsageError("no recipients: name them, or a file of them with --recipients")
    message = MIMEMessage()
    _add_from(message, options)
    for field, found in (("To", to), ("Cc", addresses("Cc", options.cc)), ("Bcc", addresses("Bcc", options.bcc))):
        if found:
            message[field] = found
    if options.subject is not None:
        message["Subject"] = options.subject
    for line in options.header:
        _add_field(message, line)
    if "From" not in message:
        # RFC 5322 3.6: every message has one
        raise UsageError("expected an author, found no From: name one with -f, or with -H 'From: ...' if -f is empty")
    _set_body(message, text, options)
    for path in options.attach:
        _add_file(message.add_attachment, path, "attach")
    return message


def _add_from(message: MIMEMessage, options: Options) -> None:
    given = given_sender(options)
    if given is not None:
        name = given.display_name if options.sender_name is None else options.sender_name
        message["From"] = Address(name, addr_spec=given.addr_spec)


def _add_field(message: MIMEMessage, line: str) -> None:
    name, colon, value = line.partition(":")
    if not colon:
        raise UsageError("expected -H 'Name: value', found no colon")
    if name.strip().lower().startswith("content-") or name.strip().lower() == "mime-version":
        raise UsageError(f"{name.strip()} follows from what is sent, and cannot be set with -H")
    if name.strip().lower().startswith("resent-"):
        # it would take the place of the recipients that are named, who would get nothing
        raise UsageError(f"{name.strip()} is of a message that is sent on, and this one is new; leave it out")
    if is_unique(name.strip()) and name.strip() in message:
        # it would replace what an option said, and with it those who get the mail
        raise UsageError(f"{name.strip()} is there already, from an option or another -H, and stands only once")
    message[name.strip()] = value.strip()


# -- the body --------------------------------------------------------------------------------------


def _set_body(message: MIMEMessage, text: str, options: Options) -> None:
    if options.html is not None:
        page, charset = _page(options.html, options.inline)
        # what the page says is the text of those who read no pages, unless there is one
        message.set_content(page, text=text if text.strip() else None, charset=charset)
        return
    message.set_content(text)
    for path in options.inline:
        _add_file(message.add_attachment, path, "show", disposition="inline")


def _page(path: str, inline: list[str]) -> tuple[Webpage, str]:
    """The page at *path*, with what it shows: what stands beside it, and what is *inline*; and its charset."""
    import warnings  # noqa: PLC0415 -- for pages only

    from mimekit import Webpage  # noqa: PLC0415 -- as this

    resources = {file_name(shown): _shown(shown) for shown in inline}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = Webpage.from_file(path)
    except OSError as error:
        raise NoInputError(f"cannot read {path}: {reason_of(error)}") from error
    except MimeError as error:
        raise BadMessage(f"cannot send {path}: {error}") from error
    for warning in caught:
        complain(str(warning.message))
    try:
        return Webpage(found.html, {**found.resources, **resources}), found.charset
    except MimeError as error:
        raise BadMessage(f"cannot send {path}: {error}; what it shows as cid:NAME is --inline NAME") from error


def _shown(path: str) -> MIMEPart:
    part = MIMEPart()
    _add_file(part.set_content, path, "show", disposition="inline")
    return part


# -- files -----------------------------------------------------------------------------------------


def _add_file(add: Callable[..., object], path: str, verb: str, **how: str) -> None:
    """Add the file at *path*, which is read when the message is written; a pipe is read now, having no other time."""
    name = file_name(path)
    if os.path.isdir(path):
        raise NoInputError(f"cannot read {path}: it is a folder")
    try:
        if _is_pipe(path):
            octets = _read(path)
            maintype, _, subtype = (sniff(octets) or "application/octet-stream").partition("/")
            add(octets, maintype, subtype, filename=name, **how)
        else:
            add(path, content_manager=FileManager, filename=name, **how)
    except OSError as error:
        raise NoInputError(f"cannot read {path}: {reason_of(error)}") from error
    except MimeError as error:
        raise BadMessage(f"cannot {verb} {path}: {error}") from error


def _is_pipe(path: str) -> bool:
    return os.path.exists(path) and not os.path.isfile(path)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def file_name(path: str) -> str:
    """The name of the file at *path* as text: octets that are none in this locale are read as windows-1252."""
    name = os.path.basename(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
    return name
