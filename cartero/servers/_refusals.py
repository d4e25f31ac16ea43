"""Why a server of XML-RPC does not take a request: HTTP for programs that know it, and a fault for the others.

RFC 9110, section 15; `cartero.struct.FaultCode`.
"""

from __future__ import annotations

import time
from functools import lru_cache
from http import HTTPStatus

from .._value import Value
from ..struct import FaultCode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Refusal(Value):
    """What a client is told whose request is not taken. A value.

    Attributes:
        status: the status code; what is wrong with the call itself is no failure of HTTP, and has 200.
        code: that of the fault.
        text: what the fault says. It never holds what an exception says.
        fields: header fields that go with it.
    """

    __slots__ = ("code", "fields", "status", "text")

    status: int
    code: int
    text: str
    fields: tuple[str, ...]

    def __init__(self, status: int, code: int, text: str, *fields: str) -> None:
        self._set(status=status, code=code, text=text, fields=fields)

    def response(self) -> bytes:
        """The answer, after which the connection ends."""
        return response(fault(self.code, self.text), status=self.status, fields=("Connection: close", *self.fields))


class RefusedError(Exception):
    """A request is not taken.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def response(body: bytes, *, status: int = 200, fields: Sequence[str] = ()) -> bytes:
    """An answer with *body*, which is XML. RFC 9112, section 4."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/xml",
        f"Content-Length: {len(body)}",
        f"Date: {_date(int(time.time()))}",
        *fields,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii") + body


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """The date as HTTP has it. RFC 9110, section 5.6.7."""
    year, month, day, hour, minute, seconds, weekday, *_ = time.gmtime(second)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{seconds:02} GMT"


def fault(code: int, text: str) -> bytes:
    """The XML of a fault; there is no markup in *text*."""
    return (
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n"
        f"<member>\n<name>faultCode</name>\n<value><int>{code}</int></value>\n</member>\n"
        f"<member>\n<name>faultString</name>\n<value><string>{text}</string></value>\n</member>\n"
        "</struct></value>\n</fault>\n</methodResponse>\n"
    ).encode()


_RETRY = "Retry-After: 30"
BAD_REQUEST = Refusal(400, FaultCode.NOT_A_CALL, "this is no HTTP that can be read")
UNAUTHORIZED = Refusal(401, FaultCode.UNAUTHORIZED, "a token is wanted, and the right one", "WWW-Authenticate: Bearer")
# SECURITY: any page that a browser shows can send requests to this machine, but not without saying so.
FROM_A_PAGE = Refusal(403, FaultCode.UNAUTHORIZED, "mail is not taken from pages in a browser")
NOT_FOUND = Refusal(404, FaultCode.NO_SUCH_METHOD, "nothing takes mail at this path")
NOT_POST = Refusal(405, FaultCode.NOT_A_CALL, "a call is made by POST", "Allow: POST")
TOO_SLOW = Refusal(408, FaultCode.BUSY, "the call takes too long to arrive")
NO_LENGTH = Refusal(411, FaultCode.NOT_A_CALL, "a call has a Content-Length, or comes in chunks")
TOO_LARGE = Refusal(413, FaultCode.TOO_LARGE, "the call is larger than is taken here")
NOT_PLAIN = Refusal(415, FaultCode.NOT_A_CALL, "a call is not compressed", "Accept-Encoding: identity")
NOT_TYPED_XML = Refusal(415, FaultCode.NOT_A_CALL, "a call is of the type text/xml", "Accept: text/xml")
LONG_HEAD = Refusal(431, FaultCode.TOO_LARGE, "the header fields are larger than is taken here")
NO_SUCH_CODING = Refusal(501, FaultCode.NOT_A_CALL, "no transfer coding but chunked is known here")
FULL = Refusal(503, FaultCode.BUSY, "there is too much to do now; come again later", _RETRY)
STOPPING = Refusal(503, FaultCode.BUSY, "this server stops now; come again later", _RETRY)
NOT_THIS_HTTP = Refusal(505, FaultCode.NOT_A_CALL, "HTTP/1.1 is spoken here")

NOT_XML = Refusal(200, FaultCode.NOT_XML, "expected well-formed XML without a document type")
NOT_A_CALL = Refusal(200, FaultCode.NOT_A_CALL, "expected a methodCall of XML-RPC")
NO_SUCH_METHOD = Refusal(200, FaultCode.NO_SUCH_METHOD, "there are the methods mail.send and system.listMethods")
NO_LIST = Refusal(200, FaultCode.BAD_PARAMETERS, "expected one parameter, a list of message structs")
NO_PARAMETERS = Refusal(200, FaultCode.BAD_PARAMETERS, "expected no parameters")
TOO_MANY = Refusal(200, FaultCode.TOO_LARGE, "these are more messages than are taken in a call")
BROKEN = Refusal(200, FaultCode.BROKEN, "something went wrong here; come again later")
