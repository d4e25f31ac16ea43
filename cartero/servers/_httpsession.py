"""One client of an XML-RPC server: its calls, one after the other. RFC 9110 and RFC 9112."""

from __future__ import annotations

import logging
import socket
from hmac import compare_digest

from . import _refusals
from ._incoming import Incoming
from ._mailcalls import Call
from ._refusals import RefusedError, response
from ._request import pieces, read_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._gauge import Gauge
    from ._mailcalls import MailCalls
    from ._refusals import Refusal
    from ._request import Head

_HEAD_TIME = 30.0  # seconds that the head of a request may take to arrive, and an answer to leave
_PATIENCE = 2.0  # seconds in which a client that was refused is expected to read why
_VALUE_SIZE = 64  # octets that a value takes in memory, at least
_log = logging.getLogger("cartero")


class Desk:
    """What the sessions of one server share. Mutable.

    Attributes:
        calls: what can be called.
        gauge: what there may be, and is.
        targets: the paths at which calls are taken.
        token: what a client has to show; None where that is nothing.
        call_size: the most octets of a call.
        is_closing: whether the server is about to stop.
    """

    def __init__(self, calls: MailCalls, gauge: Gauge, *, targets: tuple[str, ...], token: str | None) -> None:
        self.calls = calls
        self.gauge = gauge
        self.targets = targets
        self.token = None if token is None else token.encode()
        # one message of the largest size in base64, with line ends in it, and what stands around it
        self.call_size = gauge.limits.size * 3 // 2 + 65_536
        self.is_closing = False


class HTTPSession:
    """The talk with one client. Mutable.

    Args:
        connection: the socket, which whoever gives it closes.
        host: the address of the client; an empty string where it came by a socket file.
        desk: what it is to be told.

    Attributes:
        incoming: what comes from the client.
    """

    def __init__(self, connection: socket.socket, host: str, desk: Desk) -> None:
        self._host = host
        self._desk = desk
        self._limits = desk.gauge.limits
        self.incoming = Incoming(connection, pause=desk.gauge.limits.idle)

    def run(self) -> None:
        """Answer calls until there are no more, or one was refused.

        Raises:
            OSError: the client is gone, or says nothing.
        """
        self.incoming.begin(within=_HEAD_TIME)
        self.incoming.expect(within=self._limits.idle)
        while self.incoming.has_more() and self._answer():
            self.incoming.expect(within=self._limits.idle)

    def _answer(self) -> bool:
        """Answer the call that has begun to come; whether there may be another."""
        method = ""
        try:
            self.incoming.expect(within=_HEAD_TIME)
            head = read_head(self.incoming)
            method = head.method
            self._check(head)
            answer = self._called(head)
        except TimeoutError:
            self._refuse(_refusals.TOO_SLOW, method)
        except RefusedError as error:
            self._refuse(error.refusal, method)
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - a thread that ends says nothing to anybody
            # SECURITY: its text may hold anything, and goes to the log alone.
            _log.exception("a call from %s went wrong", self._host)
            self._refuse(_refusals.BROKEN, method)
        else:
            is_last = head.is_last or self._desk.is_closing
            self._write(response(answer, fields=("Connection: close",) if is_last else ()))
            return not is_last
        return False

    def _check(self, head: Head) -> None:
        """Refuse what is not to be read any further."""
        fields = head.fields
        if head.method != "POST":
            raise RefusedError(_refusals.NOT_POST)
        if "origin" in fields or "sec-fetch-site" in fields:
            raise RefusedError(_refusals.FROM_A_PAGE)
        if head.target not in self._desk.targets:
            raise RefusedError(_refusals.NOT_FOUND)
        if not self._is_known(fields.get("authorization", "")):
            _log.warning("a call from %s had no token, or a wrong one", self._host)
            raise RefusedError(_refusals.UNAUTHORIZED)
        # SECURITY: a browser asks the server first before it lets a page send this type, and is told no.
        if fields.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
            raise RefusedError(_refusals.NOT_TYPED_XML)
        # SECURITY: what is compressed is a thousand times as large when it is not.
        if fields.get("content-encoding", "identity").lower() != "identity":
            raise RefusedError(_refusals.NOT_PLAIN)

    def _is_known(self, credentials: str) -> bool:
        if self._desk.token is None:
            return True
        # RFC 6750 2.1
        scheme, _, token = credentials.partition(" ")
        return scheme.lower() == "bearer" and compare_digest(token.strip().encode(), self._desk.token)

    def _called(self, head: Head) -> bytes:
        """What is answered to the call behind *head*."""
        self.incoming.expect(within=self._limits.time)
        body = pieces(self.incoming, head.fields, limit=self._desk.call_size)
        if head.fields.get("expect", "").lower() == "100-continue":
            # RFC 9110 10.1.1
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        gauge = self._desk.gauge
        held_size = 0
        call = Call()
        try:
            for piece in body:
                # SECURITY: an empty list is a few octets in XML, and a value here.
                size = len(piece) + _VALUE_SIZE * piece.count(b"<")
                if not gauge.hold(size):
                    raise RefusedError(_refusals.FULL)  # noqa: TRY301 - as what it calls does
                held_size += size
                call.feed(piece)
            return self._desk.calls.answer(call, host=self._host)
        except RefusedError as error:
            # What is wrong with the call itself is no reason to end the connection.
            if error.refusal.status != 200:
                raise
            return _refusals.fault(error.refusal.code, error.refusal.text)
        finally:
            gauge.let_go(held_size)

    def _refuse(self, refusal: Refusal, method: str) -> None:
        octets = (_refusals.STOPPING if self._desk.is_closing else refusal).response()
        # RFC 9110 9.3.2
        self._write(octets.partition(b"<")[0] if method == "HEAD" else octets)
        # A client that still writes would be told that the connection is broken, and not why.
        self.incoming.cut_off(socket.SHUT_WR)
        self.incoming.expect(within=_PATIENCE)
        self.incoming.pass_over()

    def _write(self, octets: bytes) -> None:
        self.incoming.write(octets, within=_HEAD_TIME)
