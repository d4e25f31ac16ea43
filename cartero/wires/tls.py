"""How TLS is spoken: which certificate is believed, and which is shown. RFC 8446, RFC 6125."""

from __future__ import annotations

import os
import re
from errno import ENOTCONN

from .._reason import reason_of
from .._value import Value
from ..errors import BadURL, ConnectError
from .place import host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Literal, TypeAlias

    Mode: TypeAlias = Literal["require", "opportunistic", "off"]

# `ssl` is imported where TLS is spoken: it would be much of what sending to a server on this machine costs.
# ruff: noqa: PLC0415, PTH112

_MODES = ("require", "opportunistic", "off")
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}")


class TLS(Value):
    """Whether TLS is spoken, and whom it believes. A value.

    Args:
        mode: ``"require"``: TLS, or nothing is sent. ``"opportunistic"``: where the server offers it, with any
            certificate unless *ca* or *fingerprint* is given: it keeps out who only listens, so no password goes
            over it as it is, if its mechanism is not named. ``"off"``: never.
        ca: a file, or a folder, of certificates in PEM form to believe in place of the system's.
        fingerprint: the SHA-256 of the server's certificate in hexadecimal, colons or not, in place of all
            other checks.
        certificate: a file with a certificate of yours in PEM form, if the server wants one.
        key: the file with its key, if it is another one.
        server_name: the name in the server's certificate, if it is not the host connected to.

    Raises:
        BadURL: one of them is none of these.
    """

    __slots__ = ("ca", "certificate", "fingerprint", "key", "mode", "server_name")

    mode: Mode
    ca: str | None
    fingerprint: str | None
    certificate: str | None
    key: str | None
    server_name: str | None

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        mode: Mode = "require",
        *,
        ca: str | os.PathLike[str] | None = None,
        fingerprint: str | None = None,
        certificate: str | os.PathLike[str] | None = None,
        key: str | os.PathLike[str] | None = None,
        server_name: str | None = None,
    ) -> None:
        if mode not in _MODES:
            raise BadURL(f"expected require, opportunistic or off for tls, found {mode!r}")
        if fingerprint is not None and _FINGERPRINT.fullmatch(fingerprint) is None:
            raise BadURL("expected the SHA-256 fingerprint of a certificate: 64 hexadecimal digits")
        if key is not None and certificate is None:
            raise BadURL("a key is of use only beside its certificate")
        self._set(
            mode=mode,
            ca=_path(ca),
            fingerprint=fingerprint.replace(":", "").lower() if fingerprint else None,
            certificate=_path(certificate),
            key=_path(key),
            server_name=_name(server_name),
        )

    @property
    def is_believed(self) -> bool:
        """Whether it is made sure who the server is."""
        return self.mode == "require" or self.ca is not None or self.fingerprint is not None

    def context(self) -> ssl.SSLContext:
        """The settings as `ssl` wants them.

        Raises:
            BadURL: a file cannot be read, or holds no certificate.
        """
        import ssl

        from . import handshake

        read = self.ca
        try:
            is_folder = self.ca is not None and os.path.isdir(self.ca)
            context = ssl.create_default_context(
                cafile=None if is_folder else self.ca, capath=self.ca if is_folder else None
            )
            if self.certificate is not None:
                read = self.certificate if self.key is None else f"{self.certificate} or its key {self.key}"
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ValueError) as error:
            raise BadURL(f"cannot read a certificate or key from {read}: {reason_of(error)}") from error
        if self.fingerprint is not None or not self.is_believed:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.sslsocket_class, context.sslobject_class = handshake.Socket, handshake.Object
        return context

    def expected(self, host: str) -> tuple[str, ssl.SSLContext]:
        """The name that the certificate of *host* is to have, and `context`.

        Raises:
            BadURL: there is none, or see there.
        """
        name, context = self.server_name or host, self.context()
        if not name and context.check_hostname:
            raise BadURL("a socket file has no name that stands in a certificate; server_name= says one")
        return name, context

    def check_certificate(self, certificate: bytes | None) -> None:
        """Refuse a server whose *certificate*, in DER form, has not the fingerprint that was given.

        Raises:
            ConnectError: it has another one, which the text names.
        """
        if self.fingerprint is None:
            return
        from hashlib import sha256

        found = sha256(certificate or b"").hexdigest()
        if found != self.fingerprint:
            raise ConnectError(f"expected a certificate of another fingerprint; the server's is {found}", stage="TLS")


def injected() -> ConnectError:
    """What is raised where something was said before TLS began."""
    # SECURITY: it was said in the clear, and would be taken for what is said under TLS.
    return ConnectError("the server spoke on before TLS began: somebody may be in the middle", stage="STARTTLS")


def failure(error: OSError, wanted: str) -> ConnectError:
    """What is raised where TLS with *wanted* did not come about: why, and what to do."""
    from ssl import SSLEOFError

    hung_up = isinstance(error, TimeoutError | ConnectionError | SSLEOFError) or error.errno == ENOTCONN
    return ConnectError(_problem(error, wanted), stage="TLS", temporary=hung_up)


def _problem(error: OSError, wanted: str) -> str:
    distrust = getattr(error, "verify_message", None)
    if distrust:
        names = getattr(error, "certificate_names", ())
        shown = f" (its certificate is for {', '.join(names)})" if names else ""
        return (
            f"the server is not to be trusted as {wanted}{shown}: {distrust.rstrip('.')}; "
            "ca= or fingerprint= says which certificate to believe"
        )
    if isinstance(error, TimeoutError):
        return f"{wanted} did not answer in time when TLS was to begin"
    text = str(getattr(error, "reason", None) or reason_of(error))
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        return f"{wanted} does not speak TLS at once (smtp: begins it by STARTTLS, smtps: at once)"
    return f"TLS with {wanted} failed: {text}"


def _name(given: str | None) -> str | None:
    try:
        return given and host_name(given)
    except ValueError as error:
        raise BadURL(f"expected the name in a certificate as server_name, found {given!r}") from error


def _path(given: str | os.PathLike[str] | None) -> str | None:
    return None if given is None else os.fspath(given)
