"""Who we are, said in the ways of SASL: each mechanism a generator, without a socket.

A mechanism yields what is to be said, octets that are not yet base64: first the initial response, or None
where the server speaks first. It is sent each challenge, and at the end None, when the server says that it
lets us in; then it ends, or raises `AuthenticationFailed` where the server has not proved what it must.

RFC 4422, section 3.
"""

from __future__ import annotations

import re

from .._display import one_line
from .._value import Value
from ..errors import AuthenticationFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator
    from typing import Final, TypeAlias

    Mechanism: TypeAlias = Generator[bytes | None, bytes | None, None]

# What only some mechanisms need is imported by them: a command's start is most of its cost.
# ruff: noqa: PLC0415

# The best come first.
_WITH_TOKEN: Final = ("OAUTHBEARER", "XOAUTH2")
_WITH_PASSWORD: Final = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
TOKEN_MECHANISMS: Final = frozenset(_WITH_TOKEN)
_IN_CLEAR: Final = TOKEN_MECHANISMS | {"PLAIN", "LOGIN"}

# SECURITY: fewer make guessing cheap for whoever plays the server (RFC 7677 4); more only keep us busy.
_FEWEST_ITERATIONS = 4_096
_MOST_ITERATIONS = 2_000_000

# Compiled when a server offers, or a token is given.
_OFFER = (
    rb"(?s)r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+),s=(?P<salt>[A-Za-z0-9+/=]+),i=(?P<iterations>[1-9][0-9]{0,9})(?:,.*)?"
)
_OUTSIDE_ONE = r"[^\x21-\x7e]"


class _Login(Value):
    """Whose, with what, and where."""

    __slots__ = ("host", "port", "secret", "user")

    user: str
    secret: str
    host: str
    port: int

    def __init__(self, user: str, secret: str, host: str, port: int) -> None:
        self._set(user=user, secret=secret, host=host, port=port)

    def __repr__(self) -> str:
        # SECURITY: who, and never by which secret.
        return f"<_Login {self.user}>"


def start(mechanism: str, *, user: str, secret: str, host: str = "", port: int = 0) -> Mechanism:
    """A dialogue by *mechanism*, one of `MECHANISMS`.

    Args:
        mechanism: its name, in capitals.
        user: who we are.
        secret: the password; of one of `TOKEN_MECHANISMS`, the token.
        host: the server, as it was asked for; said to it by ``OAUTHBEARER``.
        port: its port, said likewise.

    Raises:
        AuthenticationFailed: when the mechanism begins or goes on, where it cannot carry what it is to say,
            or what the server says is not what the mechanism wants.
    """
    return MECHANISMS[mechanism](_Login(user, secret, host, port))


def finish(dialogue: Mechanism) -> None:
    """End *dialogue*: the server lets us in.

    Raises:
        AuthenticationFailed: before it has proved that it knows the password, where the mechanism has it prove that.
    """
    try:
        dialogue.send(None)
    except StopIteration:
        return
    dialogue.close()
    raise AuthenticationFailed("the server ended the dialogue before its time", stage="AUTH")


def choose(
    offered: Collection[str], *, has_password: bool, has_token: bool, wanted: str | None = None, encrypted: bool
) -> str:
    """The best mechanism of those *offered* that will do, or the one that is *wanted*; in capitals.

    Args:
        offered: what the server announced.
        has_password: whether there is a password.
        has_token: whether there is a token, which then comes first.
        wanted: the one to use; then it is used whether the connection is encrypted or not.
        encrypted: whether nobody else can read what is said: by TLS, or on this machine.

    Raises:
        AuthenticationFailed: none of them will do; the text names those offered.
    """
    names = {name.upper() for name in offered}
    there_are = f"the server offers {', '.join(sorted(names)) or 'none'}"
    if wanted is not None:
        if wanted.upper() in MECHANISMS and wanted.upper() in names:
            return wanted.upper()
        raise AuthenticationFailed(f"expected the mechanism {wanted.upper()}; {there_are}", stage="AUTH")
    ours: list[str] = [*(_WITH_TOKEN if has_token else ()), *(_WITH_PASSWORD if has_password else ())]
    possible = [name for name in ours if name in names]
    for name in possible:
        # SECURITY: these say the secret itself.
        if encrypted or name not in _IN_CLEAR:
            return name
    if possible:
        raise AuthenticationFailed(
            f"the connection is not encrypted, and {possible[0]} would show the secret to others; use TLS,"
            f" or ask for the mechanism by its name ({there_are})",
            stage="AUTH",
        )
    known = f"expected one of {', '.join(ours)}" if ours else "expected a password or a token"
    raise AuthenticationFailed(f"no mechanism will do: {known}; {there_are}", stage="AUTH")


