"""The blocking wire: drives a conversation over a socket."""

from __future__ import annotations

import contextlib
import select
import socket
import time

from ..errors import ConnectError
from ..steps import Ask, Receive, Secure, Send
from . import place as places
from . import tls as secrets
from .driving import drive

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from typing import Any, Self, TypeVar

    from ..steps import Reader, Step, Steps
    from .place import Place
    from .tls import TLS

    _T = TypeVar("_T")

_CHUNK = 65_536
_LATE = "the other side did not answer in time"
_INPUT, _OUTPUT = 1, 4  # as `select.poll` has them everywhere
_MOST_EARLY = 262_144  # octets that are kept while nobody wants them


class Wire:
    """One open connection. Mutable; for one thread at a time.

    The socket never blocks: waiting is done beside it, for input and output at once, so that an answer
    before its time is seen while a message is still going out.
    """

    def __init__(self, connection: socket.socket, place: Place, tls: TLS) -> None:
        connection.setblocking(False)  # noqa: FBT003 - the socket's own
        self._socket: socket.socket | ssl.SSLSocket = connection
        self._place = place
        self._tls = tls
        self._is_secure = False
        self._again: tuple[type[OSError], ...] = (BlockingIOError,)  # what says that it would have blocked
        self._early = b""
        self._is_closed = False
        self._watch_input()

    @classmethod
    def open(cls, place: Place, tls: TLS, *, timeout: float, secure: bool = False) -> Self:
        """A connection to *place*.

        Args:
            place: where to.
            tls: how TLS is spoken, from the first octet on if *secure* is true, or when it is asked for.
            timeout: seconds that each address of the host may take, and TLS.
            secure: whether TLS comes first of all.

        Raises:
            ConnectError: there is none to be had.
        """
        host = place.looked_up
        try:
            connection = _connected(place, host, timeout)
        except OSError as error:
            stage = "resolve" if isinstance(error, socket.gaierror) else "connect"
            raise ConnectError(
                places.describe_failure(error, place), stage=stage, temporary=_is_temporary(error)
            ) from error
        wire = cls(connection, place, tls)
        if secure:
            try:
                wire._secure(timeout)
            except BaseException:
                wire.close()
                raise
        return wire

    def run(self, steps: Steps[_T]) -> _T:
        """Do what the conversation *steps* asks for, to its end; what it returns or raises."""
        return drive(steps, self._do)

    def has_input(self) -> bool:
        """Whether something came that was not asked for, the end of the connection included."""
        return self._peek()

    def close(self) -> None:
        """Close the connection; never raises."""
        with contextlib.suppress(OSError):
            self._socket.close()

    @property
    def own_address(self) -> str:
        """The address of this end, or an empty string where that is a file."""
        name = self._socket.getsockname()
        return str(name[0]) if isinstance(name, tuple) else ""

    @property
    def peer_certificate(self) -> bytes | None:
        """The server's certificate in DER form, under TLS."""
        return self._socket.getpeercert(binary_form=True) if self._is_secure else None  # type: ignore[union-attr]

    @property
    def certificate_info(self) -> dict[str, Any]:
        """What that certificate says, as `ssl.SSLSocket.getpeercert` has it; empty in the clear."""
        if not self._is_secure:
            return {}
        from .handshake import certificate_info  # noqa: PLC0415 - as `ssl`

        return certificate_info(self._socket)  # type: ignore[arg-type]

    @property
    def tls_version(self) -> str:
        """The version of TLS and the cipher, or an empty string in the clear."""
        if not self._is_secure:
            return ""
        name, *_ = self._socket.cipher() or [""]  # type: ignore[union-attr]
        return f"{self._socket.version()} {name}"  # type: ignore[union-attr]

    # -- steps -----------------------------------------------------------------------------------------

    def _do(self, step: Step) -> bool | str | None:
        if isinstance(step, Receive):
            self._receive(step.reader, step.timeout)
            return None
        if isinstance(step, Send):
            return self._send(step)
        if isinstance(step, Secure):
            self._secure(step.timeout)
            return None
        return _asked(step)

    def _receive(self, reader: Reader, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        is_enough = False
        while not is_enough:
            octets = self._early
            self._early = b""
            if not octets and not self._is_closed:
                octets = self._read(deadline)
            is_enough = reader.feed(octets)

    def _read(self, deadline: float) -> bytes:
        """Octets as soon as there are some; none where the other side has closed."""
        while True:
            # Octets that TLS has decrypted already are seen by reading alone.
            if not self._is_secure:
                self._wait(deadline)
            try:
                octets = self._socket.recv(_CHUNK)
            except self._again:
                self._wait(deadline)
                continue
            self._is_closed = not octets
            return octets

    def _send(self, step: Send) -> bool:
        is_first = True
        for piece in step.pieces:
            # Nothing can have been answered before the first piece: what came before that was looked for already.
            if step.watch and not is_first and self._peek() and not self._may_go_on(step):
                return False
            is_first = False
            if not self._send_piece(piece, step):
                return False
        return True

    def _send_piece(self, piece: bytes, step: Send) -> bool:
        rest = memoryview(piece)
        while rest:
            try:
                sent = self._socket.send(rest)
            except self._again:
                self._wait_for_room(step.timeout)
                if not self._may_go_on(step):
                    return False
                continue
            except OSError:
                # It hung up, perhaps with an answer that says why.
                self._take_in()
                if self._early:
                    return False
                raise
            step.sent_size += sent
            rest = rest[sent:]
        return True

    def _may_go_on(self, step: Send) -> bool:
        """Whether nothing stops *step*."""
        if self._is_closed and not self._early:
            raise ConnectionResetError("the server closed the connection")
        return not (self._is_closed or (step.watch and self._early))

    def _secure(self, timeout: float) -> None:
        import ssl  # noqa: PLC0415 - much of what sending to a server on this machine would cost

        name, context = self._tls.expected(self._place.looked_up)
        if self._early:
            raise secrets.injected()
        self._socket.settimeout(timeout)
        try:
            # QUIRK: `ssl` loses the socket of a connection that is gone already; this finds out before.
            self._socket.getpeername()
            connection = context.wrap_socket(self._socket, server_hostname=name or None, do_handshake_on_connect=False)
            self._socket = connection
            connection.do_handshake()
        except OSError as error:
            raise secrets.failure(error, name or str(self._place)) from error
        connection.setblocking(False)  # noqa: FBT003 - the socket's own
        self._is_secure = True
        self._again = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
        self._watch_input()
        self._tls.check_certificate(self.peer_certificate)

    # -- waiting ---------------------------------------------------------------------------------------

    def _watch_input(self) -> None:
        self._waited = _waiter(self._socket, _INPUT)

    def _wait(self, deadline: float) -> None:
        """Wait until there is input."""
        seconds = deadline - time.monotonic()
        if seconds <= 0 or not self._waited(seconds * 1000):
            raise TimeoutError(_LATE)

    def _wait_for_room(self, timeout: float) -> None:
        """Wait until more can be sent, or something was said; that is kept.

        RFC 2920, section 3.1: who only wrote, while the other side waits for its answers to be read, would wait for
        ever.
        """
        is_full = len(self._early) >= _MOST_EARLY
        if not _waiter(self._socket, _OUTPUT if is_full else _OUTPUT | _INPUT)(timeout * 1000):
            raise TimeoutError(_LATE)
        if not is_full:
            self._take_in()

    def _peek(self) -> bool:
        """Whether there is input, or the connection was closed; what there is, is kept."""
        if not (self._early or self._is_closed) and (self._is_secure or self._waited(0)):
            self._take_in()
        return bool(self._early) or self._is_closed

    def _take_in(self) -> None:
        """Keep what there is to be read."""
        try:
            octets = self._socket.recv(_CHUNK)
        except self._again:
            return
        except OSError:
            octets = b""
        self._early += octets
        self._is_closed = not octets


def _connected(place: Place, host: str, timeout: float) -> socket.socket:
    if not place.path:
        # As octets, for of text it makes a codec that host names in ASCII need not.
        connection = socket.create_connection((host.encode(), place.port), timeout)  # type: ignore[arg-type]  # it may be
        # Without it a message in two writes takes 45 ms.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout)
        connection.connect(place.path)
    except BaseException:
        connection.close()
        raise
    return connection


def _waiter(connection: socket.socket, events: int) -> Callable[[float], Sequence[object]]:
    """What waits so many milliseconds for one of *events*, and says which there are."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection, events)
        return poll.poll

    def waited(milliseconds: float) -> Sequence[object]:
        to_read, to_write = ([connection] if events & each else [] for each in (_INPUT, _OUTPUT))
        return [each for each in select.select(to_read, to_write, [], milliseconds / 1000) if each]

    return waited


def _is_temporary(error: OSError) -> bool:
    return not isinstance(error, socket.gaierror) or error.errno == socket.EAI_AGAIN


def _asked(step: Ask) -> str:
    answer = step.question()
    if not isinstance(answer, str):
        raise ConnectError(f"expected a password or token as text, found {type(answer).__name__}", stage="AUTH")
    return answer
