"""The server's side of AUTH."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest

from cartero.testing._sasl import MECHANISMS, Dialogue, challenge, decode

USERS = {"ana": "s3cret", "a,b=c": "pwd", "tim": "tanstaaftanstaaf"}


def begun(mechanism: str) -> tuple[Dialogue, bytes]:
    """A dialogue and its first challenge."""
    dialogue = MECHANISMS[mechanism](USERS)
    return dialogue, next(dialogue)


def end(dialogue: Dialogue, response: bytes) -> str:
    """Who it is, after the last response."""
    with pytest.raises(StopIteration) as caught:
        dialogue.send(response)
    name: str = caught.value.value
    return name


class TestPasswords:
    @pytest.mark.parametrize(
        ("response", "user"),
        [
            pytest.param(b"\0tim\0tanstaaftanstaaf", "tim", id="usual-rfc-4616"),
            pytest.param(b"tim\0tim\0tanstaaftanstaaf", "tim", id="odd-on-whose-behalf"),
            pytest.param(b"\0tim\0wrong", "", id="usual-wrong-password"),
            pytest.param(b"\0nobody\0", "", id="usual-nobody"),
            pytest.param(b"", "", id="odd-nothing"),
            pytest.param(b"\0\xff\0\xff", "", id="hostile-octets"),
        ],
    )
    def test_plain(self, response: bytes, user: str) -> None:
        """RFC 4616, section 2: on whose behalf, who, password."""
        dialogue, first = begun("PLAIN")

        assert (first, end(dialogue, response)) == (b"", user)

    def test_login(self) -> None:
        """No standard; two questions."""
        dialogue, first = begun("LOGIN")

        assert first == b"Username:"
        assert dialogue.send(b"ana") == b"Password:"
        assert end(dialogue, b"s3cret") == "ana"

    def test_cram_md5(self) -> None:
        """RFC 2195, section 2: the digest of the challenge, with the password as the key."""
        dialogue, first = begun("CRAM-MD5")

        assert end(dialogue, b"ana " + hmac.new(b"s3cret", first, "md5").hexdigest().encode()) == "ana"

    @pytest.mark.parametrize("response", [b"", b"ana", b"ana 00", b"nobody 00", b"ana \xff"])
    def test_cram_md5_of_someone_else(self, response: bytes) -> None:
        """Whoever has not the password has not the digest."""
        assert end(begun("CRAM-MD5")[0], response) == ""


class TestScram:
    """RFC 5802, section 3, worked out by hand."""

    def _dialogue(self, user: bytes, password: bytes, *, spoil: bytes = b"") -> tuple[Dialogue, bytes, bytes]:
        """The dialogue, its last response, and the server's signature."""
        dialogue, _ = begun("SCRAM-SHA-256")
        bare = b"n=" + user + b",r=mine"
        offer = dialogue.send(b"n,," + bare)
        found = re.fullmatch(rb"r=(mine.+),s=(.+),i=(\d+)", offer)
        assert found is not None
        salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(found[2]), int(found[3]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        without = b"c=biws,r=" + found[1] + spoil
        said = bare + b"," + offer + b"," + without
        signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
        return dialogue, without + b",p=" + base64.b64encode(proof), b"v=" + base64.b64encode(server)

    @pytest.mark.parametrize(
        ("user", "password", "name"),
        [
            pytest.param(b"ana", b"s3cret", "ana", id="usual"),
            pytest.param(b"a=2Cb=3Dc", b"pwd", "a,b=c", id="odd-name"),
        ],
    )
    def test_who_has_the_password(self, user: bytes, password: bytes, name: str) -> None:
        """The server proves in turn that it has it too."""
        dialogue, final, signature = self._dialogue(user, password)

        assert dialogue.send(final) == signature
        assert end(dialogue, b"") == name

    @pytest.mark.parametrize(
        ("user", "password", "spoil"),
        [
            pytest.param(b"ana", b"wrong", b"", id="usual-wrong-password"),
            pytest.param(b"nobody", b"", b"", id="usual-nobody"),
            pytest.param(b"ana", b"s3cret", b"x", id="hostile-other-nonce"),
        ],
    )
    def test_who_has_not(self, user: bytes, password: bytes, spoil: bytes) -> None:
        """Nothing is proved to them."""
        dialogue, final, _ = self._dialogue(user, password, spoil=spoil)

        assert end(dialogue, final) == ""

    @pytest.mark.parametrize("first", [b"", b"p=tls-unique,,n=ana,r=x", b"n,,n=,r=x", b"n,,n=ana"])
    def test_what_is_no_beginning(self, first: bytes) -> None:
        """RFC 5802, section 7: the grammar; channel binding is not offered."""
        assert end(begun("SCRAM-SHA-256")[0], first) == ""


class TestTokens:
    @pytest.mark.parametrize(
        ("mechanism", "response"),
        [
            pytest.param("XOAUTH2", b"user=ana\x01auth=Bearer s3cret\x01\x01", id="usual-xoauth2"),
            pytest.param(
                "OAUTHBEARER",
                b"n,a=ana,\x01host=localhost\x01port=25\x01auth=Bearer s3cret\x01\x01",
                id="usual-oauthbearer",
            ),
        ],
    )
    def test_who_has_the_token(self, mechanism: str, response: bytes) -> None:
        """RFC 7628, section 3.1."""
        assert end(begun(mechanism)[0], response) == "ana"

    @pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
    @pytest.mark.parametrize("response", [b"", b"user=ana\x01auth=Bearer x\x01\x01", b"n,a=ana,\x01auth=Basic x\x01"])
    def test_who_has_not_is_told_why(self, mechanism: str, response: bytes) -> None:
        """RFC 7628, section 3.2.3: JSON in a challenge, an answer that says nothing, and the refusal."""
        dialogue, _ = begun(mechanism)

        assert b'"status":"invalid_token"' in dialogue.send(response)
        assert end(dialogue, b"\x01") == ""


class TestBase64:
    @pytest.mark.parametrize(
        ("text", "octets"),
        [
            pytest.param("AGE=", b"\0a", id="usual"),
            pytest.param("=", b"", id="usual-nothing-said-at-once"),
            pytest.param("", b"", id="usual-nothing"),
            pytest.param("*", None, id="usual-cancelled"),
            pytest.param("A", None, id="hostile-cut"),
            pytest.param("é", None, id="hostile-text"),
        ],
    )
    def test_a_response_is_decoded(self, text: str, octets: bytes | None) -> None:
        """RFC 4954, section 4."""
        assert decode(text) == octets

    def test_a_challenge_is_encoded(self) -> None:
        """RFC 4954, section 4."""
        assert challenge(b"Username:") == b"334 VXNlcm5hbWU6"
