"""Mail to the ``sendmail`` command, which every mail server on this machine brings along."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from itertools import chain

from mimekit import MimeError
from mimekit.values.addrvalue import ascii_domain

from .._display import one_line
from .._numbers import expect_seconds
from .._reason import reason_of
from ..errors import BadAddress, BadURL, ConnectError, SendingError
from .base import Sender

# pathlib would be more to import than all of this room.
# ruff: noqa: PTH113, PTH118

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator
    from typing import IO

    from ..receipt import Receipt
    from .preparation import MailObject

_PLACES = ("/usr/sbin", "/usr/lib", "/usr/local/sbin", "/usr/local/bin")
# What sysexits.h calls them. `_TEMPORARY` are those which sendmail itself takes for worth another try.
_STATUSES = {
    64: "wrong usage",
    65: "bad data",
    66: "no input",
    67: "no such user",
    68: "no such host",
    69: "service unavailable",
    70: "internal error",
    71: "operating system error",
    72: "system file missing",
    73: "no output possible",
    74: "input/output error",
    75: "temporary failure",
    76: "protocol error",
    77: "permission denied",
    78: "configuration error",
}
_TEMPORARY = frozenset({71, 74, 75})
# Of which the message goes nowhere at all, whoever it is for.
_UNUSABLE = frozenset({72, 78})
# Which one recipient of several may have caused alone.
_OF_ONE = frozenset({67, 68})
_SHORT_OF_RESOURCES = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
_REPLY_LENGTH = 500


class SendmailSender(Sender):
    """Gives each message to the ``sendmail`` command of the mail server on this machine, which sends it on.

    The command is run as ``sendmail -i -f SENDER -- RECIPIENT...``, without a shell, and reads the message from its
    standard input, with the lines a local command expects: CRLF becomes LF. Postfix, Exim, sendmail, msmtp and others
    have such a command. It accepts a message for all recipients or for none.

    How it ends is told as ``sysexits.h`` has it. A command that is killed, or takes too long, when it has the whole
    message may have sent it: that failure is ambiguous.

    Args:
        command: the path of the command; looked for on ``$PATH`` and in the usual places if None.
        timeout: seconds it may take for a message.

    Raises:
        BadURL: *command* is no path, or *timeout* no number above 0, or more than 1,000,000.
    """

    def __init__(self, command: str | os.PathLike[str] | None = None, *, timeout: float = 300.0) -> None:
        super().__init__()
        self._given = None if command is None else _path(command)
        self._timeout = expect_seconds("timeout", timeout, is_waited=True)
        self._command = ""

    @property
    def name(self) -> str:
        """``sendmail:``, and the path that was given."""
        return f"sendmail:{self._given or ''}"

    def _open(self) -> None:
        self._command = self._given or _found("sendmail") or ""
        if not self._command:
            raise self._closed("expected a command called sendmail on $PATH, found none; install a mail server")
        import signal  # noqa: PLC0415 - it makes enumerations of all there are

        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            raise self._closed("expected to learn how the command ends, but this process ignores SIGCHLD")

    def _deliver(self, mail: MailObject) -> Receipt:
        arguments = [os.fsencode(self._command), *_arguments(mail)]
        pieces = _local_lines(mail.iter_bytes(linesep="\n"))
        first = next(pieces)  # which finds out what is wrong with the message, before anything is started
        status, whole, reply = self._run(arguments, chain([first], pieces))
        if status == 0 and whole:
            return self._accepted(mail)
        raise self._failure(mail, status, reply, whole=whole)

    def _run(self, arguments: list[bytes], pieces: Iterable[bytes]) -> tuple[int | None, bool, str]:
        """How the command ended, None where it took too long; whether it had all *pieces*; and what it said."""
        import tempfile  # noqa: PLC0415 - few need it, and it is much to import

        try:
            said = tempfile.TemporaryFile()  # noqa: SIM115 - it is, below
        except OSError as error:
            raise self._closed(f"cannot make a temporary file: {reason_of(error)}", temporary=True) from error
        # A file, which takes whatever the command says without being waited for.
        with said:
            status, whole = _watched(self._start(arguments, said), pieces, time.monotonic() + self._timeout)
            return status, whole, _first_line(said)

    def _start(self, arguments: list[bytes], said: IO[bytes]) -> subprocess.Popen[bytes]:
        import subprocess  # noqa: PLC0415 - few need it, and it is much to import

        try:
            # A session of its own, so that what it starts can be ended with it, and a ^C is ours to handle.
            return subprocess.Popen(  # noqa: S603 - a list of arguments, never a shell
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            short = getattr(error, "errno", None) in _SHORT_OF_RESOURCES
            raise self._closed(f"cannot start {self._command}: {reason_of(error)}", temporary=short) from error

    def _closed(self, problem: str, *, temporary: bool = False) -> ConnectError:
        return ConnectError(problem, sender=self.name, stage="start", temporary=temporary)

    def _failure(self, mail: MailObject, status: int | None, reply: str, *, whole: bool) -> ConnectError | SendingError:
        ended = f"{self._command} {_ending(status)}{'' if whole else ' before it had the whole message'}"
        if status in _UNUSABLE:
            return ConnectError(ended, sender=self.name, stage="run", reply=reply, message_id=mail.message_id)
        recipients = mail.envelope.recipients
        broken_off = status is None or status < 0
        ambiguous = status == 0 or (whole and broken_off) or (status in _OF_ONE and len(recipients) > 1)
        return SendingError(
            ended,
            sender=self.name,
            stage="run",
            reply=reply,
            temporary=broken_off or status in _TEMPORARY,
            ambiguous=ambiguous,
            refused={} if ambiguous else dict.fromkeys(recipients, reply or _ending(status)),
            message_id=mail.message_id,
        )


def _path(command: object) -> str:
    given = os.fspath(command) if isinstance(command, os.PathLike) else command
    if not isinstance(given, str) or not given:
        raise BadURL(f"expected the path of a command, found {given!r}")
    return given


def _found(name: str) -> str | None:
    """The path of the command *name*. `shutil` knows it too, and would be much to import."""
    for place in (*os.get_exec_path(), *_PLACES):
        path = os.path.join(place, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _arguments(mail: MailObject) -> Iterator[bytes]:
    yield from (b"-i", b"-f", _argument(mail.envelope.sender) or b"<>")
    # SECURITY: behind this, nothing is an option, whatever it begins with.
    yield b"--"
    yield from map(_argument, mail.envelope.recipients)


def _argument(address: str) -> bytes:
    """*address*, its domain as DNS knows it where that is all it takes to be ASCII."""
    local, at, domain = address.rpartition("@")
    if not local.isascii():
        return address.encode()
    try:
        return f"{local}{at}{ascii_domain(domain)}".encode()
    except MimeError as error:
        raise BadAddress(str(error), address=address) from error


def _local_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """*chunks* with each CRLF as an LF, also where one stands across two of them."""
    held = b""
    for chunk in chunks:
        octets = held + chunk
        held = b"\r" if octets.endswith(b"\r") else b""
        yield octets[: len(octets) - len(held)].replace(b"\r\n", b"\n")
    yield held


def _watched(process: subprocess.Popen[bytes], pieces: Iterable[bytes], deadline: float) -> tuple[int | None, bool]:
    """How *process* ended, None where it did not by the *deadline*; and whether it took all *pieces*."""
    from subprocess import TimeoutExpired  # noqa: PLC0415

    whole = False
    assert process.stdin is not None
    try:
        whole = _feed(process.stdin.fileno(), pieces, deadline)
        process.stdin.close()
        return process.wait(max(0.0, deadline - time.monotonic())), whole
    except (TimeoutError, TimeoutExpired):
        return None, whole
    finally:
        # SECURITY: ended before its input is, or it would take half a message for a whole one, and send it.
        if process.returncode is None:
            _end(process)
        process.stdin.close()


def _feed(pipe: int, pieces: Iterable[bytes], deadline: float) -> bool:
    """Write *pieces* to the *pipe*; whether all of them were taken.

    Raises:
        TimeoutError: they were not by the *deadline*.
    """
    import selectors  # noqa: PLC0415 - comes with subprocess

    os.set_blocking(pipe, False)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_WRITE)
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                try:
                    rest = rest[os.write(pipe, rest) :]
                except BrokenPipeError:
                    return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and what it started."""
    import signal  # noqa: PLC0415 - it makes enumerations of all there are

    with contextlib.suppress(OSError):  # it has just ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _first_line(said: IO[bytes]) -> str:
    """The first line of what a command *said*, fit to be shown."""
    said.seek(0)
    octets = said.read(_REPLY_LENGTH).strip()
    return one_line(octets.partition(b"\n")[0].decode("utf-8", "replace"))


def _ending(status: int | None) -> str:
    if status is None:
        return "took too long"
    if status < 0:
        return f"was killed by signal {-status}"
    meaning = f" ({_STATUSES[status]})" if status in _STATUSES else ""
    return f"ended with status {status}{meaning}"
