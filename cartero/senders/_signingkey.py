"""The private key that mail is signed with; the only room that knows ``cryptography``."""

from __future__ import annotations

import os
import re
from binascii import b2a_base64

from .._reason import reason_of
from ..errors import BadKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypeAlias

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    # PEM as text or octets, the path of a file that holds it, or a key that is loaded.
    PrivateKey: TypeAlias = str | bytes | os.PathLike[str] | RSAPrivateKey | Ed25519PrivateKey

# RFC 8301 3.2: at least 1024 bits; signers should use 2048
_LEAST_BITS = 1024
# the inside of a key file, hexadecimal or in base64 of either alphabet
_KEY = r"[A-Za-z0-9+/=_-]{40,}"


class SigningKey:
    """A private key, read once. It has no repr that shows it, and cannot be copied, pickled or written out.

    Attributes:
        algorithm: ``"rsa-sha256"`` or ``"ed25519-sha256"``.
        signature_size: octets of each signature it makes.
        record: what a DNS record says of the public key: ``"k=...; p=..."``.

    Raises:
        BadKey: *given* is no such key, or ``cryptography`` is not installed.
    """

    __slots__ = ("_key", "algorithm", "record", "signature_size")

    def __init__(self, given: PrivateKey) -> None:
        try:
            # Imported with the first key: it takes longer than all of cartero, and few sign.
            from cryptography.hazmat.primitives.asymmetric import ed25519, rsa  # noqa: PLC0415
        except ImportError as error:
            raise BadKey("signing needs the extra dkim: pip install 'cartero-mail[dkim]'") from error
        key = _load(given) if isinstance(given, str | bytes | os.PathLike) else given
        if isinstance(key, rsa.RSAPrivateKey):
            if key.key_size < _LEAST_BITS:
                raise BadKey(f"expected an RSA key of {_LEAST_BITS} bits or more, found one of {key.key_size}")
            self.algorithm = "rsa-sha256"
            self.signature_size = (key.key_size + 7) // 8
        elif isinstance(key, ed25519.Ed25519PrivateKey):
            self.algorithm = "ed25519-sha256"
            self.signature_size = 64
        else:
            raise BadKey(f"expected a private key, RSA or Ed25519, found {type(key).__name__}")
        self._key = key
        self.record = _record(key)

    def sign(self, octets: bytes) -> bytes:
        """The signature over *octets*: RFC 6376, section 3.3.1, or RFC 8463, section 3."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
        digest = hashes.Hash(hashes.SHA256())
        digest.update(octets)
        return self._key.sign(digest.finalize())

    def __reduce__(self) -> NoReturn:
        # SECURITY: what is pickled is stored and sent around, and a private key must not be.
        raise TypeError("a private key is not pickled or copied; make the signer where it signs")


def _load(given: str | bytes | os.PathLike[str]) -> object:
    """The key in PEM, or in the file of that path."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    pem = _pem(given)
    if b"-----BEGIN" not in pem:
        raise BadKey("expected a private key in PEM, beginning with -----BEGIN, found something else")
    try:
        return load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise BadKey("the key is encrypted: give it without a passphrase, or load it with cryptography") from error
    except (ValueError, UnsupportedAlgorithm):
        # SECURITY: what it says may quote the key, so it is neither repeated nor chained.
        raise BadKey("expected a private key in PEM, RSA or Ed25519, found one that cannot be read") from None


def _pem(given: str | bytes | os.PathLike[str]) -> bytes:
    if isinstance(given, bytes):
        return given
    # A path has no line ends, and PEM has some.
    if isinstance(given, str) and ("-----BEGIN" in given or "\n" in given):
        return given.encode("ascii", "replace")
    try:
        with open(given, "rb") as file:  # noqa: PTH123 -- pathlib would be more to import than all of this room
            return file.read()
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        if re.fullmatch(_KEY, os.fspath(given)):
            # SECURITY: this is no path, and what the system says of it quotes it.
            raise BadKey("expected PEM, beginning with -----BEGIN, or the path of a file, found neither") from None
        raise BadKey(f"cannot read the key file {given}: {reason_of(error)}") from error


def _record(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    """RFC 6376, section 3.6.1; RFC 8463, section 4."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    if isinstance(key, rsa.RSAPrivateKey):
        octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"k=rsa; p={b2a_base64(octets, newline=False).decode()}"
    octets = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"k=ed25519; p={b2a_base64(octets, newline=False).decode()}"
