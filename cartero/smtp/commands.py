"""What a client says: SMTP commands as octets. RFC 5321, section 4.1."""

from __future__ import annotations

import re

from .._value import Value
from ..errors import BadEnvelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FORBIDDEN = re.compile("[\x00-\x1f\x7f]")
# RFC 3461 4: xtext is printable ASCII without "+" and "=", and each other octet as + and two hexadecimal digits
_PLAIN = re.compile(rb"[^!-*,-<>-~]")
_NOTIFY = ("never", "success", "failure", "delay")


class DSN(Value):
    """Which delivery status notifications are asked for, where the server can. A value.

    Args:
        notify: of what the sender wants to hear: ``success``, ``failure`` and ``delay``, or ``never`` alone.
        ret: what a notification gives back: ``full`` the message, ``hdrs`` its headers; the server's choice if None.
        envid: an identifier of yours that notifications repeat, printable ASCII.

    Raises:
        BadEnvelope: one of them is none of these.

    RFC 3461, sections 4.1, 4.3 and 4.4.
    """

    __slots__ = ("envid", "notify", "ret")

    notify: tuple[str, ...]
    ret: str | None
    envid: str

    def __init__(self, notify: Iterable[str] = (), *, ret: str | None = None, envid: str = "") -> None:
        wanted = tuple(notify)
        if isinstance(notify, str) or any(word not in _NOTIFY for word in wanted):
            raise BadEnvelope(f"expected some of {', '.join(_NOTIFY)} to be notified of, found {notify!r}")
        if "never" in wanted and len(wanted) > 1:
            raise BadEnvelope("never to be notified, and of something, cannot be asked for at once")
        if ret not in {None, "full", "hdrs"}:
            raise BadEnvelope(f"expected full or hdrs to be given back, found {ret!r}")
        # RFC 3461 4.4: 100 characters as they are said
        if not (envid.isascii() and envid.isprintable()) or len(xtext(envid)) > 100:
            raise BadEnvelope("expected at most 100 characters of printable ASCII as envelope identifier")
        self._set(notify=wanted, ret=ret, envid=envid)

    def mail_parameters(self) -> Iterator[str]:
        """What MAIL says of it. RFC 3461, sections 4.3 and 4.4."""
        if self.ret is not None:
            yield f"RET={self.ret.upper()}"
        if self.envid:
            yield f"ENVID={xtext(self.envid)}"

    def rcpt_parameters(self, path: str) -> Iterator[str]:
        """What RCPT says of it for the recipient *path*. RFC 3461, sections 4.1 and 4.2."""
        if self.notify:
            yield f"NOTIFY={','.join(self.notify).upper()}"
        if path.isascii():
            yield f"ORCPT=rfc822;{xtext(path)}"


def line(*words: str) -> bytes:
    """A command of *words*, ended.

    Raises:
        BadEnvelope: one of them holds a control character.
    """
    text = " ".join(words)
    # SECURITY: a line end here would begin a command of somebody else's.
    if not text.isprintable() and _FORBIDDEN.search(text):
        raise BadEnvelope("a control character cannot stand in a command")
    return f"{text}\r\n".encode()


def mail(sender: str, parameters: Iterable[str] = ()) -> bytes:
    """MAIL for the bare address *sender*, an empty string for the null reverse-path. RFC 5321, section 4.1.1.2."""
    return line(f"MAIL FROM:<{sender}>", *parameters)


def rcpt(recipient: str, parameters: Iterable[str] = ()) -> bytes:
    """RCPT for the bare address *recipient*. RFC 5321, section 4.1.1.3."""
    return line(f"RCPT TO:<{recipient}>", *parameters)


def xtext(text: str) -> str:
    """*text* as a parameter of the DSN extension has it. RFC 3461, section 4."""
    return _PLAIN.sub(lambda found: b"+%02X" % found[0][0], text.encode()).decode()
