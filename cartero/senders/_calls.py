"""XML-RPC, as a client has it: a call as XML, piece by piece, and what an answer says.

See `the specification <http://xmlrpc.com/spec.md>`_.
"""

from __future__ import annotations

import binascii
from xmlrpc.client import Fault

from .._xmlrpc import GarbageError, Reader, escaped, write

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


class Call:
    """A call of *method* with one parameter, as often as it has to be written: iterate over its pieces.

    Nothing is copied: large octets are encoded a piece at a time while it is written.

    Attributes:
        size: the octets it has.
    """

    def __init__(self, method: str, parameter: Plain) -> None:
        self._pieces: list[bytes] = []
        self._markup: list[str] = ["<?xml version='1.0'?>\n<methodCall>\n<methodName>", escaped(method)]
        self._markup.append("</methodName>\n<params>\n<param>\n")
        write(parameter, self._markup, self._write_octets)
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
        self._markup.clear()

    def _write_octets(self, octets: bytes) -> None:
        self._end_markup()
        self._pieces.append(octets)


def read_answer(octets: bytes) -> object:
    """The one value that *octets*, which are an answer, hold.

    Raises:
        FaultError: it is a fault.
        GarbageError: it is no answer.
    """
    reader = Reader()
    reader.feed(octets)
    try:
        values = reader.values()
    except Fault as fault:
        raise _fault(fault) from fault
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
