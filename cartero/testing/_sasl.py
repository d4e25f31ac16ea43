"""The server's side of AUTH: who is it, and do they have the password or the token?

Made by itself and not on cartero's own client, so that the two do not share a mistake.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Generator, Mapping
from typing import Final, TypeAlias

# A dialogue: yields challenges, is sent responses, returns who it is; an empty string for nobody.
Dialogue: TypeAlias = Generator[bytes, bytes, str]

_ITERATIONS = 4096
_REFUSAL = b'{"status":"invalid_token","schemes":"bearer","scope":"mail"}'


def _plain(users: Mapping[str, str]) -> Dialogue:
    """RFC 4616, section 2."""
    response = yield b""
    _, _, rest = response.partition(b"\0")
    user, _, password = rest.partition(b"\0")
    return _checked(users, user, password)


def _login(users: Mapping[str, str]) -> Dialogue:
    user = yield b"Username:"
    password = yield b"Password:"
    return _checked(users, user, password)


def _cram_md5(users: Mapping[str, str]) -> Dialogue:
    """RFC 2195, section 2."""
    challenge = f"<{secrets.token_hex(8)}@localhost>".encode()
    response = yield challenge
    user, _, digest = response.rpartition(b" ")
    name = user.decode("utf-8", "replace")
    expected = hmac.new(users.get(name, "").encode(), challenge, "md5").hexdigest()
    return name if name in users and digest.decode("latin-1") == expected else ""


def _scram_sha_256(users: Mapping[str, str]) -> Dialogue:
    """RFC 5802, sections 3 and 5, with the hash of RFC 7677, section 3."""
    first = yield b""
    asked = re.fullmatch(rb"[ny],[^,]*,(?P<bare>n=(?P<user>[^,]+),r=(?P<nonce>[^,]+))", first)
    if asked is None:
        return ""
    name = asked["user"].replace(b"=2C", b",").replace(b"=3D", b"=").decode("utf-8", "replace")
    salt = secrets.token_bytes(16)
    nonce = asked["nonce"] + secrets.token_hex(8).encode()
    offer = b"r=%b,s=%b,i=%d" % (nonce, base64.b64encode(salt), _ITERATIONS)
    final = yield offer
    unproved, _, proof = final.rpartition(b",p=")
    salted = hashlib.pbkdf2_hmac("sha256", users.get(name, "").encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    said = b",".join([asked["bare"], offer, unproved])
    signature = hmac.digest(hashlib.sha256(client_key).digest(), said, "sha256")
    expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    if name not in users or unproved != b"c=biws,r=" + nonce or proof != base64.b64encode(expected):
        return ""
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    yield b"v=" + base64.b64encode(hmac.digest(server_key, said, "sha256"))
    return name


def _bearer(users: Mapping[str, str], pattern: bytes) -> Dialogue:
    """A token; who has none is told why in a challenge, and refused after it (RFC 7628, section 3.2.3)."""
    response = yield b""
    found = re.search(pattern, response)
    token = re.search(rb"\x01auth=Bearer ([^\x01]*)\x01", response)
    if found and token and (name := _checked(users, found[1], token[1])):
        return name
    yield _REFUSAL
    return ""


def _xoauth2(users: Mapping[str, str]) -> Dialogue:
    return _bearer(users, rb"\Auser=([^\x01]*)\x01")


def _oauthbearer(users: Mapping[str, str]) -> Dialogue:
    """RFC 7628, section 3.1."""
    return _bearer(users, rb"\An,a=([^,]*),\x01")


MECHANISMS: Final[Mapping[str, Callable[[Mapping[str, str]], Dialogue]]] = {
    "SCRAM-SHA-256": _scram_sha_256,
    "CRAM-MD5": _cram_md5,
    "PLAIN": _plain,
    "LOGIN": _login,
    "OAUTHBEARER": _oauthbearer,
    "XOAUTH2": _xoauth2,
}


def _checked(users: Mapping[str, str], user: bytes, secret: bytes) -> str:
    """Who it is, if *secret* is theirs."""
    name = user.decode("utf-8", "replace")
    return name if name in users and users[name].encode() == secret else ""


def decode(text: str) -> bytes | None:
    """What the client said, or None if it is not base64; ``=`` is nothing (RFC 4954, section 4)."""
    if text == "=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def challenge(octets: bytes) -> bytes:
    """The reply that asks for a response."""
    return b"334 " + base64.b64encode(octets)
