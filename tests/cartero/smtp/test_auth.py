"""Who we are, said in the ways of SASL: the examples of the standards, and what servers do instead."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import AuthenticationFailed
from cartero.smtp import auth
from cartero.testing import _sasl

ROOT = Path(__file__).parents[3]
ALL = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")
TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="  # of RFC 7628
# RFC 7677, section 3
NONCE = "rOprNGfwEbeRWgbNEkqO"
OFFER = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
PROOF = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def begun(mechanism: str, *, user: str = "ana", secret: str = "s3cret") -> auth.Mechanism:
    """A dialogue by *mechanism* that has said its first word."""
    dialogue = auth.start(mechanism, user=user, secret=secret, host="server.example.com", port=587)
    next(dialogue)
    return dialogue


def scram() -> auth.Mechanism:
    """The dialogue of RFC 7677, after its first word."""
    dialogue = auth.scram_sha_256("user", "pencil", nonce=NONCE)
    next(dialogue)
    return dialogue


def test_who_logs_in_is_shown_without_the_secret() -> None:
    """What is shown ends in tracebacks."""
    assert repr(auth._Login("ana", "s3cret", "h", 587)) == "<_Login ana>"


class TestPlain:
    @pytest.mark.parametrize(
        ("user", "secret", "response"),
        [
            pytest.param("tim", "tanstaaftanstaaf", b"\0tim\0tanstaaftanstaaf", id="usual-rfc-4616"),
            pytest.param("jörg", "pässword", "\0jörg\0pässword".encode(), id="odd-not-ascii"),
            pytest.param("ana", "", b"\0ana\0", id="odd-no-password"),
        ],
    )
    def test_all_is_said_at_once(self, user: str, secret: str, response: bytes) -> None:
        """RFC 4616, section 2: on nobody else's behalf, in UTF-8."""
        dialogue = auth.start("PLAIN", user=user, secret=secret)

        assert next(dialogue) == response
        auth.finish(dialogue)

    @pytest.mark.parametrize(("user", "secret"), [("a\0b", "x"), ("a", "x\0y")])
    def test_a_nul_cannot_be_said(self, user: str, secret: str) -> None:
        """RFC 4616, section 2: it would end the one and begin the other."""
        with pytest.raises(AuthenticationFailed, match="PLAIN cannot carry a NUL"):
            next(auth.start("PLAIN", user=user, secret=secret))


class TestLogin:
    @pytest.mark.parametrize("asked", [(b"Username:", b"Password:"), (b"User Name\0", b"Password\0"), (b"", b"")])
    def test_two_questions_are_answered_whatever_their_words_are(self, asked: tuple[bytes, bytes]) -> None:
        """Servers ask in many."""
        dialogue = auth.start("LOGIN", user="ana", secret="s3cret")

        assert [next(dialogue), *map(dialogue.send, asked)] == [None, b"ana", b"s3cret"]
        auth.finish(dialogue)


class TestCramMD5:
    def test_the_example(self) -> None:
        """RFC 2195, section 2."""
        dialogue = auth.start("CRAM-MD5", user="tim", secret="tanstaaftanstaaf")

        assert next(dialogue) is None
        assert dialogue.send(b"<1896.697170952@postoffice.reston.mci.net>") == b"tim b913a602c7eda7a495b4e6e7334d3890"
        auth.finish(dialogue)


