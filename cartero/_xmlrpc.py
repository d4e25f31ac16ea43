"""XML-RPC, as both sides of a call have it: values as XML, and XML as values.

See `the specification <http://xmlrpc.com/spec.md>`_.
"""

from __future__ import annotations

from xml.parsers.expat import ExpatError
from xmlrpc.client import Fault, Unmarshaller

from defusedxml.common import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from mimekit.transfer import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._plain import Plain

_TEXT_SIZE = 65_536  # octets of a text that are given together


class GarbageError(Exception):
    """What should be a call or an answer is none; the text says why."""


class NotXMLError(GarbageError):
    """It is no XML, or some that nobody should read."""


class _Values(Unmarshaller):
    """The standard library's, with quicker base64, which has to be sound."""

    def _octets(self, text: str) -> None:
        octets, defects = decode(text.encode("ascii"), "base64")
        if defects:
            raise ValueError("it is no base64")
        self.append(octets)
        self._value = False

    dispatch = {**Unmarshaller.dispatch, "base64": _octets}  # type: ignore[dict-item]  # noqa: RUF012 - it has it so


class Reader:
    """Reads a call or an answer, as its octets come. Mutable."""

    def __init__(self) -> None:
        self._target = _Values(use_builtin_types=True)
        # SECURITY: a document type may define entities without end, or read files.
        self._parser = DefusedExpatParser(self._target, forbid_dtd=True)
        # SECURITY: without this, each line of a text is given by itself, and an empty one is eight times as large.
        self._parser._parser.buffer_text = True
        self._parser._parser.buffer_size = _TEXT_SIZE

    def feed(self, octets: bytes | bytearray) -> None:
        """Take *octets*; what was wrong once stays wrong, and is not to be fed again.

        Raises:
            GarbageError: it is none.
        """
        try:
            self._parser.feed(octets)
        except Exception as error:  # it raises many things on what is no XML-RPC
            raise _garbage(error) from error

    def values(self) -> tuple[object, ...]:
        """The values in it, now that all of it was fed.

        Raises:
            Fault: it is one; what stands in it may be of any type.
            GarbageError: it is no call and no answer.
        """
        try:
            self._parser.close()
            values: tuple[object, ...] = self._target.close()
        except Fault:
            raise
        except Exception as error:
            raise _garbage(error) from error
        return values

    @property
    def method(self) -> str | None:
        """The method that is called; None in an answer."""
        return self._target.getmethodname()


def write(value: Plain, markup: list[str], write_octets: Callable[[bytes], None]) -> None:
    """Add *value* to *markup*; whatever is octets in it is given to *write_octets*, to be base64 there."""
    if isinstance(value, bytes):
        markup.append("<value><base64>")
        write_octets(value)
        markup.append("</base64></value>\n")
    elif isinstance(value, list):
        markup.append("<value><array><data>\n")
        for item in value:
            write(item, markup, write_octets)
        markup.append("</data></array></value>\n")
    elif isinstance(value, dict):
        markup.append("<value><struct>\n")
        for key, item in value.items():
            markup.append(f"<member>\n<name>{escaped(key)}</name>\n")
            write(item, markup, write_octets)
            markup.append("</member>\n")
        markup.append("</struct></value>\n")
    else:
        markup.append(_scalar(value))


def escaped(text: str) -> str:
    """*text* as it stands in XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _scalar(value: str | float) -> str:
    if isinstance(value, str):
        return f"<value><string>{escaped(value)}</string></value>\n"
    if isinstance(value, bool):
        return f"<value><boolean>{value:d}</boolean></value>\n"
    kind = "int" if isinstance(value, int) else "double"
    return f"<value><{kind}>{value!r}</{kind}></value>\n"


def _garbage(error: Exception) -> GarbageError:
    if isinstance(error, ExpatError):
        return NotXMLError(f"it is no well-formed XML: {error}")
    kind = NotXMLError if isinstance(error, DefusedXmlException) else GarbageError
    return kind(f"it is no XML-RPC: {type(error).__name__}")