def explain(mechanism: str, challenge: bytes) -> str:
    """Why the server refuses, as the last *challenge* before its refusal says; or an empty string.

    RFC 7628, section 3.2.3: in JSON, which is left as it is.
    """
    if mechanism not in TOKEN_MECHANISMS:
        return ""
    return one_line(challenge.decode("utf-8", "replace"))[:500]


def _plain(login: _Login) -> Mechanism:
    """RFC 4616, section 2."""
    if "\0" in login.user or "\0" in login.secret:
        raise AuthenticationFailed("PLAIN cannot carry a NUL in the user or the password", stage="AUTH")
    _expect_end((yield _octets(f"\0{login.user}\0{login.secret}")))


def _login(login: _Login) -> Mechanism:
    """No standard: a question for the user, another for the password, whatever their words are."""
    _expect_challenge((yield None))
    _expect_challenge((yield _octets(login.user)))
    _expect_end((yield _octets(login.secret)))


def _cram_md5(login: _Login) -> Mechanism:
    """RFC 2195, section 2."""
    import hmac

    challenge = _expect_challenge((yield None))
    digest = hmac.new(_octets(login.secret), challenge, "md5").hexdigest()
    _expect_end((yield _octets(f"{login.user} {digest}")))


def _scram_sha_256(login: _Login) -> Mechanism:
    """RFC 7677, section 3; its nonce is made when it begins."""
    import secrets

    return scram_sha_256(login.user, login.secret, nonce=secrets.token_urlsafe(24))


def scram_sha_256(user: str, password: str, *, nonce: str) -> Mechanism:
    """SCRAM-SHA-256 without channel binding, with a *nonce* that nobody can foresee.

    RFC 5802, sections 3 and 5; RFC 7677, section 3.
    """
    import base64
    import hashlib
    import hmac

    bare = f"n={_saslname(prepared(user))},r={nonce}".encode()
    offer = _expect_challenge((yield b"n,," + bare))
    server_nonce, salt, iterations = _read_offer(offer, nonce.encode())

    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    without_proof = b"c=biws,r=" + server_nonce
    said = b",".join([bare, offer, without_proof])
    signature = hmac.digest(hashlib.sha256(client_key).digest(), said, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))

    final = _expect_challenge((yield without_proof + b",p=" + base64.b64encode(proof)))
    if final.startswith(b"e="):
        reason = one_line(final[2:].decode("utf-8", "replace"))[:100]
        raise AuthenticationFailed(f"the server refuses: {reason}", stage="AUTH")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    expected = b"v=" + base64.b64encode(hmac.digest(server_key, said, "sha256"))
    if not hmac.compare_digest(final.partition(b",")[0], expected):
        raise AuthenticationFailed("the server has not proved that it knows the password", stage="AUTH")
    _expect_end((yield b""))


