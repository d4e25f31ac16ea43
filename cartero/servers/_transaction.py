"""A message on its way in: who it is from and to, as MAIL and RCPT say it. RFC 5321, sections 4.1.1.2 and 4.1.1.3."""

from __future__ import annotations

import re

from ..envelope import Envelope, recipient_key
from ..errors import BadEnvelope

# RFC 5321 4.1.2: a path is an address in angle brackets, which may stand in quotes in it as well
_PATH = re.compile(
    r'(?i)(?P<verb>FROM|TO):[ ]*<(?P<path>(?:[^<>"\s]|"(?:[^"\\]|\\.)*+")*+)>(?:[ ]+(?P<parameters>.*))?'
)
# RFC 5321 4.1.1.3, F.2: a source route is taken, and ignored
_ROUTE = re.compile(r"@[^:,]+(?:,@[^:,]+)*:")
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~\x80-\U0010ffff]+))?")


class CommandError(Exception):
    """A command cannot be taken; the text is the reply."""


class Path:
    """What MAIL or RCPT names.

    Attributes:
        address: the bare address; an empty string for the null reverse-path.
        parameters: what stands behind it, the names in upper case; None for one without a value.
    """

    __slots__ = ("address", "parameters")

    def __init__(self, address: str, parameters: dict[str, str | None]) -> None:
        self.address = address
        self.parameters = parameters


def parse_path(verb: str, argument: str) -> Path:
    """The path that MAIL (*verb* ``FROM``) or RCPT (``TO``) names.

    Raises:
        CommandError: it names none.
    """
    found = _PATH.fullmatch(argument)
    if found is None or found["verb"].upper() != verb:
        raise CommandError(f"501 5.5.4 expected {verb}:<address>, as in {verb}:<ana@example.org>")
    address = found["path"]
    if (route := _ROUTE.match(address)) is not None:
        address = address[route.end() :]
    parameters: dict[str, str | None] = {}
    for word in (found["parameters"] or "").split():
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None:
            raise CommandError("501 5.5.4 expected parameters such as NAME=VALUE behind the address")
        parameters[parameter["name"].upper()] = parameter["value"]
    if not address and verb == "FROM":
        return Path("", parameters)
    try:
        Envelope("", [address])
    except BadEnvelope:
        raise CommandError(f"{'501 5.1.7' if verb == 'FROM' else '501 5.1.3'} this is no address") from None
    return Path(address, parameters)


class Transaction:
    """What is known of a message before its text comes. Mutable.

    Attributes:
        sender: the reverse-path; None before MAIL.
        recipients: the forward-paths that were taken, each as often as it was named.
        is_utf8: whether it was announced that addresses may hold more than ASCII. RFC 6531, section 3.4.
    """

    def __init__(self) -> None:
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.is_utf8 = False
        self._spellings: dict[tuple[str, str], str] = {}

    def add(self, recipient: str) -> None:
        """Take *recipient*, by the spelling that was used for it first."""
        self.recipients.append(self._spellings.setdefault(recipient_key(recipient), recipient))

    @property
    def envelope(self) -> Envelope:
        """The envelope."""
        assert self.sender is not None  # there was MAIL
        return Envelope(self.sender, self._spellings.values())