class TestScram:
    def test_the_example(self) -> None:
        """RFC 7677, section 3."""
        dialogue = auth.scram_sha_256("user", "pencil", nonce=NONCE)

        assert next(dialogue) == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
        assert dialogue.send(OFFER) == FINAL
        assert dialogue.send(PROOF) == b""
        auth.finish(dialogue)

    def test_each_has_a_nonce_of_its_own(self) -> None:
        """RFC 5802, section 5.1: one that cannot be foreseen."""
        first, second = (next(auth.start("SCRAM-SHA-256", user="ana", secret="x")) for _ in range(2))

        assert first is not None
        assert first.startswith(b"n,,n=ana,r=")
        assert first != second

    def test_a_user_with_a_comma(self) -> None:
        """RFC 5802, section 5.1: it would end the attribute."""
        assert next(auth.scram_sha_256("a,b=c", "x", nonce="n")) == b"n,,n=a=2Cb=3Dc,r=n"

    @pytest.mark.parametrize(
        ("offer", "problem"),
        [
            pytest.param(b"", "expected r=, s= and i=", id="hostile-nothing"),
            pytest.param(b"e=other-error", "expected r=, s= and i=", id="odd-error-at-once"),
            pytest.param(b"m=x," + OFFER, "expected r=, s= and i=", id="odd-extension-that-must-be-known"),
            pytest.param(OFFER[:-7], "expected r=, s= and i=", id="hostile-no-iterations"),
            pytest.param(OFFER.replace(b"4096", b"-1"), "expected r=, s= and i=", id="hostile-less-than-none"),
            pytest.param(OFFER.replace(b"4096", b"1"), "expected 4096 to 2000000 .* found 1 ", id="hostile-too-few"),
            pytest.param(
                OFFER.replace(b"4096", b"9999999999"), "expected 4096 to 2000000 .* found 9999999999", id="hostile-busy"
            ),
            pytest.param(OFFER.replace(b"4096", b"9" * 5000), "expected r=, s= and i=", id="hostile-long-number"),
            pytest.param(OFFER.replace(b"rOpr", b"xOpr"), "nonce .* is not made from ours", id="hostile-other-nonce"),
            pytest.param(
                b"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "is not made from ours",
                id="hostile-ours-alone",
            ),
            pytest.param(OFFER.replace(b"==", b"="), "expected a salt in base64", id="hostile-salt"),
        ],
    )
    def test_an_offer_that_will_not_do(self, offer: bytes, problem: str) -> None:
        """RFC 5802, section 5.1, and RFC 7677, section 4."""
        with pytest.raises(AuthenticationFailed, match=problem):
            scram().send(offer)

    def test_an_extension_that_need_not_be_known(self) -> None:
        """RFC 5802, section 5.1: it is signed, and otherwise ignored."""
        response = scram().send(OFFER + b",x=later")

        assert response is not None
        assert response.startswith(FINAL[:60])
        assert response != FINAL

    @pytest.mark.parametrize(
        ("final", "problem"),
        [
            pytest.param(b"v=AAAA", "has not proved that it knows the password", id="hostile-wrong"),
            pytest.param(b"", "has not proved that it knows the password", id="hostile-nothing"),
            pytest.param(b"e=invalid-proof", "the server refuses: invalid-proof", id="usual-error"),
            pytest.param(b"e=a\r\nb\xff", "the server refuses: a b", id="hostile-error"),
        ],
    )
    def test_a_server_that_proves_nothing(self, final: bytes, problem: str) -> None:
        """RFC 5802, section 3: the client checks the server's signature."""
        dialogue = scram()
        dialogue.send(OFFER)

        with pytest.raises(AuthenticationFailed, match=problem):
            dialogue.send(final)

    def test_a_server_that_lets_us_in_unproved(self) -> None:
        """It is not the one that knows the password."""
        dialogue = scram()
        dialogue.send(OFFER)

        with pytest.raises(AuthenticationFailed, match="lets us in before it has asked"):
            auth.finish(dialogue)

    def test_a_proof_with_more_behind_it(self) -> None:
        """RFC 5802, section 7: extensions may follow."""
        dialogue = scram()
        dialogue.send(OFFER)

        assert dialogue.send(PROOF + b",x=y") == b""