def _read_offer(offer: bytes, nonce: bytes) -> tuple[bytes, bytes, int]:
    """The nonce, salt and iteration count in the server's first message (RFC 5802, section 5.1)."""
    import base64

    found = re.fullmatch(_OFFER, offer)
    if found is None:
        raise AuthenticationFailed("expected r=, s= and i= from the server for SCRAM, found others", stage="AUTH")
    # SECURITY: a nonce that is not made from ours is an old dialogue played again.
    if not found["nonce"].startswith(nonce) or found["nonce"] == nonce:
        raise AuthenticationFailed("the server's nonce for SCRAM is not made from ours", stage="AUTH")
    iterations = int(found["iterations"])
    if not _FEWEST_ITERATIONS <= iterations <= _MOST_ITERATIONS:
        raise AuthenticationFailed(
            f"expected {_FEWEST_ITERATIONS} to {_MOST_ITERATIONS} iterations for SCRAM, found {iterations}",
            stage="AUTH",
        )
    try:
        salt = base64.b64decode(found["salt"], validate=True)
    except ValueError as error:
        raise AuthenticationFailed("expected a salt in base64 from the server for SCRAM", stage="AUTH") from error
    return found["nonce"], salt, iterations


def _xoauth2(login: _Login) -> Mechanism:
    """Of Google and Microsoft; a failure is a challenge, answered with nothing."""
    _expect_token(login.secret)
    yield from _bearer(f"user={login.user}\x01auth=Bearer {login.secret}\x01\x01", answer=b"")


def _oauthbearer(login: _Login) -> Mechanism:
    """RFC 7628, section 3.1; a failure is a challenge, answered with one octet (section 3.2.3)."""
    _expect_token(login.secret)
    where = f"host={login.host}\x01port={login.port}\x01"
    said = f"n,a={_saslname(login.user)},\x01{where}auth=Bearer {login.secret}\x01\x01"
    yield from _bearer(said, answer=b"\x01")


def _bearer(said: str, *, answer: bytes) -> Mechanism:
    if (yield _octets(said)) is not None:
        _expect_end((yield answer))


def _octets(text: str) -> bytes:
    """*text* in UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        # SECURITY: without its cause, which shows the text.
        problem = f"the user or the password holds what is no character (U+{ord(text[error.start]):04X})"
        raise AuthenticationFailed(problem, stage="AUTH") from None


def _expect_token(token: str) -> None:
    """Refuse what would end the token and begin something else (RFC 6750, section 2.1)."""
    if not token or (found := re.search(_OUTSIDE_ONE, token)):
        problem = f"U+{ord(found[0]):04X} at {found.start()}" if token and found else "nothing"
        raise AuthenticationFailed(f"expected a token of ASCII without spaces, found {problem}", stage="AUTH")


def _expect_challenge(sent: bytes | None) -> bytes:
    if sent is None:
        raise AuthenticationFailed("the server lets us in before it has asked who we are", stage="AUTH")
    return sent


def _expect_end(sent: bytes | None) -> None:
    if sent is not None:
        raise AuthenticationFailed("expected the end of the dialogue, found another challenge", stage="AUTH")


def _saslname(name: str) -> str:
    """RFC 5802, section 5.1: a comma ends an attribute."""
    return name.replace("=", "=3D").replace(",", "=2C")


def prepared(text: str) -> str:
    """*text* by SASLprep, so that a password is the same however it was typed (RFC 4013, section 2).

    Raises:
        AuthenticationFailed: a character in it is prohibited.
    """
    if text.isascii() and text.isprintable():
        return text
    import stringprep
    import unicodedata

    mapped = "".join(
        " " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each)
    )
    normal: str = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    prohibited = (
        stringprep.in_table_c12,
        stringprep.in_table_c21_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
    )
    if any(table(each) for each in normal for table in prohibited) or not _runs_one_way(normal):
        raise AuthenticationFailed("the user or the password holds a character that SCRAM prohibits", stage="AUTH")
    return normal


def _runs_one_way(text: str) -> bool:
    """RFC 3454, section 6: what runs right to left begins and ends so, and nothing in it runs the other way."""
    import stringprep

    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))


MECHANISMS: Final[dict[str, Callable[[_Login], Mechanism]]] = {
    "SCRAM-SHA-256": _scram_sha_256,
    "CRAM-MD5": _cram_md5,
    "PLAIN": _plain,
    "LOGIN": _login,
    "OAUTHBEARER": _oauthbearer,
    "XOAUTH2": _xoauth2,
}
