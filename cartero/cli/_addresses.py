"""Addresses that are said on a command line or stand in a file, each perhaps several with their names."""

from __future__ import annotations

from mimekit.values.address import Addresses
from mimekit.values.registry import compose_value

from .._reason import reason_of
from ..envelope import recipients_of
from ..errors import BadAddress, BadEnvelope
from ._exits import NoInputError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mimekit import Address, MIMEMessage

    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH123


def addresses(field: str, given: Sequence[str]) -> list[Address]:
    """The addresses in *given*, each of which may hold several.

    Raises:
        BadEnvelope: one of them holds none.
        MimeError: one of them cannot stand in mail.
    """
    found: list[Address] = []
    for text in given:
        value = compose_value(field, text)
        assert isinstance(value, Addresses)  # each of these fields holds them
        if not value.addresses:
            raise BadEnvelope(f"{field}: expected an address, found {text!r}")
        found += value.addresses
    return found


def recipients(options: Options) -> list[Address]:
    """Whom the command line names, and the file of --recipients.

    Raises:
        NoInputError: that cannot be read.
        UsageError: that is no text in UTF-8.
        BadEnvelope, MimeError: as for `addresses`.
    """
    given = list(options.recipients)
    if options.recipients_file is not None:
        given += _lines(options.recipients_file)
    return addresses("To", given)


def _lines(path: str) -> Iterator[str]:
    """The lines of a file that are neither empty nor a comment."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = [line.strip() for line in file]
    except UnicodeDecodeError as error:
        raise UsageError(f"--recipients {path}: expected text in UTF-8, one address on each line") from error
    except OSError as error:
        raise NoInputError(f"cannot read {path}: {reason_of(error)}") from error
    return (line for line in lines if line and not line.startswith("#"))


def read_recipients(message: MIMEMessage, *, required: bool) -> tuple[str, ...]:
    """Whom *message* itself names.

    Raises:
        BadAddress: something stands there that is no address.
        BadEnvelope: it names nobody, and is *required* to.
    """
    try:
        return recipients_of(message)
    except BadAddress:
        raise
    except BadEnvelope:
        if required:
            raise
        return ()


def given_sender(options: Options) -> Address | None:
    """The address behind -f; None where there is no -f, or it is the null sender.

    Raises:
        UsageError: there are several.
        BadEnvelope, MimeError: as for `addresses`.
    """
    if options.sender is None or options.sender.strip() in {"", "<>"}:
        return None
    found = addresses("From", [options.sender])
    if len(found) > 1:
        raise UsageError(f"expected one address behind -f, found {len(found)}")
    return found[0]
