"""What a server says it can do: its answer to EHLO. RFC 5321, section 4.1.1.1."""

from __future__ import annotations

from types import MappingProxyType

from .._value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .replies import Reply


class Capabilities(Value):
    """The extensions a server has. A value: frozen, equal by meaning.

    Attributes:
        extensions: the keyword of each, in upper case, with its parameters as they were said.
    """

    __slots__ = ("extensions",)

    extensions: Mapping[str, str]

    def __init__(self, extensions: Mapping[str, str] | None = None) -> None:
        self._set(extensions=MappingProxyType(dict(extensions or {})))

    @classmethod
    def of(cls, reply: Reply) -> Capabilities:
        """What *reply* says; its first line is a greeting, and each of the others an extension."""
        found: dict[str, str] = {}
        for line in reply.lines[1:]:
            keyword, _, parameters = line.strip().partition(" ")
            name, equals, parameter = keyword.partition("=")
            # QUIRK: old servers say "AUTH=LOGIN PLAIN", often beside the line as it should be.
            if equals and name.upper() == "AUTH":
                keyword, parameters = name, f"{parameter} {parameters}".strip()
            if keyword:
                found[keyword.upper()] = " ".join(filter(None, (found.get(keyword.upper(), ""), parameters.strip())))
        return cls(found)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.extensions

    @property
    def most_octets(self) -> int | None:
        """The largest message it takes, in octets; None where it sets no limit or says none. RFC 1870, section 4."""
        said = self.extensions.get("SIZE", "")
        return int(said) or None if said.isascii() and said.isdigit() and len(said) <= 20 else None

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms it takes, in upper case, each once. RFC 4954, section 3."""
        return tuple(dict.fromkeys(self.extensions.get("AUTH", "").upper().split()))

    def _fields(self) -> dict[str, object]:
        return {"extensions": dict(self.extensions)}

    def __hash__(self) -> int:
        return hash(frozenset(self.extensions.items()))
