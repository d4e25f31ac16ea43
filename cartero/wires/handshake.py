"""Connections under TLS that, where a certificate is not believed, tell whose it is."""

from __future__ import annotations

import ssl

from .._display import one_line

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


def _names(connection: ssl.SSLSocket | ssl.SSLObject) -> list[str]:
    """The names in the certificate of the other side, as far as they can be had."""
    # QUIRK: each public way to a certificate asks first whether the handshake went well.
    try:
        [certificate, *_] = connection._sslobj.get_unverified_chain()  # type: ignore[union-attr]
        info = certificate.get_info()
    except (AttributeError, TypeError, ValueError):
        return []
    return [one_line(str(name)) for _, name in info.get("subjectAltName", ())][:_MOST_NAMES]
