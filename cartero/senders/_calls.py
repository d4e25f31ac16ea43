"""XML-RPC, as a client has it: a call as XML, piece by piece, and what an answer says.

See `the specification <http://xmlrpc.com/spec.md>`_.
"""

from __future__ import annotations

import binascii
from xml.parsers.expat import ExpatError
from xmlrpc.client import Fault, Unmarshaller

from defusedxml.xmlrpc import DefusedExpatParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._plain import Plain

# Octets that are encoded at a time: a multiple of three, so that no padding stands inside.
_CHUNK = 3 * 65_536


class FaultError(Exception):
    """The call failed as a whole.

    Attributes:
        code: the number that says why.
        text: what the other side says of it.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class GarbageError(Exception):
    """What should be an answer is none; the text says why."""


class Call:
    """A call of *method* with one parameter, as often as it has to be written: iterate over its pieces.

    Nothing is copied: large octets are encoded a piece at a time while it is written.

    Attributes:
        size: the octets it has.
    """

    def __init__(self, method: str, parameter: Plain) -> None:
        self._pieces: list[bytes] = []
        self._markup: list[str] = ["<?xml version='1.0'?>\n<methodCall>\n<methodName>", _escaped(method)]
        self._markup.append("</methodName>\n<params>\n<param>\n")
        self._write(parameter)
        self._markup.append("</param>\n</params>\n</methodCall>\n")
        self._end_markup()
        # Markup and octets take turns.
        self.size = sum(map(len, self._pieces[::2])) + sum(-(-len(octets) // 3) * 4 for octets in self._pieces[1::2])

    def __iter__(self) -> Iterator[bytes]:
        for place, piece in enumerate(self._pieces):
            if place % 2:
                yield from _base64(piece)
            else:
                yield piece

    def _end_markup(self) -> None:
        self._pieces.append("".join(self._markup).encode())
        self._markup = []

    def _write(self, value: Plain) -> None:
        if isinstance(value, bytes):
            self._markup.append("<value><base64>")
            self._end_markup()
            self._pieces.append(value)
            self._markup.append("</base64></value>\n")
        elif isinstance(value, list):
            self._markup.append("<value><array><data>\n")
            for item in value:
                self._write(item)
            self._markup.append("</data></array></value>\n")
        elif isinstance(value, dict):
            self._markup.append("<value><struct>\n")
            for key, item in value.items():
                self._markup.append(f"<member>\n<name>{_escaped(key)}</name>\n")
                self._write(item)
                self._markup.append("</member>\n")
            self._markup.append("</struct></value>\n")
        else:
            assert isinstance(value, str)  # messages have nothing else
            self._markup.append(f"<value><string>{_escaped(value)}</string></value>\n")


def read_answer(octets: bytes) -> object:
    """The one value that *octets*, which are an answer, hold.

    Raises:
        FaultError: it is a fault.
        GarbageError: it is no answer.
    """
    target = Unmarshaller(use_builtin_types=True)
    # SECURITY: a document type may define entities without end, or read files.
    parser = DefusedExpatParser(target, forbid_dtd=True)
    try:
        parser.feed(octets)
        parser.close()
        values = target.close()
    except Fault as fault:
        raise _fault(fault) from fault
    except ExpatError as error:
        raise GarbageError(f"it is no well-formed XML: {error}") from error
    except Exception as error:  # it raises many things on what is no XML-RPC
        raise GarbageError(f"it is no XML-RPC: {type(error).__name__}") from error
    if len(values) != 1:
        raise GarbageError(f"expected one value in it, found {len(values)}")
    return values[0]


def _fault(fault: Fault) -> FaultError | GarbageError:
    # The standard library takes whatever stands there.
    code: object = fault.faultCode
    text: object = fault.faultString
    if not isinstance(code, int) or not isinstance(text, str):
        return GarbageError("it is a fault without a number or a text")
    return FaultError(code, text)


def _base64(octets: bytes) -> Iterator[bytes]:
    view = memoryview(octets)
    for start in range(0, len(octets), _CHUNK):
        yield binascii.b2a_base64(view[start : start + _CHUNK], newline=False)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
