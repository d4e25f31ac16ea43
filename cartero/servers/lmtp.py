"""A server that takes mail by LMTP, with a reply for each recipient. RFC 2033."""

from __future__ import annotations

from .smtp import MailServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._session import Session


class LMTPServer(MailServer):
    """Takes mail by LMTP; everything is as with `SMTPServer`, but that each recipient has a reply of its own.

    RFC 2033.
    """

    def _session_type(self) -> type[Session]:
        from ._session import LMTPSession  # noqa: PLC0415 - it needs the extra

        return LMTPSession
