"""Connections under TLS that, where a certificate is not believed, tell whose it is."""

from __future__ import annotations

import ssl

from .._display import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_NAMES = 5  # that an error shows


class Socket(ssl.SSLSocket):
    """A socket under TLS."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - its signature is the standard library's
        """As `ssl.SSLSocket.do_handshake`; the error has ``certificate_names``."""
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as error:
            error.certificate_names = _names(self)  # type: ignore[attr-defined]  # for who shows the error
            raise


class Object(ssl.SSLObject):
    """TLS without a socket, for asyncio."""

    def do_handshake(self) -> None:
        """As `ssl.SSLObject.do_handshake`; the error has ``certificate_names``."""
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            error.certificate_names = _names(self)  # type: ignore[attr-defined]  # for who shows the error
            raise


def certificate_info(connection: ssl.SSLSocket | ssl.SSLObject) -> dict[str, Any]:
    """What the certificate of the other side says, believed or not, as `ssl.SSLSocket.getpeercert` has it."""
    # QUIRK: each public way to a certificate asks first whether it was believed.
    try:
        [certificate, *_] = connection._sslobj.get_unverified_chain()  # type: ignore[union-attr]
        info: dict[str, Any] = certificate.get_info()
    except (AttributeError, TypeError, ValueError):
        return {}
    return info


def _names(connection: ssl.SSLSocket | ssl.SSLObject) -> list[str]:
    """The names in the certificate of the other side, as far as they can be had."""
    names = certificate_info(connection).get("subjectAltName", ())
    return [one_line(str(name)) for _, name in names][:_MOST_NAMES]