class TestTokens:
    def test_xoauth2(self) -> None:
        """As Google and Microsoft have it."""
        dialogue = auth.start("XOAUTH2", user="ana@example.org", secret=TOKEN)

        assert next(dialogue) == f"user=ana@example.org\1auth=Bearer {TOKEN}\1\1".encode()
        auth.finish(dialogue)

    def test_oauthbearer(self) -> None:
        """RFC 7628, section 4.1, its example."""
        dialogue = auth.start("OAUTHBEARER", user="user@example.com", secret=TOKEN, host="server.example.com", port=143)

        assert next(dialogue) == (
            f"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer {TOKEN}\1\1".encode()
        )
        auth.finish(dialogue)

    @pytest.mark.parametrize(("mechanism", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\1")])
    def test_a_failure_is_answered_and_explains_itself(self, mechanism: str, answer: bytes) -> None:
        """RFC 7628, sections 3.2.3 and 4.3: JSON in a challenge; then the server refuses."""
        challenge = b'{"status":"invalid_token","scope":"example_scope"}'

        assert begun(mechanism).send(challenge) == answer
        assert auth.explain(mechanism, challenge) == '{"status":"invalid_token","scope":"example_scope"}'

    def test_an_explanation_is_one_line(self) -> None:
        """Of so many characters, whatever the server says."""
        assert auth.explain("XOAUTH2", b"a\r\n\x1b[2J" + b"x" * 1000) == ("a \\x1b[2J" + "x" * 1000)[:500]

    def test_others_explain_nothing(self) -> None:
        """Their challenges are questions."""
        assert auth.explain("LOGIN", b"Password:") == ""

    @pytest.mark.parametrize(
        ("token", "found"),
        [
            pytest.param("abc\n", r"U\+000A at 3", id="usual-line-end"),
            pytest.param("", "nothing", id="usual-none"),
            pytest.param("a b", r"U\+0020 at 1", id="odd-space"),
            pytest.param("a\1host=evil", r"U\+0001 at 1", id="hostile-another-attribute"),
            pytest.param("tokén", r"U\+00E9 at 3", id="odd-not-ascii"),
        ],
    )
    @pytest.mark.parametrize("mechanism", sorted(auth.TOKEN_MECHANISMS))
    def test_what_is_no_token(self, mechanism: str, token: str, found: str) -> None:
        """RFC 6750, section 2.1; the error does not show it."""
        with pytest.raises(
            AuthenticationFailed, match=f"expected a token of ASCII without spaces, found.*{found}"
        ) as caught:
            begun(mechanism, secret=token)

        assert not token.strip() or token.strip() not in str(caught.value)


class TestWrongOrder:
    @pytest.mark.parametrize("mechanism", ["LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
    def test_a_server_that_asks_nothing(self, mechanism: str) -> None:
        """Who lets everybody in lets nobody in."""
        with pytest.raises(AuthenticationFailed, match="lets us in before it has asked who we are"):
            auth.finish(begun(mechanism))

    @pytest.mark.parametrize(
        ("mechanism", "challenges"),
        [
            pytest.param("PLAIN", [b"more?"], id="plain"),
            pytest.param("LOGIN", [b"", b"", b"more?"], id="login"),
            pytest.param("CRAM-MD5", [b"<1>", b"more?"], id="cram-md5"),
            pytest.param("XOAUTH2", [b"{}", b"more?"], id="xoauth2"),
            pytest.param("OAUTHBEARER", [b"{}", b"more?"], id="oauthbearer"),
        ],
    )
    def test_a_server_that_asks_more(self, mechanism: str, challenges: list[bytes]) -> None:
        """There is nothing to be said."""
        dialogue = begun(mechanism)

        with pytest.raises(AuthenticationFailed, match="expected the end of the dialogue, found another challenge"):
            list(map(dialogue.send, challenges))

    def test_a_server_that_asks_more_behind_its_proof(self) -> None:
        """SCRAM has an end."""
        dialogue = scram()
        dialogue.send(OFFER)
        dialogue.send(PROOF)

        with pytest.raises(AuthenticationFailed, match="found another challenge"):
            dialogue.send(b"more?")


class TestOctets:
    @pytest.mark.parametrize("mechanism", ALL)
    def test_what_is_no_character_cannot_be_said(self, mechanism: str) -> None:
        """A name or a password from the environment may hold octets that are no UTF-8."""
        dialogue = auth.start(mechanism, user="ana\udcff", secret="s3cret")

        with pytest.raises(AuthenticationFailed, match=r"holds (a|what is no) character") as caught:
            next(dialogue) is not None or [dialogue.send(b"x"), dialogue.send(b"y")]

        assert caught.value.__cause__ is None


class TestPrepared:
    @pytest.mark.parametrize(
        ("text", "prepared"),
        [
            pytest.param("user", "user", id="usual-as-it-is"),
            pytest.param("USER", "USER", id="usual-case-stays"),
            pytest.param("I\xadX", "IX", id="usual-soft-hyphen"),
            pytest.param("\xaa", "a", id="usual-compatible"),
            pytest.param("\u2168", "IX", id="usual-roman-nine"),
            pytest.param("a\xa0b", "a b", id="usual-space"),
            pytest.param("e\u0301", "é", id="usual-composed"),
            pytest.param("\u0627\u0628", "\u0627\u0628", id="odd-right-to-left"),
            pytest.param("", "", id="odd-nothing"),
        ],
    )
    def test_a_password_is_the_same_however_it_was_typed(self, text: str, prepared: str) -> None:
        """RFC 4013, section 3, its examples among them."""
        assert auth.prepared(text) == prepared

    @pytest.mark.parametrize("text", ["\7", "\u0627\x31", "\u0627a\u0628", "a\u0627", "\ue000", "\ud800"])
    def test_what_is_prohibited(self, text: str) -> None:
        """RFC 4013, sections 2.3 and 2.4; RFC 3454, section 6."""
        with pytest.raises(AuthenticationFailed, match="holds a character that SCRAM prohibits"):
            auth.prepared(text)


class TestChoice:
    @pytest.mark.parametrize(
        ("offered", "options", "chosen"),
        [
            pytest.param(ALL, {"has_password": True}, "SCRAM-SHA-256", id="usual-best-with-a-password"),
            pytest.param(ALL[:3], {"has_password": True}, "CRAM-MD5", id="usual-second"),
            pytest.param(ALL[:2], {"has_password": True}, "PLAIN", id="usual-third"),
            pytest.param(ALL[1:2], {"has_password": True}, "LOGIN", id="usual-last"),
            pytest.param(ALL, {"has_token": True}, "OAUTHBEARER", id="usual-best-with-a-token"),
            pytest.param(ALL[:5], {"has_token": True}, "XOAUTH2", id="usual-second-with-a-token"),
            pytest.param(ALL, {"has_token": True, "has_password": True}, "OAUTHBEARER", id="odd-both"),
            pytest.param(ALL[:3], {"has_token": True, "has_password": True}, "CRAM-MD5", id="odd-both-one-offered"),
            pytest.param(ALL, {"has_password": True, "encrypted": False}, "SCRAM-SHA-256", id="usual-in-clear"),
            pytest.param(
                ALL[:2], {"has_password": True, "encrypted": False, "wanted": "plain"}, "PLAIN", id="odd-wanted"
            ),
            pytest.param(["plain"], {"has_password": True}, "PLAIN", id="odd-small-letters"),
        ],
    )
    def test_the_best_that_both_sides_have(self, offered: list[str], options: dict[str, Any], chosen: str) -> None:
        """What keeps the secret comes before what says it."""
        given = {"has_password": False, "has_token": False, "encrypted": True, **options}

        assert auth.choose(offered, **given) == chosen

    @pytest.mark.parametrize(
        ("offered", "options", "problem"),
        [
            pytest.param(
                ["NTLM", "GSSAPI"],
                {"has_password": True},
                "no mechanism will do: expected one of SCRAM-SHA-256, CRAM-MD5, PLAIN, LOGIN;"
                " the server offers GSSAPI, NTLM",
                id="usual-none-in-common",
            ),
            pytest.param(
                [],
                {"has_token": True},
                "no mechanism will do: expected one of OAUTHBEARER, XOAUTH2; the server offers none",
                id="usual-none",
            ),
            pytest.param(
                ALL[:1],
                {},
                "no mechanism will do: expected a password or a token; the server offers PLAIN",
                id="usual-no-secret",
            ),
            pytest.param(
                ["LOGIN", "PLAIN"],
                {"has_password": True, "encrypted": False},
                "the connection is not encrypted, and PLAIN would show the secret to others; use TLS,"
                " or ask for the mechanism by its name (the server offers LOGIN, PLAIN)",
                id="hostile-in-clear",
            ),
            pytest.param(
                ["XOAUTH2"],
                {"has_token": True, "encrypted": False},
                "the connection is not encrypted, and XOAUTH2 would show the secret to others; use TLS,"
                " or ask for the mechanism by its name (the server offers XOAUTH2)",
                id="hostile-token-in-clear",
            ),
            pytest.param(
                ["LOGIN"],
                {"has_password": True, "wanted": "plain"},
                "expected the mechanism PLAIN; the server offers LOGIN",
                id="usual-wanted-and-not-offered",
            ),
            pytest.param(
                ["NTLM"],
                {"has_password": True, "wanted": "NTLM"},
                "expected the mechanism NTLM; the server offers NTLM",
                id="odd-wanted-and-not-known",
            ),
        ],
    )
    def test_none_will_do(self, offered: list[str], options: dict[str, Any], problem: str) -> None:
        """The error says what there is, and what to do."""
        given = {"has_password": False, "has_token": False, "encrypted": True, **options}

        with pytest.raises(AuthenticationFailed) as caught:
            auth.choose(offered, **given)

        assert caught.value.args == (problem,)
        assert caught.value.stage == "AUTH"


def _agree(mechanism: str, user: str, secret: str) -> str:
    """Whom the scripted server lets in, when our side speaks to it."""
    ours = auth.start(mechanism, user=user, secret=secret, host="x", port=1)
    theirs = _sasl.MECHANISMS[mechanism]({user: secret})
    first, challenge = next(ours), next(theirs)
    response = first if first is not None else ours.send(challenge)
    while True:
        assert response is not None
        try:
            challenge = theirs.send(response)
        except StopIteration as end:
            auth.finish(ours)
            name: str = end.value
            return name
        response = ours.send(challenge)


_NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2"])
@given(user=_NAMES, secret=_NAMES)
def test_the_scripted_servers_side_agrees(mechanism: str, user: str, secret: str) -> None:
    """Two sides that were written apart."""
    assert _agree(mechanism, user, secret) == user


@given(st.lists(st.binary(max_size=60), max_size=4), st.sampled_from(ALL))
def test_no_challenge_raises_anything_else(challenges: list[bytes], mechanism: str) -> None:
    """Whatever a server says is answered, or is an `AuthenticationFailed`."""
    dialogue = begun(mechanism)
    try:
        for challenge in challenges:
            dialogue.send(challenge)
        auth.finish(dialogue)
    except AuthenticationFailed as error:
        assert "s3cret" not in str(error)  # noqa: PT017 - it need not be raised


def test_a_dialogue_is_closed_that_has_more_to_say() -> None:
    """The end comes from the server."""

    def endless() -> auth.Mechanism:
        while True:
            yield b""

    dialogue = endless()
    next(dialogue)

    with pytest.raises(AuthenticationFailed, match="ended the dialogue before its time"):
        auth.finish(dialogue)


@pytest.mark.parametrize("name", ["hashlib", "hmac", "secrets", "stringprep"])
def test_what_few_need_is_not_imported(name: str) -> None:
    """A command's start is most of its cost."""
    script = f"import sys; import cartero.smtp.auth; sys.exit({name!r} in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"], check=False
    )

    assert done.returncode == 0


def test_base64_is_the_callers() -> None:
    """A response is octets as the mechanism has them."""
    assert base64.b64encode(next(auth.start("PLAIN", user="a", secret="b")) or b"") == b"AGEAYg=="
