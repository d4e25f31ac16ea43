"""One HTTP connection, as a client has it: a request and its answer, as steps. RFC 9112."""

from __future__ import annotations

import h11

from .._reason import reason_of
from ..steps import Receive, Send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    from ..steps import Steps
else:
    Protocol = object

# Octets that are not worth a write of their own.
_SMALL = 4_096


class Body(Protocol):
    """What a request holds: octets in pieces, as often as they are asked for."""

    size: int

    def __iter__(self) -> Iterator[bytes]: ...


class BrokenOffError(Exception):
    """There is no answer, or none that can be read; the text says why.

    Attributes:
        is_whole: whether the request may have gone whole, so that the other side may have done what it says.
    """

    def __init__(self, problem: str, *, is_whole: bool) -> None:
        super().__init__(problem)
        self.is_whole = is_whole


class Response:
    """An answer, whole.

    Attributes:
        status: the status code.
        reason: what it says beside that.
        headers: its fields, their names in lower case; of several the last.
        body: what it holds.
        is_early: whether it came before the request had gone whole.
    """

    def __init__(self, status: int, reason: str, headers: Mapping[str, str], body: bytes, *, is_early: bool) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.is_early = is_early


class Client:
    """What there is to know of one connection. Mutable.

    Attributes:
        is_used: whether it has carried a request before.
    """

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.CLIENT)
        self._is_handed_over = False
        self._is_cut_off = False
        self.is_used = False

    def post(  # noqa: PLR0913 - each is a setting of its own
        self, target: str, headers: Mapping[str, str], body: Body, *, limit: int, timeout: float, answer_timeout: float
    ) -> Steps[Response]:
        """Ask for *target*, and be answered.

        Args:
            target: the path, as it stands in the request.
            headers: the fields, but for the one that says how long *body* is.
            body: what is sent.
            limit: the most octets that the answer may hold.
            timeout: seconds that may pass while the other side takes nothing.
            answer_timeout: seconds that it may take to answer.

        Raises:
            BrokenOffError: there is no answer.

        RFC 9112, sections 3 and 6.
        """
        fields = [*headers.items(), ("Content-Length", str(body.size))]
        request = h11.Request(method="POST", target=target, headers=fields)
        self._is_handed_over = False
        try:
            is_whole = yield Send(self._pieces(request, body), timeout=timeout)
        except OSError as error:
            raise BrokenOffError(reason_of(error), is_whole=False) from error
        self._is_cut_off = not is_whole
        reader = _ResponseReader(self._connection, limit)
        try:
            yield Receive(reader, timeout=answer_timeout)
        except (OSError, h11.RemoteProtocolError, _TooLargeError) as error:
            raise BrokenOffError(reason_of(error), is_whole=self._is_handed_over) from error
        return reader.response(is_early=not is_whole)

    def begin_again(self) -> bool:
        """Whether another request may be made on this connection; if so, all is ready for it. RFC 9112, section 9.3."""
        connection = self._connection
        # SECURITY: what stands behind an answer would be taken for the next one.
        if (
            self._is_cut_off
            or {connection.our_state, connection.their_state} != {h11.DONE}
            or any(connection.trailing_data)
        ):
            return False
        connection.start_next_cycle()
        self.is_used = True
        return True

    def _pieces(self, request: h11.Request, body: Body) -> Iterator[bytes]:
        held = self._connection.send(request) or b""
        for piece in body:
            data = self._connection.send_with_data_passthrough(h11.Data(data=piece)) or []
            if len(held) < _SMALL:
                held += b"".join(data)
                continue
            yield held
            held = b"".join(data)
        self._connection.send(h11.EndOfMessage())
        self._is_handed_over = True
        yield held


class _TooLargeError(Exception):
    """An answer is larger than it may be."""


class _ResponseReader:
    """Puts an answer together from octets as they come."""

    def __init__(self, connection: h11.Connection, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._head: h11.Response | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, octets: bytes) -> bool:
        """Take *octets*, none where the other side has closed; whether the answer is whole.

        Raises:
            h11.RemoteProtocolError: it is no answer.
            ConnectionResetError: the other side has closed, and there is none.
            _TooLargeError: it is larger than it may be.
        """
        if not octets and self._head is None:
            raise ConnectionResetError("the server closed the connection without an answer")
        self._connection.receive_data(octets)
        while (event := self._connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.EndOfMessage):
                return True
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._add(bytes(event.data))
        return False

    def _add(self, piece: bytes) -> None:
        # SECURITY: an answer may not fill the memory.
        self._size += len(piece)
        if self._size > self._limit:
            raise _TooLargeError(f"its answer is larger than {self._limit} octets")
        self._pieces.append(piece)

    def response(self, *, is_early: bool) -> Response:
        """The answer, which is whole."""
        head = self._head
        assert head is not None  # the end of a message comes behind it
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return Response(
            head.status_code, head.reason.decode("latin-1"), headers, b"".join(self._pieces), is_early=is_early
        )
