"""The key that mail is signed with: read from what people have, and never shown."""

from __future__ import annotations

import copy
import pickle
import sys
import traceback
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cartero import BadKey
from cartero.senders._signingkey import SigningKey

RSA = rsa.generate_private_key(65537, 2048)
# RFC 8463, appendix A.2
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))

SHORT = """\
-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEA5OTKNpPzMelvruts
ybuvmTcUT7sxDONMkyojfdI5bQJVJ/KBp/2ClTTMvCBhZkAwKQoWduWBicre68d3
zBotiQIDAQABAkEAxxkzw5Gh4vJ4kSB7OmalcZJ1en0LR3iXbRMkWBd6mBPgAfqK
bVkPxGMFVtm4Esxg7qfLr/jNr0JfHJCexMYGmQIhAPobL7yBiOkW5jZGD6N8oea8
axNLYMQ/5pzw5RRn+oDvAiEA6kmikc/5jEHSa2nT7IPrK3UUFbfFhktoxO9qiHFL
yQcCIBiXi74RTpD8u24ivW7p1lGFvVGMW9twHRDZbuzuvGbpAiA7hZ2hwd66fXaC
B47pxdIXZlVF9zxdlAb4EYNVSsNgPQIhAK9KfnEcfK+r4iKlnzg/MfBb9SUo9D7n
CDzYLT08sYOg
-----END PRIVATE KEY-----
"""


def pem(
    key: Any = RSA, *, form: PrivateFormat = PrivateFormat.PKCS8, lock: KeySerializationEncryption | None = None
) -> bytes:
    """*key* in PEM."""
    octets: bytes = key.private_bytes(Encoding.PEM, form, lock or NoEncryption())
    return octets


class TestReading:
    @pytest.mark.parametrize(
        "given",
        [
            pytest.param(RSA, id="usual-loaded"),
            pytest.param(pem(), id="usual-octets"),
            pytest.param(pem().decode(), id="usual-text"),
            pytest.param(pem(form=PrivateFormat.TraditionalOpenSSL), id="usual-pkcs1"),
            pytest.param("# my key\n" + pem().decode(), id="odd-with-a-comment"),
            pytest.param(pem().replace(b"\n", b"\r\n"), id="odd-crlf"),
        ],
    )
    def test_a_key_is_given_in_many_forms(self, given: Any) -> None:
        """PEM as text or octets, or a key of cryptography."""
        key = SigningKey(given)

        assert (key.algorithm, key.signature_size) == ("rsa-sha256", 256)
        assert key.sign(b"x") == SigningKey(RSA).sign(b"x")

    @pytest.mark.parametrize("as_text", [True, False])
    def test_a_key_is_read_from_a_file(self, tmp_path: Path, *, as_text: bool) -> None:
        """By its path, as a str or not."""
        path = tmp_path / "dkim.pem"
        path.write_bytes(pem(ED25519))

        assert SigningKey(str(path) if as_text else path).algorithm == "ed25519-sha256"

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            pytest.param(b"", "in PEM, beginning with -----BEGIN", id="usual-nothing"),
            pytest.param(pem()[:200], "one that cannot be read", id="usual-cut-short"),
            pytest.param(
                RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
                "one that cannot be read",
                id="usual-public",
            ),
            pytest.param(pem(lock=BestAvailableEncryption(b"secret")), "the key is encrypted", id="usual-encrypted"),
            pytest.param(
                ec.generate_private_key(ec.SECP256R1()), "RSA or Ed25519, found ECPrivateKey", id="odd-other-kind"
            ),
            pytest.param(RSA.public_key(), "RSA or Ed25519, found RSAPublicKey", id="odd-public-loaded"),
            pytest.param(None, "RSA or Ed25519, found NoneType", id="odd-none"),
            pytest.param(bytearray(b"x"), "RSA or Ed25519, found bytearray", id="odd-bytearray"),
            pytest.param("no-such-folder/dkim.pem", "key file no-such-folder/dkim.pem: No such", id="usual-no-file"),
            pytest.param("a\0b", "embedded null byte", id="hostile-nul"),
            pytest.param("two\nlines", "beginning with -----BEGIN", id="odd-lines"),
            pytest.param("-----BEGIN \udc80", "one that cannot be read", id="hostile-surrogate"),
        ],
    )
    def test_what_is_no_key_is_refused(self, given: Any, problem: str) -> None:
        """The text says what was expected and what was found."""
        with pytest.raises(BadKey, match=problem):
            SigningKey(given)

    def test_a_short_rsa_key_is_refused(self) -> None:
        """RFC 8301, section 3.2: signers use keys of at least 1024 bits."""
        with pytest.raises(BadKey, match="expected an RSA key of 1024 bits or more, found one of 512"):
            SigningKey(SHORT)


class TestSecrecy:
    @pytest.mark.parametrize(
        "secret",
        [
            pytest.param("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", id="usual-base64"),
            pytest.param("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", id="usual-hexadecimal"),
        ],
    )
    def test_a_key_that_is_taken_for_a_path_is_not_shown(self, secret: str) -> None:
        """Neither in the text nor in the traceback of the cause."""
        with pytest.raises(BadKey, match="found neither") as caught:
            SigningKey(secret)

        caught.value.__traceback__ = None
        assert secret not in "".join(traceback.format_exception(caught.value))

    def test_it_is_not_pickled_or_copied(self) -> None:
        """What is pickled is stored and sent around."""
        for attempt in (pickle.dumps, copy.deepcopy, copy.copy):
            with pytest.raises(TypeError, match="a private key is not pickled or copied"):
                attempt(SigningKey(ED25519))

    def test_its_repr_shows_nothing(self) -> None:
        """Debuggers and logs show what objects say of themselves."""
        assert "Key object" in repr(SigningKey(ED25519))


class TestRecord:
    def test_the_public_key_of_rfc_8463(self) -> None:
        """RFC 8463, appendix A.2."""
        assert SigningKey(ED25519).record == "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    def test_an_rsa_key_is_its_public_key_info(self) -> None:
        """RFC 6376, section 3.6.1; what ``openssl pkey -pubout`` prints between its dashes."""
        public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

        assert SigningKey(RSA).record == "k=rsa; p=" + "".join(public.splitlines()[1:-1])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)

    with pytest.raises(BadKey, match=r"pip install 'cartero-mail\[dkim\]'"):
        SigningKey(pem())
