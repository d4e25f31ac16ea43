"""The text of a message as it comes behind DATA: octets to octets, without dots that were put in.

RFC 5321, section 4.5.2 for the dots, section 2.3.8 for the line ends.
"""

from __future__ import annotations

from io import BytesIO

from ..smtp.data import has_crlf_alone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._gauge import Gauge

_END = b"\r\n.\r\n"
_STEP = 65_536  # octets that are held at a time


class Body:
    """A message as it arrives, cut anywhere. Mutable.

    What is refused is read to its end, and not kept.

    Args:
        gauge: what may be held.
        start: what stands in front of what arrives: the trace.

    Attributes:
        refusal: the reply that refuses it; an empty string where nothing is wrong.
        is_done: whether its end has come.
        rest: what came behind the end.
        size: how many octets it has, as far as they have come.
    """

    def __init__(self, gauge: Gauge, start: bytes) -> None:
        self.refusal = ""
        self.is_done = False
        self.rest = b""
        self._gauge = gauge
        self._kept = BytesIO()
        self._kept.write(start)
        # The line end of the DATA command stands before it, and is none of the message.
        self._open = b"\r\n"
        self._is_first = True
        self._is_traced = bool(start)
        self.size = 0
        self._line_size = 0
        self._held_size = 0

    def feed(self, octets: bytes) -> None:
        """Take *octets*."""
        text = self._open + octets if self._open else octets
        end = text.find(_END)
        if end >= 0:
            self.is_done = True
            self.rest = text[end + len(_END) :]
            text, self._open = text[: end + 2], b""
        else:
            # A line end, or a dot behind it, may go on in what comes next.
            cut = text.find(b"\r", max(len(text) - len(_END) + 1, 0))
            text, self._open = (text, b"") if cut < 0 else (text[:cut], text[cut:])
        if text:
            self._keep(text)

    def _keep(self, text: bytes) -> None:
        if self._is_first:
            self._is_first = False
            text = text.replace(b"\r\n.", b"\r\n")[2:]
            if self._is_traced and text.startswith((b" ", b"\t")):
                # RFC 5322 2.2.3: it would be more of the field that this server puts in front.
                self._refuse("550 5.6.0 the message begins with a blank, and so with half a field")
        elif b"." in text:
            text = text.replace(b"\r\n.", b"\r\n")
        limits = self._gauge.limits
        self.size += len(text)
        if self.refusal:
            return
        if self.size > limits.size:
            self._refuse(f"552 5.3.4 the message is larger than the {limits.size} octets that are taken")
        elif not has_crlf_alone(text):
            # SECURITY: what is a line end here and none there can smuggle a message in.
            self._refuse("550 5.6.0 a line ends in a lone CR or LF, and SMTP knows CRLF alone")
        elif self._longest_line(text) > limits.line:
            self._refuse(f"550 5.6.0 a line is longer than the {limits.line} octets that are taken")
        elif self.size > self._held_size and not self._hold(max(len(text), _STEP)):
            self._refuse("452 4.3.1 too much mail is on its way now; come again later")
        else:
            self._kept.write(text)

    def _longest_line(self, text: bytes) -> int:
        """How long the longest line that ends in *text* is, or goes on behind it."""
        first = text.find(b"\n") + 1
        if not first:
            self._line_size += len(text)
            return self._line_size
        longest = self._line_size + first
        self._line_size = len(text) - text.rfind(b"\n") - 1
        if len(text) > self._gauge.limits.line:
            longest = max(longest, *map(len, text.splitlines(keepends=True)))
        return max(longest, self._line_size)

    def _hold(self, size: int) -> bool:
        if not self._gauge.hold(size):
            return False
        self._held_size += size
        return True

    def _refuse(self, reply: str) -> None:
        self.refusal = reply
        self._kept = BytesIO()
        self.let_go()

    @property
    def octets(self) -> bytes:
        """All of it, the trace in front."""
        return self._kept.getvalue()

    def let_go(self) -> None:
        """Hold it no longer."""
        self.handed_on()()

    def handed_on(self) -> Callable[[], None]:
        """Leave it to somebody else to hold it; what they call when they do no longer."""
        size, self._held_size = self._held_size, 0
        return lambda: self._gauge.let_go(size)
